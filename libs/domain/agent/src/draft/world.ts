import { isJsonObject, type JsonObject } from '@parley/kernel';
import { itemSource, entitiesOf, resultSource, type World } from '../plan/world.js';
import { decisionEntity } from '../plan/conditions.js';
import { Names } from '../plan/names.js';
import type { PlanContext } from '../plan/plan-request.js';
import type { Source } from '../plan/values.js';
import { parseRequest } from '../request/parse.js';
import { itemsOf, membersOf } from '../catalogue/schema.js';
import type { Token } from '../language/tokens.js';
import { stem, stemsOf, wordsOf } from '../language/stem.js';
import { singular } from '../catalogue/operation.js';
import { bareJq, type View, type ViewStep } from './view.js';

/** The world as a new step would find it at a place of a draft. */
export function worldAt(view: View, context: PlanContext, place: Place): World {
  const before = view.steps.filter((step) => isBefore(view, step, place));
  const entities = [...inputSources(view), ...triggerSources(view, context)];
  const sources: Source[] = [];
  for (const step of before) {
    if (step.operation !== undefined) sources.push(resultSource(step.name, step.operation));
    else if (step.kind === 'human') sources.push(decisionSource(step));
  }
  sources.push(...loopSources(view, place, sources));
  const spoken = before.flatMap((step) =>
    step.operation === undefined ? [] : [step.operation.entity],
  );
  const things = entities.map((source) => source.entity).filter((entity) => entity !== '');
  return {
    index: context.index,
    people: context.people,
    answers: context.answers,
    unattended: view.definition['schedule'] !== undefined,
    names: new Names(view.steps.map((step) => step.name)),
    questions: [],
    notes: [],
    input: [],
    entities,
    entityNames: triggerNouns(view, context),
    sources,
    connectors: new Set(view.steps.flatMap((step) => step.operation?.connector ?? [])),
    spoken: [...new Set([...spoken.toReversed(), ...things])].slice(0, 6),
    mentioned: new Set([...things, ...spoken]),
    compared: [],
    depth: place.list === 'do' ? 0 : 1,
    asked: new Map(),
  };
}

/** A place in a list: in front of the step with this index. */
export interface Place {
  readonly list: string;
  readonly index: number;
}

/** Steps that are through when control comes to a place. */
function isBefore(view: View, step: ViewStep, place: Place): boolean {
  if (step.path.includes('/catch/')) return place.list.startsWith(step.list);
  if (step.list === place.list) return step.index < place.index;
  if (place.list.startsWith(`${step.list}/`)) {
    const owner = view.steps.find(
      (one) => one.list === step.list && place.list.startsWith(`${one.path}/`),
    );
    return owner !== undefined && step.index < owner.index;
  }
  const sibling = view.steps.find(
    (one) => one.list === place.list && step.path.startsWith(`${one.path}/`),
  );
  if (sibling !== undefined) return sibling.index < place.index;
  const shared = view.steps.find(
    (one) => place.list.startsWith(`${one.list}/`) && step.path.startsWith(`${one.path}/`),
  );
  const owner = view.steps.find(
    (one) => one.list === shared?.list && place.list.startsWith(`${one.path}/`),
  );
  return shared !== undefined && owner !== undefined && shared.index < owner.index;
}

function decisionSource(step: ViewStep): Source {
  return {
    kind: 'result',
    jq: `$context.${step.name}`,
    schema: { type: 'object', properties: { approved: { type: 'boolean' } } },
    entity: decisionEntity,
    words: new Set(stemsOf(step.name)),
    step: step.name,
    conditional: step.task['if'] !== undefined,
  };
}

export function inputSchemaOf(view: View): JsonObject | undefined {
  const input = view.definition['input'];
  const schema = isJsonObject(input) ? input['schema'] : undefined;
  const document = isJsonObject(schema) ? schema['document'] : undefined;
  return isJsonObject(document) ? document : undefined;
}

function inputSources(view: View): Source[] {
  const schema = inputSchemaOf(view);
  if (schema === undefined) return [];
  const entity = '';
  return [{ kind: 'input', jq: '$workflow.input', schema, entity, words: new Set() }];
}

function triggerOf(view: View, context: PlanContext): readonly Token[] | undefined {
  const document = view.definition['document'];
  const summary = isJsonObject(document) ? document['summary'] : undefined;
  if (typeof summary !== 'string') return undefined;
  return parseRequest(summary, context.index.verbs).trigger;
}

function triggerNouns(view: View, context: PlanContext): Map<string, string> {
  const trigger = triggerOf(view, context) ?? [];
  return new Map(trigger.map((token) => [token.stem, singular(token.lower)]));
}

/** The summary of a planned draft is the request that made it; its trigger still tells what comes in. */
function triggerSources(view: View, context: PlanContext): Source[] {
  return entitiesOf(context.index, triggerOf(view, context));
}

function loopSources(view: View, place: Place, sources: readonly Source[]): Source[] {
  const loops = view.steps.filter(
    (step) => step.kind === 'for' && place.list.startsWith(`${step.path}/`),
  );
  return loops.flatMap((step) => {
    const loop = step.task['for'];
    if (!isJsonObject(loop) || typeof loop['each'] !== 'string' || typeof loop['in'] !== 'string')
      return [];
    const schema = schemaAt(bareJq(loop['in']).split('|')[0]?.trim() ?? '', [
      ...sources,
      ...inputSources(view),
    ]);
    const noun = singular(wordsOf(loop['each']).at(-1) ?? '');
    return [itemSource(loop['each'], itemsOf(schema) ?? {}, [stem(noun)])];
  });
}

/** The schema of what a plain path reads. */
function schemaAt(jq: string, sources: readonly Source[]): JsonObject | undefined {
  const source = sources.find((one) => jq === one.jq || jq.startsWith(`${one.jq}.`));
  if (source === undefined) return undefined;
  const path = jq
    .slice(source.jq.length)
    .split('.')
    .filter((name) => name !== '');
  let schema: JsonObject | undefined = source.schema;
  for (const name of path)
    schema = membersOf(schema).find((member) => member.name === name)?.schema;
  return schema;
}
