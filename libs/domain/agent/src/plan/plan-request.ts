import type { JsonObject } from '@parley/kernel';
import type { SearchIndex } from '../catalogue/search.js';
import { stem, stemsOf, wordsOf } from '../language/stem.js';
import { isStopWord } from '../language/lexicon.js';
import type { Token } from '../language/tokens.js';
import { textOf, type Intent, type Request } from '../request/intents.js';
import { parseRequest } from '../request/parse.js';
import { singular } from '../catalogue/operation.js';
import type { OpenQuestion, Step } from './model.js';
import { Names } from './names.js';
import { planList } from './planner.js';
import { entitiesOf, sentence, type People, type World } from './world.js';
import { writeInputSchema, writeSteps } from './write.js';

export interface PlanContext {
  readonly index: SearchIndex;
  readonly people: People;
  readonly timezone: string;
  readonly answers: ReadonlyMap<string, string>;
}

/** A definition made of a request. */
export interface Planned {
  readonly definition: JsonObject;
  readonly questions: readonly OpenQuestion[];
  readonly notes: readonly string[];
  readonly steps: readonly Step[];
}

function newWorld(context: PlanContext, request: Request): World {
  const entities = entitiesOf(context.index, request.trigger);
  return {
    index: context.index,
    people: context.people,
    answers: context.answers,
    unattended: request.schedule !== undefined,
    names: new Names(),
    questions: [],
    notes: [],
    input: [],
    entities,
    entityNames: nounsOf(request.trigger),
    sources: [],
    connectors: new Set(),
    spoken: spokenIn(
      request.trigger,
      entities.map((source) => source.entity),
    ),
    mentioned: new Set(stemsOf(request.text)),
    compared: [],
    depth: 0,
    asked: new Map(),
  };
}

function nounsOf(trigger: readonly Token[] | undefined): Map<string, string> {
  return new Map((trigger ?? []).map((token) => [token.stem, singular(token.lower)]));
}

/** What the trigger is about, things of the catalogue first. */
function spokenIn(trigger: readonly Token[] | undefined, entities: readonly string[]): string[] {
  const words = (trigger ?? []).filter((token) => token.kind === 'word' && !isStopWord(token.stem));
  const others = words.map((token) => token.stem).toReversed();
  return [...new Set([...entities.toReversed(), ...others])];
}

/** Plans a whole workflow; undefined when the request asks for nothing that can be done. */
export function planRequest(text: string, context: PlanContext): Planned | undefined {
  const request = parseRequest(text, context.index.verbs);
  if (request.intents.length === 0) return undefined;
  const world = newWorld(context, request);
  const steps = planList(world, request.intents);
  if (steps.length === 0 || !asksForSomething(request.intents, steps)) return undefined;
  if (request.schedule?.assumed !== undefined) {
    world.notes.push(`I assumed ${request.schedule.assumed} as the time of day.`);
  }
  return {
    definition: definitionOf(request, world, steps, context.timezone),
    questions: world.questions,
    notes: world.notes,
    steps,
  };
}

/** A greeting is no process: no verb that is known, and nothing like it in the catalogue. */
function asksForSomething(intents: readonly Intent[], steps: readonly Step[]): boolean {
  const verbal = intents.some((intent) => intent.kind !== 'action' || intent.verb !== '');
  return verbal || steps.some((step) => step.kind !== 'open');
}

function definitionOf(
  request: Request,
  world: World,
  steps: readonly Step[],
  timezone: string,
): JsonObject {
  const title = titleOf(request);
  const schedule = request.schedule?.schedule;
  return {
    document: {
      dsl: '1.0.3',
      namespace: 'default',
      name: slugOf(title),
      version: '0.1.0',
      title,
      summary: summaryOf(request.text),
      ...(schedule === undefined ? {} : { metadata: { timezone } }),
    },
    ...(schedule === undefined ? {} : { schedule: { ...schedule } }),
    ...(world.input.length === 0
      ? {}
      : { input: { schema: { document: writeInputSchema(world.input) } } }),
    do: writeSteps(steps, false),
  };
}

const titleLengthMax = 60;
const summaryLengthMax = 500;

function summaryOf(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return flat.length <= summaryLengthMax ? flat : `${flat.slice(0, summaryLengthMax - 1)}…`;
}

function titleOf(request: Request): string {
  const trigger = request.trigger === undefined ? '' : textOf(request.trigger);
  const first = request.intents.map(labelOf).find((label) => label !== '') ?? 'Workflow';
  const text = sentence(trigger === '' ? first : `when ${trigger}: ${first}`);
  if (text.length <= titleLengthMax) return text;
  const cut = text.slice(0, titleLengthMax);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), 20))}…`;
}

function labelOf(intent: Intent): string {
  switch (intent.kind) {
    case 'action':
    case 'ask':
      return intent.text;
    case 'each':
      return `for each ${textOf(intent.item)}`;
    case 'parallel':
      return intent.branches.map(labelOf)[0] ?? '';
    case 'if':
      return intent.then.map(labelOf)[0] ?? '';
    case 'guard':
      return intent.body.map(labelOf)[0] ?? '';
    case 'wait':
      return '';
  }
}

const slugWords = new Set(
  ['when', 'and', 'of', 'be', 'to', 'for', 'each', 'in', 'on', 'at', 'with', 'from'].map(stem),
);

function slugOf(title: string): string {
  const words = wordsOf(title).filter(
    (word) =>
      !isStopWord(stem(word)) && !slugWords.has(stem(word)) && !/^(?:is|are|was)$/.test(word),
  );
  const slug = words.slice(0, 6).join('-').slice(0, 50).replace(/-+$/, '');
  return /^[a-z0-9]/.test(slug) ? slug : 'workflow';
}
