import { isRead } from '../catalogue/operation.js';
import { itemsOf, typeOf, propertiesOf, jqPath } from '../catalogue/schema.js';
import type { IndexedOperation } from '../catalogue/search.js';
import { isStopWord, proseWords, verbClasses } from '../language/lexicon.js';
import { stem, stemsOf, wordsOf } from '../language/stem.js';
import type { Token } from '../language/tokens.js';
import type { JsonObject } from '@parley/kernel';
import { isPreposition } from '../request/cursor.js';
import type { ActionIntent, AskIntent, Condition, EachIntent, Intent } from '../request/intents.js';
import { isListSchema } from '../catalogue/entity.js';
import { bindable, bindInputs, knowsContact, needsContact } from './bind.js';
import {
  askAbout,
  decisionEntity,
  joinJq,
  notJq,
  optionsMax,
  resolve,
  stemsIn,
} from './conditions.js';
import { headOf, isContent, rank, type Ranked } from './match.js';
import type { CallStep, HumanStep, Step } from './model.js';
import { camelName, namingWords } from './names.js';
import { everybody, findPeople } from './people.js';
import { flagTest, equalsTest, valuesOf, type Found } from './values.js';
import {
  ask,
  contextJq,
  itemSource,
  keyOf,
  needInput,
  resultSource,
  sentence,
  type World,
} from './world.js';
import { choicesOf } from '../catalogue/schema.js';
import { singular } from '../catalogue/operation.js';

/** An operation is taken when it fits this well … */
const acceptScore = 0.6;
/** … and clearly better than the next. */
const acceptMargin = 0.045;
const acceptCover = 0.45;
const candidateScore = 0.3;

/** Steps for a list of intents, in order. */
export function planList(world: World, intents: readonly Intent[]): Step[] {
  const list = intents.map(askedIf);
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

export function planIntent(world: World, intent: Intent, rest: readonly Intent[]): Step[] {
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

// Actions

/** One step, or one for each thing: "check A and B". */
export function planAction(world: World, intent: ActionIntent): Step[] {
  const parts = partsOf(world, intent);
  return parts.flatMap((part) => planOne(world, part));
}

function partsOf(world: World, intent: ActionIntent): ActionIntent[] {
  const conjuncts = splitConjuncts(intent.words);
  if (conjuncts.length < 2) return [intent];
  const each = conjuncts.map((words) => ({
    ...intent,
    words,
    text: [intent.verb, ...words.map((token) => token.text)].join(' '),
  }));
  const ranked = each.map((part) => ({ part, best: best(world, part) }));
  const keys = new Set(ranked.map(({ best: found }) => found?.operation.key));
  const whole = best(world, intent);
  const clear = ranked.every(
    ({ best: found }) => found !== undefined && found.score >= acceptScore - 0.08,
  );
  if (clear && keys.size === each.length) {
    return each.map((part, at) => ({
      ...part,
      text: `${textVerb(intent)} ${conjuncts[at]?.map((token) => token.text).join(' ') ?? ''}`,
    }));
  }
  const unknown = ranked.filter(
    ({ best: found }) => found === undefined || found.score < acceptScore - 0.08,
  );
  const known = ranked.length - unknown.length;
  if (
    known > 0 &&
    unknown.length > 0 &&
    (whole?.score ?? 0) < acceptScore &&
    world.index.operations.length > 0
  ) {
    return each.map((part, at) => ({
      ...part,
      text: `${textVerb(intent)} ${conjuncts[at]?.map((token) => token.text).join(' ') ?? ''}`,
    }));
  }
  return [intent];
}

function textVerb(intent: ActionIntent): string {
  return intent.text.split(' ')[0] ?? intent.verb;
}

function best(world: World, intent: ActionIntent): Ranked | undefined {
  const query = {
    verb: intent.verb,
    words: intent.words,
    context: world.spoken,
    connectors: world.connectors,
  };
  return rank(world.index, query)[0];
}

/** Noun phrases before the first preposition, what follows it stays with the last. */
function splitConjuncts(words: readonly Token[]): (readonly Token[])[] {
  const parts: Token[][] = [[]];
  for (const token of words) {
    const joint = token.lower === 'and' || token.text === ',';
    if (joint && !parts.slice(-1)[0]?.some((one) => /^(?:that|saying)$/.test(one.lower)))
      parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.some((token) => isContent(token) || token.kind === 'quote'));
}

function planOne(world: World, intent: ActionIntent): Step[] {
  const operation = chooseOperation(world, intent);
  if (operation === leaveOut) return [];
  if (operation === undefined) return [openStep(world, intent)];
  const before = contactReads(world, operation, intent);
  return [...before, callStep(world, operation, intent)];
}

/** Whom a message goes to is looked up when the records know the address and nothing else does. */
function contactReads(world: World, operation: IndexedOperation, intent: ActionIntent): Step[] {
  const open = operation.inputs.find(
    (item) => item.required && needsContact(world, item, intent.words),
  );
  if (open === undefined) return [];
  const spoken = new Set(intent.words.map((token) => token.stem));
  const [reader] = world.index.operations.filter(
    (one) =>
      one.reads &&
      spoken.has(one.entity) &&
      !isListSchema(one.operation.response?.schema) &&
      knowsContact(one, open) &&
      bindable(world, one),
  );
  if (reader === undefined) return [];
  const { id } = reader.operation;
  return [callStep(world, reader, { kind: 'action', verb: '', words: [], text: id })];
}

export function callStep(
  world: World,
  operation: IndexedOperation,
  intent: ActionIntent,
): CallStep {
  const name = world.names.take(nameOf(operation, intent));
  const input = bindInputs(world, { operation, step: name, words: intent.words });
  world.connectors.add(operation.connector);
  world.sources = [...world.sources, resultSource(name, operation)];
  const head = headOf(intent.words);
  const spoken = [head?.stem, operation.entity].filter(
    (word): word is string => word !== undefined && word !== '',
  );
  world.spoken = [...new Set([...spoken, ...world.spoken])].slice(0, 6);
  return { kind: 'call', name, operation, input };
}

function nameOf(operation: IndexedOperation, intent: ActionIntent): string {
  const cut = intent.words.findIndex(
    (token, index) =>
      index > 0 &&
      (isPreposition(token) ||
        token.lower === 'if' ||
        token.lower === 'whether' ||
        token.lower === 'that'),
  );
  const nouns = namingWords(
    (cut < 0 ? intent.words : intent.words.slice(0, cut)).filter(isContent),
  );
  const id = operation.operation.id;
  const own = /^[a-z][A-Za-z0-9]*$/.test(id) ? id : camelName(wordsOf(id), 'call');
  const verb = intent.verb === '' ? '' : (wordsOf(intent.text)[0] ?? '');
  if (nouns.length === 0 || nouns.length > 3 || verb === '' || stem(verb) !== intent.verb)
    return own;
  return camelName([verb, ...nouns], own);
}

/** The operation that is meant; a question when that is not plain. */
export function chooseOperation(
  world: World,
  intent: ActionIntent,
): IndexedOperation | typeof leaveOut | undefined {
  const ranked = rank(world.index, {
    verb: intent.verb,
    words: intent.words,
    context: contextFor(world, intent),
    connectors: world.connectors,
  });
  const key = keyOf(world, `operation:${intent.text.toLowerCase()}`);
  const answer = world.answers.get(key);
  const answered = answer === undefined ? undefined : world.index.byKey.get(answer);
  if (answered !== undefined) return answered;
  if (answer === leaveOut) return leaveOut;
  const plain = plainChoice(world, ranked, intent);
  if (plain !== undefined) return plain;
  const options = ranked.filter(({ score }) => score >= candidateScore).slice(0, 5);
  const text =
    options.length === 0
      ? `I found no operation for "${intent.text}". Which one should I use, or should I leave it out?`
      : `Which operation does "${intent.text}" mean?`;
  ask(world, {
    key,
    text,
    blocking: true,
    options: [
      ...options.map(({ operation }) => ({ label: operation.label, value: operation.key })),
      { label: 'Leave this step out', value: leaveOut },
    ],
    free: false,
    step: openName(intent),
  });
  return undefined;
}

export const leaveOut = 'leave-out';

/** Things that "it" can be: what was spoken of last, then what the trigger speaks of. */
function contextFor(world: World, intent: ActionIntent): readonly string[] {
  const pronoun = intent.words.some((token) => /^(?:it|them|that|this)$/.test(token.lower));
  // The last noun of a trigger is what it is about: "a client returns a thing".
  const things = world.entities.map((source) => source.entity).toReversed();
  return pronoun
    ? [...new Set([...world.spoken, ...things])]
    : [...new Set([...things, ...world.spoken])];
}

function plainChoice(
  world: World,
  ranked: readonly Ranked[],
  intent: ActionIntent,
): IndexedOperation | undefined {
  const [first, second] = ranked;
  if (first === undefined || first.score < acceptScore) return undefined;
  const content = intent.words.filter(isContent);
  if (content.length > 0 && first.cover < acceptCover) return undefined;
  const head = headOf(intent.words);
  if (
    head !== undefined &&
    !proseWords.has(head.stem) &&
    first.verbFit < 1 &&
    !world.index.knows(head.stem)
  )
    return undefined;
  if (first.verbFit < 0.3 && first.cover < 0.85) return undefined;
  if (second === undefined || first.score - second.score >= acceptMargin) return first.operation;
  const exact = first.verbFit === 1 && second.verbFit < 1 && first.cover >= second.cover - 0.06;
  return exact ? first.operation : undefined;
}

function openStep(world: World, intent: ActionIntent): Step {
  return { kind: 'open', name: world.names.take(openName(intent)), text: intent.text };
}

function openName(intent: ActionIntent): string {
  return camelName([wordsOf(intent.text)[0] ?? 'step', ...namingWords(intent.words)], 'openStep');
}

// Conditions

type KnownCondition =
  Condition | { readonly kind: 'known'; readonly jq: string; readonly text: string };

interface Test {
  readonly jq: string;
  /** What must be read first. */
  readonly steps: readonly Step[];
}

function conditionOf(world: World, condition: KnownCondition): Test | undefined {
  if (condition.kind === 'known') return { jq: condition.jq, steps: [] };
  const resolved = resolve(world, condition);
  if (!resolved.ok) {
    askAbout(world, resolved.question);
    return undefined;
  }
  let { jq } = resolved;
  const steps: Step[] = [];
  for (const operation of new Set(resolved.reads)) {
    const step = callStep(world, operation, {
      kind: 'action',
      verb: '',
      words: [],
      text: operation.operation.id,
    });
    jq = jq.replaceAll(contextJq(operation.operation.id), contextJq(step.name));
    steps.push(step);
  }
  return { jq, steps };
}

interface KnownIf {
  readonly condition: KnownCondition;
  readonly then: readonly Intent[];
  readonly otherwise: readonly Intent[];
  readonly trailing?: boolean;
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

/** A condition that is not known yet is never true. */
export const openCondition = 'false';

export function withIf(step: Step, jq: string): Step {
  return { ...step, if: step.if === undefined ? jq : joinJq([jq, step.if], 'and') };
}

// People

function planAsk(world: World, intent: AskIntent, conditions: readonly string[]): Step[] {
  const test = intent.condition === undefined ? undefined : conditionOf(world, intent.condition);
  const open = intent.condition !== undefined && test === undefined;
  const all = [
    ...conditions,
    ...(test === undefined ? [] : [test.jq]),
    ...(open ? [openCondition] : []),
  ];
  const guard = all.length === 0 ? {} : { if: joinJq(all, 'and') };
  const before = test?.steps ?? [];
  const assignee = chooseWho(world, intent);
  const who = intent.who.map((token) => token.lower).join(' ');
  const name = world.names.take(camelName(['ask', ...wordsOf(who)], 'askSomebody'));
  if (assignee === undefined) {
    return [...before, { kind: 'open', name, text: intent.text, ...guard }];
  }
  world.sources = [
    ...world.sources,
    {
      kind: 'result',
      jq: contextJq(name),
      schema: decisionSchema,
      entity: decisionEntity,
      words: new Set(stemsOf(who)),
      step: name,
    },
  ];
  const subject = world.entities.find(({ entity }) => entity !== '')?.entity;
  const title = titleOf(world, subject);
  const message = `${sentence(intent.condition?.text ?? intent.text)}.`;
  const step: HumanStep = {
    kind: 'human',
    name,
    assignee,
    title,
    message,
    data: '$workflow.input',
    ...guard,
  };
  return [...before, step];
}

const decisionSchema: JsonObject = {
  type: 'object',
  properties: {
    approved: { type: 'boolean' },
    decision: { type: 'string' },
    reason: { type: 'string' },
  },
};

function titleOf(world: World, subject: string | undefined): string {
  const noun = world.entityNames.get(subject ?? '');
  return noun === undefined ? 'Approve the next steps' : `Approve this ${noun}`;
}

function chooseWho(world: World, intent: AskIntent): HumanStep['assignee'] | undefined {
  const found = findPeople(world.people, intent.who);
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only.who;
  const who = intent.who.map((token) => token.text).join(' ');
  const options = found.length > 1 ? found : everybody(world.people);
  const key = keyOf(world, `who:${who.toLowerCase()}`);
  const answer = ask(world, {
    key,
    text:
      found.length > 1
        ? `Which "${who}" should be asked?`
        : `Nobody here is called "${who}". Who should be asked?`,
    blocking: true,
    options: options.map(({ label, value }) => ({ label, value })),
    free: false,
    step: camelName(['ask', ...wordsOf(who)], 'askSomebody'),
  });
  return everybody(world.people).find(({ value }) => value === answer)?.who;
}

// Loops and branches

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

const reservedVariables = new Set([
  'context',
  'input',
  'output',
  'task',
  'workflow',
  'runtime',
  'secrets',
  'error',
  'authorization',
]);

function variableName(noun: string): string {
  const name = camelName([noun], 'item');
  return reservedVariables.has(name) ? `${name}Item` : name;
}

interface ListSource {
  readonly jq: string;
  readonly schema: JsonObject;
  readonly noun: string;
  readonly before: readonly Step[];
}

function sourceOf(world: World, intent: EachIntent): ListSource | undefined {
  const words = [...stemsIn(intent.item), ...stemsIn(intent.source)].filter(
    (word) => !listWords.has(word),
  );
  const known = listIn(world, words);
  if (known !== undefined) return filtered(known, intent);
  const text = intent.item.map((token) => token.text).join(' ');
  const answer = world.answers.get(`list:${text}`);
  const answered = answer === undefined ? undefined : world.index.byKey.get(answer);
  const operation = answered ?? listOperation(world, intent);
  if (operation === undefined) return undefined;
  const tokens = [...intent.item, ...intent.source];
  const action: ActionIntent = {
    kind: 'action',
    verb: '',
    words: tokens,
    text: operation.operation.id,
  };
  const step = callStep(world, operation, action);
  const array = arraysOf(resultSource(step.name, operation))[0];
  if (array === undefined) return undefined;
  return filtered({ ...array, before: [step] }, intent);
}

const listWords = new Set('them one it these those item result all entri'.split(' ').map(stem));

interface ArrayFound {
  readonly jq: string;
  readonly schema: JsonObject;
  readonly noun: string;
  readonly before: readonly Step[];
}

function arraysOf(source: {
  jq: string;
  schema: JsonObject;
  entity: string;
  kind: string;
}): (ArrayFound & { readonly path: readonly string[]; readonly whole: JsonObject })[] {
  if (typeOf(source.schema) === 'array') {
    return [
      {
        jq: source.jq,
        schema: itemsOf(source.schema) ?? {},
        noun: source.entity,
        before: [],
        path: [],
        whole: source.schema,
      },
    ];
  }
  return propertiesOf(source.schema, 2)
    .filter((property) => typeOf(property.schema) === 'array')
    .map((property) => ({
      jq: source.jq + jqPath(property.path),
      schema: itemsOf(property.schema) ?? {},
      noun: singular(wordsOf(property.name).at(-1) ?? 'item'),
      before: [],
      path: property.path,
      whole: property.schema,
    }));
}

/** A list that is there already. */
function listIn(world: World, words: readonly string[]): ArrayFound | undefined {
  const sources = [...world.sources.toReversed(), ...world.entities];
  for (const source of sources) {
    const arrays = arraysOf(source);
    const named = arrays.find(
      (array) =>
        words.includes(stem(array.noun)) ||
        array.path.some((name) => stemsOf(name).some((word) => words.includes(word))),
    );
    const chosen =
      named ??
      (words.length === 0 && source.kind === 'result' ? arrays[0] : undefined) ??
      (source.kind === 'result' &&
      arrays.length === 1 &&
      words.some((word) => source.entity === word)
        ? arrays[0]
        : undefined);
    if (chosen === undefined) continue;
    if (source.kind === 'input')
      needInput(world, { path: chosen.path, schema: chosen.whole, required: true });
    return chosen;
  }
  return undefined;
}

function listOperation(world: World, intent: EachIntent): IndexedOperation | undefined {
  const nouns = [...intent.item, ...intent.source];
  const words = nouns.filter((token) => token.kind === 'word');
  const ranked = rank(world.index, { verb: stem('list'), words, context: [] }).filter(
    ({ operation }) =>
      operation.reads &&
      arraysOf({
        ...operation,
        jq: '',
        schema: (operation.operation.response?.schema ?? {}) as JsonObject,
        kind: 'result',
      }).length > 0,
  );
  const [first, second] = ranked;
  if (first === undefined || first.score < 0.5 || first.cover < 0.4) return undefined;
  const head = headOf(words);
  const about = head === undefined || first.operation.terms.has(head.stem) || first.cover > 0.6;
  if (!about) return undefined;
  return second === undefined || first.score - second.score > 0.02 ? first.operation : undefined;
}

function listOptions(world: World): { label: string; value: string }[] {
  return world.index.operations
    .filter(
      (operation) =>
        operation.reads &&
        arraysOf({
          ...operation,
          jq: '',
          schema: (operation.operation.response?.schema ?? {}) as JsonObject,
          kind: 'result',
        }).length > 0,
    )
    .slice(0, optionsMax)
    .map((operation) => ({ label: operation.label, value: operation.key }));
}

/** "each X that is Y" keeps only those, unless the list was asked for that way. */
function filtered(list: ArrayFound, intent: EachIntent): ArrayFound {
  const step = list.before[0];
  const covered = new Set<string>(
    step?.kind === 'call'
      ? [
          ...step.operation.title,
          ...Object.values(step.input).flatMap((value) =>
            'literal' in value && typeof value.literal === 'string' ? stemsOf(value.literal) : [],
          ),
        ]
      : [],
  );
  if (step?.kind === 'call') {
    for (const [name, value] of Object.entries(step.input)) {
      if ('literal' in value && value.literal === true)
        for (const word of stemsOf(name)) covered.add(word);
    }
  }
  const left = stemsIn(intent.item).filter(
    (word) => !covered.has(word) && word !== stem(list.noun) && !isStopWord(word),
  );
  if (left.length === 0) return list;
  const values = valuesOf(
    { kind: 'item', jq: '', schema: list.schema, entity: '', words: new Set() },
    1,
  );
  for (const value of values) {
    const test = itemTest(value, left);
    if (test !== undefined) return { ...list, jq: `${list.jq} | map(select(${test}))` };
  }
  return list;
}

function itemTest(value: Found, words: readonly string[]): string | undefined {
  const own = stemsOf(value.name);
  if (value.type === 'boolean' && words.some((word) => own.includes(word)))
    return flagTestOf(value);
  const choice = choicesOf(value.schema).find((one) =>
    stemsOf(one).every((word) => words.includes(word)),
  );
  return choice === undefined ? undefined : equalsTest(value, choice).jq;
}

function flagTestOf(value: Found): string {
  return value.jq === '' ? 'true' : flagTest(value).jq.startsWith('(') ? value.jq : value.jq;
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
