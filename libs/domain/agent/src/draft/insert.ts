import type { Edit } from '@parley/dsl';
import { tokenize, type Token } from '../language/tokens.js';
import { findPeople } from '../plan/people.js';
import { isRead } from '../catalogue/operation.js';
import { joinJq, resolve } from '../plan/conditions.js';
import { planList } from '../plan/planner.js';
import type { HumanStep, Step } from '../plan/model.js';
import { contextJq } from '../plan/world.js';
import { expression } from '../plan/write.js';
import { rank } from '../plan/match.js';
import { parseRequest } from '../request/parse.js';
import type { AskIntent, Intent } from '../request/intents.js';
import { stem } from '../language/stem.js';
import { afterStep, beforeStep, type Editor } from './editor.js';
import { plainStep, rateSteps } from './find-step.js';
import { setCondition } from './reshape.js';
import {
  bareJq,
  casesOf,
  changesSomething,
  insideOf,
  siblingsOf,
  writeCases,
  type ViewStep,
} from './view.js';
import type { Place } from './world.js';

/** What a request says about where its steps go. */
interface Where {
  readonly text: string;
  readonly before?: string;
  readonly after?: string;
  readonly edge?: 'first' | 'last' | 'always';
  readonly way?: 'otherwise';
}

/** "also A", "first A", "before B do A", "A after B", "add A": everything that adds steps. */
export function insertRequest(editor: Editor, text: string): boolean {
  const where = readWhere(text);
  editor.adding = /\b(?:also|add|additionally|then|too|as well|insert|include)\b/i.test(text);
  const request = parseRequest(where.text, editor.context.index.verbs);
  const intents = [...request.intents];
  if (intents.length === 0) return false;
  const [only] = intents;
  if (intents.length === 1 && only?.kind === 'ask') return insertAsk(editor, only, where);
  if (intents.length === 1 && only?.kind === 'if') {
    const reached = reachedStep(editor, only.condition.text);
    if (reached !== undefined) return insertAt(editor, only.then, afterStep(reached));
    const ask = only.then[0];
    if (only.then.length === 1 && ask?.kind === 'ask') {
      return insertAsk(editor, { ...ask, condition: only.condition }, where);
    }
  }
  if (request.trigger !== undefined) {
    const reached = reachedStep(editor, request.trigger.map((token) => token.text).join(' '));
    if (reached !== undefined) return insertAt(editor, intents, afterStep(reached));
  }
  const place = placeFor(editor, where, intents);
  if (place === undefined) return editor.questions.length > 0;
  return insertAt(editor, intents, place, where.edge === 'always' || where.edge === 'last');
}

function readWhere(text: string): Where {
  let rest = text
    .replace(
      /^(?:(?:also|additionally|in addition|besides|furthermore|moreover|then|and|plus|oh|as well),? )+/i,
      '',
    )
    .replace(/,? (?:as well|too|also)$/i, '')
    .replace(/\b(?:also|additionally) /i, '')
    .replace(
      /^(?:add|insert|include) (?:a |an |another )?(?:new )?(?:step|task|action) (?:to|that|which|where (?:we|you|it)) /i,
      '',
    )
    .replace(/^(?:make sure (?:to |that (?:we |you |it )?)|ensure that (?:we |you )?)/i, '');
  const added = /^(?:add|insert|include|put(?: in)?) (.+)$/i.exec(rest)?.[1];
  if (added !== undefined) {
    const verbal = nounToVerb(added);
    if (verbal !== added) rest = verbal;
  }
  const edge =
    /^(?:first(?: of all)?|at the (?:start|beginning|top)|to (?:start|begin)(?: with)?|start by|begin by),? (.+)$/i.exec(
      rest,
    ) ??
    /^(.+?),? (?:first|at the (?:very )?(?:start|beginning)|(?:as|to be) the first (?:step|thing)|before (?:anything|everything)(?: else)?)$/i.exec(
      rest,
    ) ??
    /^before (?:anything|everything)(?: else)?,? (.+)$/i.exec(rest);
  if (
    edge?.[1] !== undefined &&
    !/\b(?:before|after)\b/i.test(rest.replace(/before (?:anything|everything).*/i, ''))
  ) {
    return { text: edge[1], edge: 'first' };
  }
  const always =
    /^(?:in any case|in either case|in both cases|whatever happens|always|either way|at the (?:very )?end|finally|lastly|in the end),? (.+)$/i.exec(
      rest,
    ) ??
    /^(.+?),? (?:in any case|in either case|in both cases|whatever happens|either way|at the (?:very )?end|(?:as|to be) the last (?:step|thing))$/i.exec(
      rest,
    );
  if (always?.[1] !== undefined) {
    return {
      text: always[1],
      edge:
        /end|finally|lastly|last/i.test(rest) && !/any case|either|both|whatever|always/i.test(rest)
          ? 'last'
          : 'always',
    };
  }
  const otherwise =
    /^(?:otherwise|else|if not|in the (?:else|other) (?:case|branch)),? (.+)$/i.exec(rest);
  if (otherwise?.[1] !== undefined) return { text: otherwise[1], way: 'otherwise' };
  return readAnchor(rest);
}

function readAnchor(text: string): Where {
  const leading =
    /^(?:right |just |directly |immediately |shortly )?(before|after|once|prior to|following) ([^,]+?)(?: (?:is|are|was|has been) (?:done|finished|complete|completed|made|through))?, (.+)$/i.exec(
      text,
    );
  const trailing =
    /^(.+?),? (?:right |just |directly |immediately |shortly )?(before|after|prior to|following) (.+)$/i.exec(
      text,
    );
  const split = (kind: string, anchor: string, rest: string): Where =>
    /before|prior/i.test(kind) ? { text: rest, before: anchor } : { text: rest, after: anchor };
  if (leading !== null && !isDuration(leading[2] ?? ''))
    return split(leading[1] ?? '', leading[2] ?? '', leading[3] ?? '');
  if (trailing !== null && !isDuration(trailing[3] ?? ''))
    return split(trailing[2] ?? '', trailing[3] ?? '', trailing[1] ?? '');
  return { text };
}

function isDuration(text: string): boolean {
  return /^(?:\d+|an?|one|two|three|half) (?:second|minute|hour|day|week)/i.test(text);
}

/** "a wait of 5 minutes", "an approval by X", "a notification to X" as steps. */
function nounToVerb(text: string): string {
  const wait =
    /^(?:a |an )?(?:wait|pause|delay|break) (?:of|for) (.+)$/i.exec(text) ??
    /^(?:a |an )?(\d+ ?-?(?:second|minute|hour|day)s?)[ -](?:wait|pause|delay|break)(.*)$/i.exec(
      text,
    );
  if (wait !== null) return `wait ${(wait[1] ?? '').replace('-', ' ')}${wait[2] ?? ''}`;
  const approval =
    /^(?:a |an )?(?:approval|sign-?off|approval step)(?: step)? (?:by|from|of) (.+)$/i.exec(text);
  if (approval !== null) return `ask ${approval[1] ?? ''}`;
  const check = /^(?:a |an )?check (?:of|for|that|whether|if|on) (.+)$/i.exec(text);
  if (check !== null) return `check ${check[1] ?? ''}`;
  return text;
}

/** "when it is rejected, also …": right after the step that does that. */
function reachedStep(editor: Editor, clause: string): ViewStep | undefined {
  const tokens = tokenize(clause);
  const verb = tokens.findLast(
    (token) => /(?:ed|en|id|nt|ld|ne|ad|de)$/.test(token.lower) && token.kind === 'word',
  );
  if (verb === undefined) return undefined;
  const done = editor.view.steps.filter(
    (step) =>
      changesSomething(step) &&
      (step.operation?.verbs.has(verb.stem) ?? stem(step.name) === verb.stem),
  );
  if (done.length <= 1) return done[0];
  const rated = rateSteps(editor.view, tokens).filter(({ step }) => done.includes(step));
  return plainStep(rated);
}

function placeFor(editor: Editor, where: Where, intents: readonly Intent[]): Place | undefined {
  const { view } = editor;
  if (where.before !== undefined || where.after !== undefined) {
    const phrase = tokenize(where.before ?? where.after ?? '');
    const anchor = editor.findStep(phrase);
    if (anchor === undefined) return undefined;
    return where.before === undefined ? afterStep(anchor) : beforeStep(anchor);
  }
  if (where.edge === 'first') return { list: 'do', index: 0 };
  const top = siblingsOf(view, 'do');
  if (where.edge !== undefined) return { list: 'do', index: top.length };
  if (where.way === 'otherwise') {
    const way = view.steps.find((step) => step.kind === 'do' && step.name.startsWith('otherwise'));
    return way === undefined ? undefined : endOf(editor, `${way.path}/do`);
  }
  if (intents.every((intent) => readsOnly(editor, intent))) {
    const gate = top.find(
      (step) =>
        step.kind === 'human' ||
        step.kind === 'switch' ||
        step.task['if'] !== undefined ||
        changesSomething(step) ||
        insideOf(view, step.path).some(changesSomething),
    );
    if (gate !== undefined && top.some((step) => step.index < gate.index)) return beforeStep(gate);
  }
  return happyEnd(editor);
}

function endOf(editor: Editor, list: string): Place {
  return { list, index: siblingsOf(editor.view, list).length };
}

/** Where a person expects "also": at the end of the way that a good run takes. */
function happyEnd(editor: Editor): Place {
  const top = siblingsOf(editor.view, 'do');
  const decision = top.findLast((step) => step.kind === 'switch' && casesOf(step).length > 1);
  const ways = new Set(decision === undefined ? [] : casesOf(decision).map(({ then }) => then));
  const last = top.at(-1);
  if (decision !== undefined && last !== undefined && ways.has(last.name)) {
    const first = casesOf(decision)[0]?.then;
    const way = top.find((step) => step.name === first && step.kind === 'do');
    if (way !== undefined) return endOf(editor, `${way.path}/do`);
  }
  if (last?.kind === 'do' && last.task['if'] !== undefined) return endOf(editor, `${last.path}/do`);
  if (last?.kind === 'for') return endOf(editor, `${last.path}/do`);
  return { list: 'do', index: top.length };
}

function readsOnly(editor: Editor, intent: Intent): boolean {
  if (intent.kind !== 'action') return false;
  const best = rank(editor.context.index, {
    verb: intent.verb,
    words: intent.words,
    context: [],
  })[0];
  return best !== undefined && best.score > 0.5 && isRead(best.operation);
}

/** Plans steps for a place and puts them there. */
function insertAt(
  editor: Editor,
  intents: readonly Intent[],
  place: Place,
  always = false,
): boolean {
  const world = editor.worldAt(place);
  const steps = planList(world, intents);
  if (steps.length === 0) return world.questions.length > 0;
  if (steps.every(isOpen) && world.questions.every(({ options }) => options.length <= 1)) {
    if (!editor.adding) return false;
  }
  const followed = always ? retarget(editor, place, steps) : [];
  const takenOver = takeOverThen(editor, place);
  const last = steps.at(-1);
  const placed =
    takenOver?.then === undefined || last === undefined
      ? steps
      : [...steps.slice(0, -1), { ...last, then: takenOver.then }];
  if (!editor.insert(placed, place)) return false;
  if (takenOver !== undefined)
    editor.apply([{ kind: 'setMember', step: takenOver.step.path, path: ['then'] }]);
  if (!editor.apply(followed)) return false;
  editor.adopt(world);
  return true;
}

/** What stands after a step that leaves would never be reached; the last new step leaves instead. */
function takeOverThen(
  editor: Editor,
  place: Place,
): { readonly step: ViewStep; readonly then: string } | undefined {
  const before = siblingsOf(editor.view, place.list)[place.index - 1];
  const then = before?.task['then'];
  if (
    before === undefined ||
    typeof then !== 'string' ||
    before.kind === 'do' ||
    before.kind === 'switch'
  )
    return undefined;
  return { step: before, then };
}

function isOpen(step: Step): boolean {
  return step.kind === 'open';
}

/** Ways that end the list go on with the new steps instead. */
function retarget(editor: Editor, place: Place, steps: readonly Step[]): Edit[] {
  const [first] = steps;
  const siblings = siblingsOf(editor.view, place.list);
  if (first === undefined || place.index < siblings.length) return [];
  const ways = new Set(
    siblings.flatMap((step) =>
      step.kind === 'switch' ? casesOf(step).map(({ then }) => then) : [],
    ),
  );
  return siblings
    .filter(
      (step) =>
        ways.has(step.name) && (step.task['then'] === 'end' || step.task['then'] === 'exit'),
    )
    .map((step) => ({ kind: 'setMember', step: step.path, path: ['then'], value: first.name }));
}

// Approvals

function insertAsk(editor: Editor, intent: AskIntent, where: Where): boolean {
  const same = askedAlready(editor, intent.who);
  if (
    same !== undefined &&
    intent.condition !== undefined &&
    where.before === undefined &&
    where.after === undefined
  ) {
    return changeCondition(editor, same, intent);
  }
  const place = askPlace(editor, intent, where);
  if (place === undefined) return editor.questions.length > 0;
  const gateStep = siblingsOf(editor.view, place.list)[place.index];
  if (gateStep?.kind === 'switch' && casesOf(gateStep).length > 1)
    return askBeforeDecision(editor, intent, gateStep);
  const world = editor.worldAt(place);
  const steps = planList(world, [{ ...intent, aside: false }]);
  const human = steps.find((step): step is HumanStep => step.kind === 'human');
  const follows = place.index < siblingsOf(editor.view, place.list).length;
  const gated = human === undefined || !follows ? steps : [...steps, gateOf(editor, human, place)];
  if (!editor.insert(gated, place)) return false;
  editor.adopt(world);
  return true;
}

function gateOf(editor: Editor, human: HumanStep, place: Place): Step {
  const taken = new Set(editor.view.steps.map(({ name }) => name));
  let name = `${human.name}Decision`;
  for (let count = 2; taken.has(name); count += 1) name = `${human.name}Decision${count}`;
  const then = place.list === 'do' ? 'end' : 'exit';
  return {
    kind: 'switch',
    name,
    cases: [{ name: 'refused', when: `${contextJq(human.name)}.approved == false`, then }],
  };
}

function askedAlready(editor: Editor, who: readonly Token[]): ViewStep | undefined {
  const found = findPeople(editor.context.people, who);
  const [only] = found;
  if (found.length !== 1 || only === undefined) return undefined;
  return editor.view.steps.find(
    (step) =>
      step.kind === 'human' && JSON.stringify(step.task['with']).includes(JSON.stringify(only.who)),
  );
}

/** The same person for another reason: the part of the condition that the draft had before goes. */
function changeCondition(editor: Editor, step: ViewStep, intent: AskIntent): boolean {
  const { condition } = intent;
  if (condition === undefined) return false;
  const world = editor.worldAt(beforeStep(step));
  const resolved = resolve(world, condition);
  const before = step.task['if'];
  if (!resolved.ok || typeof before !== 'string') {
    return setCondition(editor, step, { when: tokenize(condition.text), negated: false });
  }
  const path = resolved.jq.split(' ')[0] ?? '';
  const kept = bareJq(before)
    .split(' and ')
    .filter((part) => !part.startsWith(`${path} `));
  const jq = joinJq([...kept, resolved.jq], 'and');
  if (!editor.apply([{ kind: 'setCondition', step: step.path, if: expression(jq) }])) return false;
  editor.adopt(world);
  return true;
}

/** Before what it guards: the step that is named, else the decision, else the first that changes something. */
function askPlace(editor: Editor, intent: AskIntent, where: Where): Place | undefined {
  if (where.before !== undefined || where.after !== undefined || where.edge !== undefined) {
    return placeFor(editor, where, [intent]);
  }
  const top = siblingsOf(editor.view, 'do');
  const candidates = top.filter(
    (step) =>
      (step.kind === 'switch' && casesOf(step).length > 1) ||
      changesSomething(step) ||
      (step.kind !== 'switch' && insideOf(editor.view, step.path).some(changesSomething)),
  );
  for (const step of candidates) {
    const ways = top
      .filter((one) => one.kind === 'switch')
      .flatMap((one) => casesOf(one).map(({ then }) => then));
    if (ways.includes(step.name)) continue;
    const place = beforeStep(step);
    if (intent.condition === undefined) return place;
    const trial = editor.worldAt(place);
    const resolved = resolve(trial, intent.condition);
    if (resolved.ok && resolved.reads.length === 0) return place;
  }
  return candidates[0] === undefined ? endOf(editor, 'do') : beforeStep(candidates[0]);
}

/** A refusal counts like a condition of the decision that is not met. */
function askBeforeDecision(editor: Editor, intent: AskIntent, decision: ViewStep): boolean {
  const place = beforeStep(decision);
  const world = editor.worldAt(place);
  const [first, ...others] = casesOf(decision);
  const when = first?.when === undefined ? undefined : bareJq(first.when);
  const steps = planList(world, [{ ...intent, aside: false }]);
  const human = steps.find((step): step is HumanStep => step.kind === 'human');
  const guarded = steps.map((step) =>
    step === human && when !== undefined
      ? { ...step, if: joinJq([when, ...(step.if === undefined ? [] : [step.if])], 'and') }
      : step,
  );
  if (!editor.insert(guarded, place)) return false;
  if (human !== undefined && first !== undefined && when !== undefined) {
    const jq = joinJq([when, `${contextJq(human.name)}.approved != false`], 'and');
    const { path } = decision;
    editor.apply([
      {
        kind: 'setMember',
        step: path,
        path: ['switch'],
        value: writeCases([{ ...first, when: expression(jq) }, ...others]),
      },
    ]);
  }
  editor.adopt(world);
  return true;
}
