import { findPeople } from './people.js';
import { isRead, singular } from '../catalogue/operation.js';
import { verbClasses } from '../language/lexicon.js';
import { stem, wordsOf } from '../language/stem.js';
import type { AskIntent, Condition, EachIntent, Intent } from '../request/intents.js';
import { partsOf, planAction, planOne } from './actions.js';
import { planAsk } from './asking.js';
import { lastDecision, joinJq, notJq, resolve, stemsIn } from './conditions.js';
import {
  type KnownCondition,
  type KnownIf,
  conditionOf,
  openCondition,
  withIf,
} from './deciding.js';
import { listOptions, sourceOf, variableName } from './lists.js';
import { isContent, rank } from './match.js';
import type { HumanStep, Step } from './model.js';
import { camelName } from './names.js';
import { type World, ask, contextJq, itemSource, keyOf } from './world.js';

/** Steps for a list of intents, in order. */
export function planList(world: World, intents: readonly Intent[]): Step[] {
  const list = intents.map(askedIf).flatMap((intent) => askFirst(world, intent));
  const asides: AskIntent[] = [];
  while (list.length > 1) {
    const last = list.at(-1);
    if (last?.kind !== 'ask' || !last.aside) break;
    list.pop();
    asides.unshift(last);
  }
  if (list.length === 0) return asides.flatMap((aside) => planAsk(world, aside, []));
  return planSequence(world, list, asides);
}

/** "if C, ask X" is asking X if C: what follows waits for the decision all the same. */
function askedIf(intent: Intent): Intent {
  if (intent.kind !== 'if' || intent.otherwise.length > 0) return intent;
  const [only, ...others] = intent.then;
  if (only?.kind !== 'ask' || others.length > 0 || only.condition !== undefined) return intent;
  return { ...only, condition: intent.condition, aside: false };
}

/** "A, but only if X agrees" asks X first. */
function askFirst(world: World, intent: Intent): Intent[] {
  if (intent.kind !== 'if' || intent.condition.kind !== 'decision') return [intent];
  const { state, approved, text } = intent.condition;
  const subject = state.kind === 'state' ? state.subject : [];
  if (lastDecision(world) !== undefined || subject.length === 0 || !approved) return [intent];
  if (findPeople(world.people, subject).length === 0) return [intent];
  const asking: Intent = { kind: 'ask', who: subject, text, aside: false };
  return [asking, intent];
}

function planSequence(
  world: World,
  list: readonly Intent[],
  waiting: readonly AskIntent[],
): Step[] {
  const steps: Step[] = [];
  let asides = [...waiting];
  for (let at = 0; at < list.length; at += 1) {
    const intent = list[at];
    if (intent === undefined) continue;
    const ready = asides.filter((aside) => changes(world, intent) && canResolve(world, aside));
    asides = asides.filter((aside) => !ready.includes(aside));
    if (ready.length > 0) {
      steps.push(...planGuarded(world, ready, list.slice(at), asides));
      return steps;
    }
    const rest = list.slice(at + 1);
    steps.push(...planIntent(world, intent, rest));
    if (intent.kind === 'ask' && rest.length > 0 && !decides(rest[0])) {
      return [...steps, ...gate(world, steps.at(-1), planSequence(world, rest, asides))];
    }
  }
  return [...steps, ...asides.flatMap((aside) => planAsk(world, aside, []))];
}

/** "A. Ask X when C." asks before the first thing that changes something. */
function planGuarded(
  world: World,
  ready: readonly AskIntent[],
  rest: readonly Intent[],
  waiting: readonly AskIntent[],
): Step[] {
  const [head, ...tail] = rest;
  if (head?.kind === 'if') {
    const mark = world.questions.length;
    const condition = conditionOf(world, head.condition);
    if (condition !== undefined) {
      const asked = ready.flatMap((aside) => planAsk(world, aside, [condition.jq]));
      const humans = asked.filter((step): step is HumanStep => step.kind === 'human');
      const granted = humans.map((human) => `${contextJq(human.name)}.approved != false`);
      const jq = joinJq([condition.jq, ...granted], 'and');
      const gated = {
        ...head,
        condition: { kind: 'known' as const, jq, text: head.condition.text },
      };
      const steps = [...condition.steps, ...asked, ...planIf(world, gated)];
      return [...steps, ...planSequence(world, tail, waiting)];
    }
    world.questions.length = mark;
    for (const key of [...world.asked.keys()])
      if (!world.questions.some((q) => q.key === key)) world.asked.delete(key);
  }
  const asked = ready.flatMap((aside) => planAsk(world, aside, []));
  const later = planSequence(world, rest, waiting);
  const human = asked.findLast((step) => step.kind === 'human');
  return [...asked, ...gate(world, human ?? asked.at(-1), later)];
}

/** After a refusal nothing that follows happens. */
function gate(world: World, asked: Step | undefined, rest: readonly Step[]): Step[] {
  if (asked?.kind !== 'human' || rest.length === 0) return [...rest];
  const then = world.depth === 0 ? 'end' : 'exit';
  const name = world.names.take(`${asked.name}Decision`);
  const when = `${contextJq(asked.name)}.approved == false`;
  return [{ kind: 'switch', name, cases: [{ name: 'refused', when, then }] }, ...rest];
}

function decides(intent: Intent | undefined): boolean {
  if (intent?.kind !== 'if') return false;
  return speaksOfDecision(intent.condition);
}

function speaksOfDecision(condition: Condition): boolean {
  if (condition.kind === 'decision') return true;
  if (condition.kind === 'checks') return condition.count === 'last';
  return (
    (condition.kind === 'and' || condition.kind === 'or') && condition.parts.some(speaksOfDecision)
  );
}

function canResolve(world: World, aside: AskIntent): boolean {
  if (aside.condition === undefined) return true;
  const trial = { ...world, input: [...world.input], questions: [], asked: new Map(world.asked) };
  const resolved = resolve(trial, aside.condition);
  return resolved.ok && resolved.reads.length === 0;
}

/** Whether an intent does more than read. */
function changes(world: World, intent: Intent): boolean {
  switch (intent.kind) {
    case 'action': {
      const best = rank(world.index, {
        verb: intent.verb,
        words: intent.words,
        context: world.spoken,
      })[0];
      return best === undefined ? !verbClasses(intent.verb).has('read') : !isRead(best.operation);
    }
    case 'if':
      return [...intent.then, ...intent.otherwise].some((inner) => changes(world, inner));
    case 'each':
    case 'guard':
      return intent.body.some((inner) => changes(world, inner));
    case 'parallel':
      return intent.branches.some((inner) => changes(world, inner));
    default:
      return false;
  }
}

function planIntent(world: World, intent: Intent, rest: readonly Intent[]): Step[] {
  switch (intent.kind) {
    case 'action':
      return planAction(world, intent);
    case 'if':
      return planIf(world, intent);
    case 'each':
      return planEach(world, intent);
    case 'parallel':
      return planParallel(world, intent.branches);
    case 'wait':
      return [{ kind: 'wait', name: world.names.take('wait'), duration: intent.duration }];
    case 'ask':
      return planAsk(world, intent, []);
    case 'guard': {
      const body = within(world, () => planList(world, intent.body));
      const onError = within(world, () => planList(world, intent.onError));
      if (body.length === 0) return onError;
      const name = world.names.take(
        camelName(['try', ...wordsOf(body[0]?.name ?? 'steps')], 'trySteps'),
      );
      const stops = rest.length > 0 && onError.length > 0 && !isFallback(body, onError);
      const caught = stops ? endAfter(onError) : onError;
      const retries = intent.retries === undefined ? {} : { retries: intent.retries };
      return [{ kind: 'try', name, body, onError: caught, ...retries }];
    }
  }
}

/** Another way to do the same goes on; anything else ends the run after it. */
function isFallback(body: readonly Step[], onError: readonly Step[]): boolean {
  const verbs = (steps: readonly Step[]) =>
    new Set(
      steps.flatMap((step) =>
        step.kind === 'call'
          ? [...step.operation.verbs].flatMap((verb) => [...verbClasses(verb)])
          : [],
      ),
    );
  const first = verbs(body);
  return [...verbs(onError)].some((one) => first.has(one));
}

function endAfter(steps: readonly Step[]): Step[] {
  const last = steps.at(-1);
  return last === undefined ? [] : [...steps.slice(0, -1), { ...last, then: 'end' }];
}

function within<T>(world: World, plan: () => T): T {
  world.depth += 1;
  const planned = plan();
  world.depth -= 1;
  return planned;
}

function planIf(world: World, intent: KnownIf): Step[] {
  const [first, ...others] = intent.then;
  if (
    intent.trailing === true &&
    others.length > 0 &&
    first !== undefined &&
    isNeededFor(world, first, intent.condition)
  ) {
    const found = planIntent(world, first, others);
    return [...found, ...planIf(world, { ...intent, then: others })];
  }
  const test = conditionOf(world, intent.condition);
  const jq = test?.jq ?? openCondition;
  const spoken = world.spoken;
  const before = test?.steps ?? [];
  const wanted = camelName(wordsOf(intent.condition.text), 'condition');
  if (intent.otherwise.length === 0) {
    const steps = within(world, () => planList(world, intent.then));
    const only = steps[0];
    if (only === undefined) return [...before];
    if (steps.length === 1 && only.kind !== 'switch') return [...before, withIf(only, jq)];
    return [...before, { kind: 'block', name: world.names.take(wanted), if: jq, steps }];
  }
  const names = {
    decide: world.names.take('decide'),
    then: world.names.take(wanted),
    otherwise: world.names.take('otherwise'),
  };
  const then = within(world, () => planList(world, intent.then));
  world.spoken = spoken;
  const otherwise = within(world, () => planList(world, intent.otherwise));
  if (then.length === 0 || otherwise.length === 0) {
    const steps = then.length === 0 ? otherwise : then;
    if (steps.length === 0) return [...before];
    const only = then.length === 0 ? notJq(jq) : jq;
    return [...before, { kind: 'block', name: names.then, if: only, steps }];
  }
  return [
    ...before,
    {
      kind: 'switch',
      name: names.decide,
      cases: [
        { name: names.then, when: jq, then: names.then },
        { name: names.otherwise, then: names.otherwise },
      ],
    },
    { kind: 'block', name: names.then, steps: then, then: afterwards },
    { kind: 'block', name: names.otherwise, steps: otherwise },
  ];
}

/** Whether a condition can only be told once something has been read. */
function isNeededFor(world: World, first: Intent, condition: KnownCondition): boolean {
  if (condition.kind === 'known' || first.kind !== 'action' || changes(world, first)) return false;
  const trial = { ...world, input: [...world.input], questions: [], asked: new Map(world.asked) };
  const resolved = resolve(trial, condition);
  return !resolved.ok || resolved.reads.length > 0;
}

/** Stands for "whatever comes after the other branch" until the list is complete. */
export const afterwards = '\u0000afterwards';

function planEach(world: World, intent: EachIntent): Step[] {
  const list = sourceOf(world, intent);
  const words = stemsIn(intent.item);
  const noun = singular(intent.item.filter(isContent).at(-1)?.lower ?? 'item');
  if (list === undefined) {
    const text = intent.item.map((token) => token.text).join(' ');
    ask(world, {
      key: keyOf(world, `list:${text}`),
      text: `Where does the list of "${text}" come from? I found no operation that lists them.`,
      blocking: true,
      options: listOptions(world),
      free: false,
    });
    return [
      {
        kind: 'open',
        name: world.names.take(camelName(['each', ...wordsOf(noun)], 'each')),
        text: `for each ${text}`,
      },
    ];
  }
  const variable = variableName(
    /^(?:them|one|it|these|those|item|result|entry)$/.test(noun) ? list.noun : noun,
  );
  const outer = world.sources;
  const schema = list.schema;
  world.sources = [...outer, itemSource(variable, schema, [...words, stem(list.noun)])];
  world.spoken = [stem(list.noun), ...world.spoken];
  const steps = within(world, () => planList(world, intent.body));
  world.sources = outer;
  if (steps.length === 0) return [...list.before];
  const name = world.names.take(camelName(['each', ...wordsOf(variable)], 'each'));
  return [...list.before, { kind: 'each', name, variable, in: list.jq, steps }];
}

function planParallel(world: World, branches: readonly Intent[]): Step[] {
  const planned = branches.flatMap((branch): (readonly Step[])[] => {
    if (branch.kind === 'action')
      return partsOf(world, branch).map((part) => within(world, () => planOne(world, part)));
    return [within(world, () => planIntent(world, branch, []))];
  });
  const steps = planned.filter((list) => list.length > 0);
  if (steps.length < 2) return steps.flat();
  const names = steps.map((list) => list[0]?.name ?? '');
  const name = world.names.take('inParallel');
  const single = (list: readonly Step[], at: number): Step => {
    const only = list[0];
    if (list.length === 1 && only !== undefined) return only;
    return { kind: 'block', name: world.names.take(`branch${at + 1}`), steps: list };
  };
  world.spoken = [...new Set([...names.flatMap(() => []), ...world.spoken])];
  return [{ kind: 'fork', name, branches: steps.map(single) }];
}
