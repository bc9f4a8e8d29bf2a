import type { Edit } from '@parley/dsl';
import { isJsonObject, type JsonObject } from '@parley/kernel';
import { bindInputs } from '../plan/bind.js';
import { expression, writeValue } from '../plan/write.js';
import { beforeStep, ownTexts, type Editor } from './editor.js';
import {
  bareJq,
  casesOf,
  insideOf,
  mentions,
  ownerOf,
  siblingsOf,
  textsIn,
  writeCases,
  type ViewStep,
} from './view.js';
import { inputSchemaOf } from './world.js';

/**
 * Removes a step and what only existed for it: the decision after an approval, a block or a way that
 * would be empty, its part of conditions, and inputs of the workflow that nothing else reads.
 */
export function removeStep(editor: Editor, step: ViewStep): boolean {
  const dead = deadWith(editor, step);
  const names = [...dead, ...dead.flatMap((one) => insideOf(editor.view, one.path))].map(
    ({ name }) => name,
  );
  const inputs = inputsReadBy(editor, dead);
  const jumps = dead.flatMap((one) => retargets(editor, one, dead));
  const tops = dead.filter((one) => !dead.some((other) => one.path.startsWith(`${other.path}/`)));
  const edits: Edit[] = [
    ...jumps,
    ...tops.map((one): Edit => ({ kind: 'removeStep', step: one.path })),
  ];
  if (!editor.apply(edits)) return false;
  for (const name of names) repairReaders(editor, name);
  dropInputs(editor, inputs);
  return true;
}

function deadWith(editor: Editor, step: ViewStep): ViewStep[] {
  const dead = [step];
  const siblings = siblingsOf(editor.view, step.list);
  if (step.kind === 'human') {
    const gate = siblings[step.index + 1];
    const only =
      gate?.kind === 'switch' && casesOf(gate).length === 1 && mentions(gate.task, step.name);
    if (gate !== undefined && only) dead.push(gate);
  }
  const ways =
    step.kind === 'switch'
      ? casesOf(step).flatMap(({ then }) => siblings.filter(({ name }) => name === then))
      : [];
  if (ways.length > 1) dead.push(...ways);
  const owner = ownerOf(editor.view, step.list);
  const alone = siblings.every((one) => dead.includes(one));
  if (owner !== undefined && alone && !step.list.includes('/catch/'))
    return deadWith(editor, owner);
  return dead;
}

/** Decisions that led to a removed way go on behind it. */
function retargets(editor: Editor, step: ViewStep, dead: readonly ViewStep[]): Edit[] {
  const siblings = siblingsOf(editor.view, step.list);
  const end = step.list === 'do' ? 'end' : 'exit';
  return siblings.flatMap((one): Edit[] => {
    if (dead.includes(one)) return [];
    if (one.kind === 'switch' && casesOf(one).some(({ then }) => then === step.name)) {
      const ways = new Set(casesOf(one).map(({ then }) => then));
      const next = siblings.find(
        (other) => other.index > step.index && !dead.includes(other) && !ways.has(other.name),
      );
      const cases = casesOf(one).map((way) =>
        way.then === step.name ? { ...way, then: next?.name ?? end } : way,
      );
      return [{ kind: 'setMember', step: one.path, path: ['switch'], value: writeCases(cases) }];
    }
    if (one.task['then'] !== step.name) return [];
    const next = siblings.find((other) => other.index > step.index && !dead.includes(other));
    return [{ kind: 'setMember', step: one.path, path: ['then'], value: next?.name ?? end }];
  });
}

/** What read the result of a removed step does without it. */
export function repairReaders(editor: Editor, name: string): void {
  for (const { path } of editor.readersOf(name)) {
    const reader = editor.view.steps.find((step) => step.path === path);
    if (reader === undefined) continue;
    repairCondition(editor, reader, name);
    const again = editor.view.steps.find((step) => step.path === path);
    if (again?.operation !== undefined) repairInputs(editor, again, name);
  }
}

function repairCondition(editor: Editor, reader: ViewStep, name: string): void {
  const condition = reader.task['if'];
  if (typeof condition === 'string' && mentionsName(condition, name)) {
    const rest = withoutConjunct(bareJq(condition), name);
    editor.apply([
      { kind: 'setCondition', step: reader.path, if: rest === undefined ? null : expression(rest) },
    ]);
  }
  if (reader.kind !== 'switch') return;
  const cases = casesOf(reader);
  if (!cases.some(({ when }) => when !== undefined && mentionsName(when, name))) return;
  const repaired = cases.map((way) => {
    if (way.when === undefined || !mentionsName(way.when, name)) return way;
    const rest = withoutConjunct(bareJq(way.when), name);
    return { ...way, when: expression(rest ?? 'true') };
  });
  editor.apply([
    { kind: 'setMember', step: reader.path, path: ['switch'], value: writeCases(repaired) },
  ]);
  if (repaired.some(({ when }) => when === expression('true'))) {
    editor.notes.push(`"${reader.name}" has no condition left and always goes the first way.`);
  }
}

function mentionsName(text: string, name: string): boolean {
  return new RegExp(`\\$context\\.${name}\\b`).test(text);
}

/** A conjunction without the parts that speak of a step; undefined when nothing is left. */
function withoutConjunct(jq: string, name: string): string | undefined {
  const kept = conjunctsOf(jq).filter((part) => !mentionsName(part, name));
  return kept.length === 0 ? undefined : kept.join(' and ');
}

/** The parts of a conjunction, brackets and texts respected. */
function conjunctsOf(jq: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < jq.length; at += 1) {
    const char = jq[at];
    if (char === '"' && jq[at - 1] !== '\\') quoted = !quoted;
    if (quoted) continue;
    if (char === '(' || char === '[' || char === '{') depth += 1;
    if (char === ')' || char === ']' || char === '}') depth -= 1;
    if (depth === 0 && jq.startsWith(' and ', at)) {
      parts.push(jq.slice(from, at).trim());
      from = at + 5;
    }
    if (depth === 0 && jq.startsWith(' or ', at)) return [jq];
  }
  parts.push(jq.slice(from).trim());
  return parts;
}

function repairInputs(editor: Editor, reader: ViewStep, name: string): void {
  const given = reader.task['with'];
  const inputs = isJsonObject(given) && isJsonObject(given['input']) ? given['input'] : {};
  const broken = Object.entries(inputs).filter(([, value]) =>
    textsIn(value).some((text) => mentionsName(text, name)),
  );
  if (broken.length === 0 || reader.operation === undefined) return;
  const world = editor.worldAt(beforeStep(reader));
  world.sources = world.sources.filter((source) => source.step !== name);
  const bound = bindInputs(world, { operation: reader.operation, step: reader.name, words: [] });
  editor.apply(
    broken.map(([input]) => {
      const value = bound[input];
      return {
        kind: 'setInput',
        step: reader.path,
        input,
        ...(value === undefined ? {} : { value: writeValue(value) }),
      };
    }),
  );
  editor.adopt(world);
}

const inputPattern = /\$workflow\.input\.([A-Za-z_]\w*)/g;

function namesRead(texts: readonly string[]): Set<string> {
  return new Set(
    texts.flatMap((text) => [...text.matchAll(inputPattern)].map((match) => match[1] ?? '')),
  );
}

/** Members of the input that some steps read. */
export function inputsReadBy(editor: Editor, steps: readonly ViewStep[]): Set<string> {
  const all = [...steps, ...steps.flatMap((step) => insideOf(editor.view, step.path))];
  return namesRead(all.flatMap(ownTexts));
}

/** The input asks only for what is read. */
export function dropInputs(editor: Editor, candidates: ReadonlySet<string>): void {
  const schema = inputSchemaOf(editor.view);
  if (schema === undefined || candidates.size === 0) return;
  const still = namesRead(editor.view.steps.flatMap(ownTexts));
  const unused = [...candidates].filter((name) => !still.has(name));
  if (unused.length === 0) return;
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const kept = Object.fromEntries(
    Object.entries(properties).filter(([name]) => !unused.includes(name)),
  );
  const { required: _required, ...rest } = schema;
  const needed = required.filter((name) => typeof name === 'string' && !unused.includes(name));
  const next: JsonObject = {
    ...rest,
    ...(needed.length === 0 ? {} : { required: needed }),
    properties: kept,
  };
  const empty = Object.keys(kept).length === 0;
  editor.apply([{ kind: 'setInputSchema', schema: empty ? null : next }]);
}
