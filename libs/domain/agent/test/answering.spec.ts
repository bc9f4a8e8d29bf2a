import { describe, expect, it } from '@jest/globals';
import type { Catalogue, ProposedDraft, Question } from '@parley/contracts';
import { compileDefinition } from '@parley/dsl';
import { planTurn, type PlannerReply } from '../src/index.js';
import { clinic, clinicPeople } from './businesses/clinic.js';
import { library } from './businesses/library.js';

interface Talk {
  readonly draft: ProposedDraft;
  say(text: string, value?: string): PlannerReply;
}

function talk(
  first: string,
  catalogue: Catalogue = clinic,
  directory: { roles: string[]; members: typeof clinicPeople.members } = clinicPeople,
): Talk {
  const context = { catalogue, directory, timezone: 'Europe/Zurich' };
  const { draft, reply } = planTurn({ text: first }, context);
  if (draft === undefined) throw new Error(reply);
  const history = [
    { role: 'user' as const, text: first },
    { role: 'assistant' as const, text: reply },
  ];
  return {
    draft,
    say: (text, value) => {
      const number = Number(/^\d+/.exec(text)?.[0]);
      const answers = value === undefined ? [] : [{ question: number, value }];
      const said = planTurn({ text, answers, draft, history }, context);
      const { diagnostics } = compileDefinition(said.draft?.source ?? draft.source, { catalogue });
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      return said;
    },
  };
}

const openIn = (questions: readonly Question[] = []) =>
  questions.filter(({ answer }) => answer === undefined).map(({ number }) => number);

/** Who, which operation, which panel: three kinds of questions with options. */
const choices = talk('Ask the boss to approve, send a fax to the insurer and order a lab test');
/** Two texts that nobody is there to give: a recipient and what is said. */
const scheduled = talk('Every weekday at 9, send an email');
/** One value and nothing else. */
const single = talk('Every weekday at 9, get the owner');

describe('an answer in words', () => {
  it.each([
    ['1: the head vet', 'role: head-vet', 1],
    ['the head vet', 'role: head-vet', 1],
    ['I think it should be the head vet', 'role: head-vet', 1],
    ['ask the head vet please', 'role: head-vet', 1],
    ['let Maya decide', 'member: mem_maya', 1],
    ['for 1 use Tom Becker', 'member: mem_tom', 1],
    ['question 1: Tom', 'member: mem_tom', 1],
    ['1. receptionists', 'role: receptionist', 1],
    ['Everybody with the role "receptionist"', 'role: receptionist', 1],
    ['2: sendSms', 'operation: sendSms', 2],
    ['for question 2 use Send an email', 'operation: sendEmail', 2],
    ['POST /emails', 'operation: sendEmail', 2],
    ['3 - urine', 'panel: urine', 3],
    ['the blood panel? 3: blood', undefined, undefined],
    ['blood', 'panel: blood', 3],
    ['3) the second one', 'panel: urine', 3],
  ])('"%s"', (text, written, number) => {
    const { draft } = choices.say(text);
    if (written === undefined) {
      expect(draft).toBeUndefined();
      return;
    }
    expect(draft?.source).toContain(written);
    expect(openIn(draft?.questions)).not.toContain(number);
    const others = [1, 2, 3].filter((one) => one !== number);
    expect(openIn(draft?.questions)).toEqual(expect.arrayContaining(others));
  });

  it('may come with others', () => {
    for (const text of [
      '1: Tom\n3: blood',
      '1: Tom, 3: blood',
      'for 1 use Tom and for 3 take blood',
    ]) {
      const { draft } = choices.say(text);
      expect(draft?.source).toContain('member: mem_tom');
      expect(draft?.source).toContain('panel: blood');
      expect(openIn(draft?.questions)).toEqual([2]);
    }
  });

  it('takes the role of that name before a member of that name', () => {
    const named = talk('Ask the boss to approve', library, {
      roles: ['owner', 'manager'],
      members: [{ id: 'mem_a', name: 'Ada Manager', roles: ['manager'] }],
    });
    expect(named.say('the manager').draft?.source).toContain('role: manager');
    expect(named.say('1: the manager', 'the manager').draft?.source).toContain('role: manager');
  });

  it('is a value where any value will do', () => {
    for (const text of ['o-17', '1: o-17', '"o-17"', 'use o-17', 'it is o-17', '1. "o-17"']) {
      const { draft } = single.say(text);
      expect(draft?.source).toContain('ownerId: o-17');
      expect(openIn(draft?.questions)).toEqual([]);
    }
  });

  it('is taken as it is when its number stands before it', () => {
    const { draft } = single.say('1: also the one at the front desk');
    expect(draft?.source).toContain('ownerId: also the one at the front desk');
  });
});

describe('what is no answer', () => {
  it.each([
    ['2: the pope', 2],
    ['1: the accountant', 1],
    ['the accountant', 1],
    ['somebody from the front office', 1],
    ['3: x-ray', 3],
    ['hello', 1],
    ['I have no idea what you mean by that', 1],
  ])('"%s" changes nothing and repeats that question alone', (text, number) => {
    const { reply, draft, suggestions } = choices.say(text);
    expect(draft).toBeUndefined();
    const asked = choices.draft.questions.find((question) => question.number === number);
    expect(reply).toContain(`as an answer to question ${number}`);
    expect(reply).toContain(asked?.text);
    for (const other of choices.draft.questions.filter((one) => one !== asked)) {
      expect(reply).not.toContain(other.text);
    }
    expect(suggestions.every(({ question }) => question === number)).toBe(true);
  });

  it('is not made into steps when a client sends it with the number', () => {
    const { reply, draft } = choices.say('1: the accountant', 'the accountant');
    expect(draft).toBeUndefined();
    expect(reply).toContain('as an answer to question 1');
  });

  it('leaves the answers beside it in force', () => {
    const { reply, draft } = choices.say('1: Tom\n3: x-ray');
    expect(draft?.source).toContain('member: mem_tom');
    expect(openIn(draft?.questions)).toEqual([2, 3]);
    expect(reply).toContain('as an answer to question 3');
  });

  it('is asked about when several questions could be meant', () => {
    const open = openIn(scheduled.draft.questions);
    expect(open.length).toBeGreaterThan(1);
    const { reply, draft } = scheduled.say('"Good morning"');
    expect(draft).toBeUndefined();
    expect(reply).toContain('one of these questions');
  });
});

describe('a request while a question is open', () => {
  it.each([
    ['Also check the insurance', 'checkInsurance'],
    ['check the insurance of the patient and create an invoice', 'createInvoice'],
    ['Please create an invoice as well', 'createInvoice'],
    ['add a step that creates an invoice', 'createInvoice'],
    ['Ask the head vet to approve when the patient is not insured', 'head-vet'],
    ['wait 10 minutes at the end', 'wait'],
  ])('"%s" is done and the question stays', (text, written) => {
    for (const { say, draft } of [choices, single]) {
      const next = say(text).draft;
      expect(next?.source).toContain(written);
      expect(next?.source).not.toContain(text.slice(0, 12));
      expect(openIn(next?.questions)).toEqual(expect.arrayContaining(openIn(draft.questions)));
    }
  });

  it('may change the workflow itself', () => {
    const next = single.say('run it every day at 7 instead').draft;
    expect(next?.source).toContain('0 7 * * *');
    expect(openIn(next?.questions)).toEqual([1]);
  });

  it('may be a whole new one', () => {
    const text = 'When an appointment is booked, get the patient and send a text to the owner';
    const next = single.say(text).draft;
    expect(next?.source).toContain('getPatient');
    expect(next?.source).not.toContain(`ownerId: ${text}`);
  });
});

describe('a value of a type', () => {
  const typed: Catalogue = {
    connectors: [
      {
        name: 'doors',
        title: 'Doors',
        documentHash: 'hash',
        operations: [
          {
            ...(clinic.connectors[0]?.operations[0] ?? never()),
            id: 'lockDoor',
            method: 'POST',
            path: '/doors/lock',
            summary: 'Lock the door',
            parameters: [],
            body: {
              required: true,
              mediaType: 'application/json',
              schema: {
                type: 'object',
                required: ['floor', 'alarmed'],
                properties: { floor: { type: 'integer' }, alarmed: { type: 'boolean' } },
              },
            },
          },
        ],
      },
    ],
  };
  const door = talk('Every day at 22, lock the door', typed);

  it('is read as that type', () => {
    expect(door.say('1: 3').draft?.source).toMatch(/floor: 3\n/);
    expect(door.say('for 2 use no').draft?.source).toMatch(/alarmed: false\n/);
    expect(door.say('yes').draft?.source).toMatch(/alarmed: true\n/);
  });

  it('is not understood as another one', () => {
    for (const [text, number] of [
      ['1: the third', 1],
      ['1: 2.5', 1],
      ['2: the janitor', 2],
    ] as const) {
      const { draft, reply } = door.say(text);
      expect(draft).toBeUndefined();
      expect(reply).toContain(`as an answer to question ${number}`);
    }
  });
});

describe('the reply', () => {
  it('counts what is missing and leaves the options to the questions', () => {
    const { reply } = planTurn(
      { text: 'Ask the boss to approve, send a fax to the insurer and order a lab test' },
      { catalogue: clinic, directory: clinicPeople, timezone: 'UTC' },
    );
    expect(reply).toContain('I need to know 3 things before this can be approved.');
    expect(reply).not.toContain('Leave this step out');
    expect(reply).not.toContain('Maya');
  });

  it('says who speaks once', () => {
    expect(choices.say('also check the insurance').reply).not.toContain('offline planner');
    expect(choices.say('2: the pope').reply).not.toContain('offline planner');
  });

  it('says conditions in words', () => {
    const context = { catalogue: clinic, directory: clinicPeople, timezone: 'UTC' };
    const text =
      'When an invoice is created, ask the head vet to approve if the total is above 200, then send an email';
    const { reply } = planTurn({ text }, context);
    expect(reply).toContain('only if the total is above 200');
    expect(reply).not.toMatch(/\$(?:context|workflow)/);
  });
});

function never(): never {
  throw new Error('the catalogue is empty');
}
