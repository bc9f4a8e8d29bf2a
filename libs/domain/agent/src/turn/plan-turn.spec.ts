import { describe, expect, it } from '@jest/globals';
import type { ProposedDraft } from '@parley/contracts';
import { compileDefinition } from '@parley/dsl';
import { clinic, clinicPeople } from '../../test/businesses/clinic.js';
import { planTurn } from './plan-turn.js';
import type { PlannerReply, PlannerTurn } from './turn.js';

const context = { catalogue: clinic, directory: clinicPeople, timezone: 'Europe/Zurich' };
const say = (turn: PlannerTurn) => planTurn(turn, context);

function draftOf(reply: PlannerReply): ProposedDraft {
  if (reply.draft === undefined) throw new Error(`no draft: ${reply.reply}`);
  return reply.draft;
}

const open = ({ questions }: ProposedDraft) =>
  questions.filter(({ answer }) => answer === undefined);

describe('without connectors', () => {
  const reply = planTurn({ text: 'anything' }, { ...context, catalogue: { connectors: [] } });

  it('says what it is', () => {
    expect(reply.reply).toContain('offline planner');
    expect(reply.reply).toContain('no language model is configured');
  });

  it('offers the demo and an import, and makes no draft', () => {
    expect(reply.suggestions.map(({ action }) => action)).toEqual(['load-demo', 'import-openapi']);
    expect(reply.draft).toBeUndefined();
  });
});

describe('a new draft', () => {
  const text =
    'Every weekday at 9, list the open invoices and send a payment reminder for each of them';
  const reply = say({ text });

  it('is the same for the same turn', () => {
    expect(say({ text })).toEqual(reply);
  });

  it('says how it starts and in which zone', () => {
    expect(reply.reply).toContain('every weekday at 09:00 (Europe/Zurich)');
    const { ir } = compileDefinition(draftOf(reply).source, { catalogue: clinic });
    expect(ir?.schedule?.cron).toBe('0 9 * * 1-5');
    expect(ir?.timezone).toBe('Europe/Zurich');
  });

  it('says what it is meant for, and that events do not start it', () => {
    const { reply: said } = say({ text: 'When an appointment is booked, get the patient' });
    expect(said).toContain(
      'Here is a draft. Runs start by hand or by a call of the API; this one is meant for: when an appointment is booked.',
    );
  });

  it('is not made of what asks for nothing', () => {
    const nothing = say({ text: 'hello there' });
    expect(nothing.reply).toContain('did not find anything to do');
    expect(nothing.draft).toBeUndefined();
  });
});

describe('questions', () => {
  const first = draftOf(
    say({ text: 'Ask the boss to approve, send a fax to the insurer and order a lab test' }),
  );

  it('are numbered and hold the draft back, which compiles all the same', () => {
    expect(open(first).map(({ number, blocking }) => [number, blocking])).toEqual([
      [1, true],
      [2, true],
      [3, true],
    ]);
    expect(compileDefinition(first.source, { catalogue: clinic }).valid).toBe(true);
  });

  it('offer what there is', () => {
    const [who] = open(first);
    expect(who?.options.map(({ value }) => value)).toEqual(
      expect.arrayContaining(['role:head-vet', 'member:mem_tom']),
    );
  });

  it('keep their numbers when one is answered by a chip', () => {
    const next = draftOf(
      say({ text: 'blood', answers: [{ question: 3, value: 'blood' }], draft: first }),
    );
    expect(open(next).map(({ number }) => number)).toEqual([1, 2]);
    expect(next.questions.find(({ number }) => number === 3)?.answer).toBe('blood');
    expect(next.source).toContain('panel: blood');
  });

  it('are answered by a label, a position or a number with it', () => {
    expect(draftOf(say({ text: 'Maya Lindqvist', draft: first })).source).toContain(
      'member: mem_maya',
    );
    expect(draftOf(say({ text: '3: the first one', draft: first })).source).toContain(
      'panel: blood',
    );
    const without = draftOf(say({ text: '2: leave this step out', draft: first })).source;
    expect(without).not.toContain('sendFax');
  });

  it('are not answered by what is not among the options', () => {
    const next = say({ text: '', answers: [{ question: 3, value: 'x-ray' }], draft: first });
    expect((next.draft ?? first).source).not.toContain('x-ray');
  });

  it('take their answers also after an edit, and after a change by hand', () => {
    const edited = draftOf(say({ text: 'also add a note to the patient "Tested"', draft: first }));
    expect(open(edited).map(({ number }) => number)).toEqual([1, 2, 3]);
    const answered = draftOf(say({ text: '1: Tom', draft: edited }));
    expect(answered.source).toContain('member: mem_tom');
    expect(answered.source).toContain('text: Tested');
    const byHand = {
      ...first,
      source: first.source.replace('do:\n', 'do:\n  # checked by hand\n'),
    };
    const late = draftOf(say({ text: '1: Tom', draft: byHand }));
    expect(late.source).toContain('# checked by hand');
    expect(late.source).toContain('member: mem_tom');
    expect(open(late).map(({ number }) => number)).toEqual([2, 3]);
  });

  it('stay when the draft was changed by hand before the next request', () => {
    const byHand = { ...first, source: first.source.replace('do:\n', 'do:\n  # by hand\n') };
    const next = draftOf(say({ text: 'also check the insurance', draft: byHand }));
    expect(open(next).map(({ number }) => number)).toEqual([1, 2, 3]);
    const answered = draftOf(say({ text: '3: urine', draft: next }));
    expect(answered.source).toContain('panel: urine');
    expect(open(answered).map(({ number }) => number)).toEqual([1, 2]);
  });

  it('go with the step that they are about', () => {
    const next = draftOf(say({ text: 'remove the fax', draft: first }));
    expect(next.source).not.toContain('sendFax');
    expect(open(next).map(({ number }) => number)).toEqual([1, 3]);
  });
});

describe('an edit', () => {
  const draft = draftOf(
    say({ text: 'Check the patient in, check the insurance and create an invoice' }),
  );

  it('leaves comments and everything it is not about as they were', () => {
    const commented = {
      ...draft,
      source: draft.source.replace('- checkInsurance:', '# asked by phone\n  - checkInsurance:'),
    };
    const edited = draftOf(say({ text: 'remove the invoice', draft: commented })).source;
    const until = commented.source.indexOf('  - createInvoice:');
    expect(edited.slice(edited.indexOf('do:\n'))).toBe(
      commented.source.slice(commented.source.indexOf('do:\n'), until),
    );
  });

  it('that is not understood changes nothing and says so', () => {
    const reply = say({ text: 'make it nicer somehow', draft });
    expect(reply.draft).toBeUndefined();
    expect(reply.reply).toContain('the draft is as it was');
  });

  it('is told from the difference', () => {
    expect(say({ text: 'rename the workflow to Front desk', draft }).reply).toContain(
      '"Front desk"',
    );
  });

  it('gives way to a new request', () => {
    const fresh = draftOf(say({ text: 'Start over: get the owner', draft }));
    expect(fresh.source).not.toContain('createInvoice');
  });
});

describe('a failed run', () => {
  const draft = draftOf(say({ text: 'Get the patient and create an invoice' }));
  const run = {
    id: 'run_1',
    status: 'failed',
    failedStep: 'do/createInvoice',
    error: { type: 'about:blank', title: 'Time-out' },
  };

  it('is explained, with a change that can be made', () => {
    const { reply, suggestions } = say({ text: 'why did this fail?', draft, run });
    expect(reply).toContain('The run failed in the step "createInvoice": Time-out');
    const retried = draftOf(say({ text: suggestions[0]?.text ?? '', draft, run }));
    expect(retried.source).toContain('count: 3');
  });
});

describe('a question about the draft', () => {
  const text =
    'Every weekday at 9, list the open invoices. For each of them, if the total is above 200, ask the head vet to approve. Then wait 10 minutes and send a fax to the insurer';
  const draft = draftOf(say({ text }));

  it.each([
    'what does this do?',
    'What does it do with the invoices?',
    'why is the head vet asked?',
    'how does it know the total?',
    'Who approves?',
    'when does it run?',
    'which steps send something to the insurer?',
    'ok, where does the fax go?',
    'does it wait?',
    'explain this workflow',
  ])('"%s" is answered and changes nothing', (asked) => {
    const { reply, draft: changed } = say({ text: asked, draft });
    expect(changed).toBeUndefined();
    expect(reply).toContain('starts by itself: every weekday at 09:00 (Europe/Zurich)');
    expect(reply).toContain('Nothing was changed. You can ask me');
    for (const { number, text: still } of open(draft))
      expect(reply).toContain(`${number}. ${still}`);
  });

  it('lists the steps as the first reply does', () => {
    const lines = (reply: string) =>
      reply.split('\n').filter((line) => /^ *(?:\d+\.|-) \*\*/.test(line));
    for (const request of [
      text,
      'Check the insurance; if the patient is insured create an invoice, otherwise get the owner',
      'Get the patient and at the same time get the owner, then create an invoice, retry it 3 times',
    ]) {
      const first = say({ text: request });
      const { reply } = say({ text: 'what does this do?', draft: draftOf(first) });
      expect(lines(reply)).not.toEqual([]);
      expect(lines(reply)).toEqual(lines(first.reply));
    }
  });

  it('tells a draft without a schedule from one with', () => {
    const plain = draftOf(say({ text: 'Get the patient and create an invoice' }));
    const { reply } = say({ text: 'when does it start?', draft: plain });
    expect(reply).toContain('is started by a person or by a call of the API');
  });

  it('says that a schedule gives no input to a draft that needs some', () => {
    const needy = draftOf(say({ text: 'When an appointment is booked, get the owner' }));
    expect(needy.source).toContain('required:');
    const scheduled = say({ text: 'Also run it every weekday at 9.', draft: needy });
    const { reply, suggestions } = scheduled;
    expect(reply).toMatch(
      /The schedule cannot start a run: .* cannot be approved .* "remove the schedule"/,
    );
    const [removing] = suggestions;
    const { text = '' } = removing ?? {};
    const after = say({ text, draft: draftOf(scheduled) });
    expect(after.reply).not.toContain('cannot start');
    expect(draftOf(after).source).not.toContain('schedule:');
  });

  it('says intervals as the first reply does', () => {
    for (const every of ['every minute', 'every 15 minutes']) {
      const first = say({ text: `${every}, get the owner` });
      const { reply } = say({ text: 'what does this do?', draft: draftOf(first) });
      for (const said of [first.reply, reply]) expect(said).toContain(`by itself: ${every}`);
    }
  });

  it('is not a request that begins like one', () => {
    const asked =
      'When an appointment is booked, get the patient and send a text to the owner, ok?';
    expect(say({ text: asked, draft }).draft?.source).toContain('getPatient');
  });
});

describe('a schedule that is to stop', () => {
  const scheduled = draftOf(
    say({ text: 'Every minute, get the owner and send a fax to the insurer' }),
  );
  const plain = draftOf(say({ text: 'Get the owner and create an invoice' }));
  const words = [
    'stop it',
    'Please pause this workflow.',
    'stop the schedule',
    'remove the schedule',
    'do not run it every minute any more',
    "don't run this automatically",
    'it should not run every minute any more',
    'stop running it every minute',
    'run it only by hand',
    'run it only manually',
    'only run it by hand, do not run it every minute',
    'turn it off',
    'can you turn off the workflow?',
  ];

  it.each(words)('"%s" takes the schedule away and nothing else', (text) => {
    expect(open(scheduled).length).toBeGreaterThan(0);
    const { reply, draft } = say({ text, draft: scheduled });
    const without = scheduled.source.replace(/^schedule:\n(?: .*\n)+/m, '');
    expect(without).not.toBe(scheduled.source);
    expect(draft?.source).toBe(without);
    expect(draft?.questions.length).toBe(scheduled.questions.length);
    expect(reply).toContain('runs are started by a person or by a call of the API');
    expect(reply).toContain('takes effect when the draft is approved');
  });

  it.each(words)('"%s" finds no schedule', (text) => {
    const { reply, draft } = say({ text, draft: plain });
    expect(draft).toBeUndefined();
    expect(reply).toContain('The draft has no schedule: it runs only when somebody starts it');
  });

  it('is changed where other times are said', () => {
    for (const text of [
      'do not run it every minute but every hour',
      "don't run it every minute, run it every hour",
    ]) {
      expect(draftOf(say({ text, draft: scheduled })).source).toContain('hours: 1');
    }
  });

  it('is not set to the times that are ruled out', () => {
    const { draft } = say({ text: 'do not run it on weekends', draft: scheduled });
    expect((draft ?? scheduled).source).toContain('minutes: 1');
  });

  it('may stop along with other changes', () => {
    for (const before of [scheduled, plain]) {
      const text = 'stop the schedule and also remove the owner';
      const { source } = draftOf(say({ text, draft: before }));
      expect(source).not.toContain('schedule:');
      expect(source).not.toContain('getOwner');
    }
  });
});

describe('a draft with a step that this version does not run', () => {
  const plain = draftOf(say({ text: 'get the owner' }));
  const source = `${plain.source}  - box:\n      run: { script: { language: python, code: pass } }\n`;
  const draft = { ...plain, source };

  it('is not handed over without a word', () => {
    const { reply } = say({ text: 'also get the patient', draft });
    expect(reply).toMatch(/cannot be approved as it is[^]*- line \d+: `run: script in "python"`$/);
    expect(say({ text: 'also get the patient', draft: plain }).reply).not.toContain('approved as');
  });

  it('is fine again without it', () => {
    const { reply, draft: mended } = say({ text: 'remove the step box', draft });
    expect(mended?.source).toBe(plain.source);
    expect(reply).not.toContain('cannot be approved as it is');
  });
});

describe('a draft that cannot be read', () => {
  const draft = draftOf(
    say({ text: 'Every weekday at 9, get the owner and send a fax to the insurer' }),
  );
  const lines = draft.source.split('\n');
  const at = lines.findIndex((line) => line.startsWith('do:'));
  const broken = { ...draft, source: lines.with(at, 'do: [').join('\n') };
  const listed = { ...draft, source: '- get the owner\n' };
  const doubled = { ...draft, source: `${draft.source}do: []\n` };

  it.each(['also create an invoice', 'what does this do?', 'stop it', '1: o-17', 'hello'])(
    '"%s" is told of the error',
    (text) => {
      const { reply, draft: changed } = say({ text, draft: broken });
      expect(changed).toBeUndefined();
      expect(reply).toMatch(
        /The draft has an error at line \d+: [^\n]*[^.]\. Mend it in the YAML tab/,
      );
      expect(reply).toContain('(or restore an earlier revision) first.');
      expect(reply).not.toContain('could not tell what to change');
    },
  );

  it('is told of the line', () => {
    const { reply } = say({ text: 'remove the fax', draft: doubled });
    const last = doubled.source.split('\n').length - 1;
    expect(reply).toContain(`at line ${last}: The key "do" occurs twice. Mend`);
    expect(say({ text: 'remove the fax', draft: listed }).reply).toContain('at line 1: ');
  });

  it('can be given up', () => {
    const fresh = draftOf(say({ text: 'Start over: get the patient', draft: broken }));
    expect(fresh.source).toContain('getPatient');
  });
});
