import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@parley/kernel';
import { shortened } from '../describe.js';
import { doing } from './doing.js';
import { duration, show, text, valueLengthMax } from './show.js';
import { kindOf, type Step } from './steps.js';

/** What is shown in front of the first difference of two long values. */
const contextLength = 20;

/** Every difference between two steps that are the same one. */
export function differences(before: Step, after: Step): string[] {
  const [a, b] = [before.own, after.own];
  const step = `step ${after.name}`;
  if (kindOf(before) !== kindOf(after)) return [`changed ${step}: it now ${doing(after)}`];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names
    .filter((name) => !jsonEquals(a[name], b[name]))
    .flatMap((name) =>
      memberDifference(name, { before: a[name], after: b[name], step, now: doing(after) }),
    );
}

interface Change {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  readonly step: string;
  /** What the step does after the change. */
  readonly now: string;
}

function memberDifference(name: string, change: Change): string[] {
  const { before, after, step } = change;
  switch (name) {
    case 'if':
      return [phrase('condition', change)];
    case 'call':
      return [`changed ${step}: it now ${change.now}`];
    case 'with':
      return argumentDifferences(change);
    case 'set':
      return objectDifferences('value', change);
    case 'wait':
      return [`changed the waiting time of ${step} from ${duration(before)} to ${duration(after)}`];
    case 'switch':
      return caseDifferences(change);
    case 'then':
      return [
        after === undefined
          ? `${step} goes on with the next step`
          : `${step} goes on with ${text(after)}`,
      ];
    case 'timeout':
      return [phrase('time limit', change, timeLimit)];
    case 'catch':
      return catchDifferences(change);
    case 'emit':
      return objectDifferences('event attribute', innerChange(change, ['event', 'with']));
    case 'run':
      return runDifferences(change);
    default:
      return [phrase(memberWords[name] ?? `"${name}"`, change)];
  }
}

const memberWords: Readonly<Record<string, string>> = {
  export: 'exported data',
  for: 'loop',
  foreach: 'handling of each event',
  fork: 'parallel branches',
  input: 'input',
  listen: 'awaited events',
  metadata: 'metadata',
  output: 'output',
  raise: 'error',
  while: 'loop condition',
};

function argumentDifferences(change: Change): string[] {
  const before = isJsonObject(change.before) ? change.before : {};
  const after = isJsonObject(change.after) ? change.after : {};
  const found: string[] = [];
  if (!['connector', 'operation'].every((name) => jsonEquals(before[name], after[name]))) {
    found.push(`changed ${change.step}: it now ${change.now}`);
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  for (const name of names.filter((one) => one !== 'connector' && one !== 'operation')) {
    if (jsonEquals(before[name], after[name])) continue;
    const inner = { ...change, before: before[name], after: after[name] };
    if (name === 'input') found.push(...objectDifferences('input', inner));
    else found.push(phrase(`"${name}"`, inner));
  }
  return found;
}

/** The same change, further inside. */
function innerChange(change: Change, path: readonly string[]): Change {
  const at = (value: Json | undefined) =>
    path.reduce<Json | undefined>(
      (found, name) => (isJsonObject(found) ? found[name] : undefined),
      value,
    );
  return { ...change, before: at(change.before), after: at(change.after) };
}

const processes = ['container', 'script', 'shell', 'workflow'];

function runDifferences(change: Change): string[] {
  const { before, after } = change;
  const process = (value: Json | undefined) =>
    processes.find((name) => isJsonObject(value) && name in value) ?? '';
  if (process(before) !== process(after)) return [`changed ${change.step}: it now ${change.now}`];
  const details = objectDifferences(process(after), innerChange(change, [process(after)]));
  const rest = ['await', 'return'].flatMap((name) => {
    const inner = innerChange(change, [name]);
    return jsonEquals(inner.before, inner.after) ? [] : [phrase(`"${name}"`, inner)];
  });
  return [...details, ...rest];
}

function objectDifferences(word: string, change: Change): string[] {
  if (!isJsonObject(change.before ?? {}) || !isJsonObject(change.after ?? {})) {
    return [phrase(`${word}s`, change)];
  }
  const before = (change.before ?? {}) as JsonObject;
  const after = (change.after ?? {}) as JsonObject;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !jsonEquals(before[name], after[name]))
    .map((name) =>
      phrase(`${word} "${name}"`, { ...change, before: before[name], after: after[name] }),
    );
}

function caseDifferences(change: Change): string[] {
  const before = casesOf(change.before);
  const after = casesOf(change.after);
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const found = names.flatMap((name) => {
    const [a, b] = [before.get(name), after.get(name)];
    if (jsonEquals(a, b)) return [];
    if (a === undefined) return [`added the case "${name}" to ${change.step}`];
    if (b === undefined) return [`removed the case "${name}" of ${change.step}`];
    const when = !jsonEquals(a['when'], b['when']);
    const inner = { ...change, before: a['when'], after: b['when'] };
    return [
      ...(when ? [phrase(`condition of the case "${name}"`, inner)] : []),
      ...(jsonEquals(a['then'], b['then'])
        ? []
        : [`the case "${name}" of ${change.step} goes on with ${text(b['then'])}`]),
    ];
  });
  return found.length > 0 ? found : [`changed the order of the cases of ${change.step}`];
}

function casesOf(list: Json | undefined): Map<string, JsonObject> {
  const entries = (Array.isArray(list) ? list : []).flatMap((item) =>
    isJsonObject(item) ? Object.entries(item) : [],
  );
  return new Map(entries.map(([name, body]) => [name, isJsonObject(body) ? body : {}]));
}

function catchDifferences(change: Change): string[] {
  const before = isJsonObject(change.before) ? change.before : {};
  const after = isJsonObject(change.after) ? change.after : {};
  const retry = { ...change, before: before['retry'], after: after['retry'] };
  const { retry: _, ...rest } = before;
  const { retry: __, ...restAfter } = after;
  return [
    ...(jsonEquals(retry.before, retry.after) ? [] : [phrase('retry policy', retry)]),
    ...(jsonEquals(rest, restAfter)
      ? []
      : [phrase('error handling', { ...change, before: rest, after: restAfter })]),
  ];
}

/** `added the X of step a (…)`, `removed …`, `changed … from … to …`. */
function phrase(
  what: string,
  change: Change,
  shower: (value: Json | undefined) => string = show,
): string {
  const { before, after, step } = change;
  if (before === undefined) return `added the ${what} of ${step}: ${shower(after)}`;
  if (after === undefined) return `removed the ${what} of ${step}`;
  const [from, to] = shower === show ? showPair(before, after) : [shower(before), shower(after)];
  return `changed the ${what} of ${step} from ${from} to ${to}`;
}

/** Two long values are cut around the first place where they differ, so that the change shows. */
function showPair(before: Json, after: Json): [string, string] {
  const [a, b] = [JSON.stringify(before), JSON.stringify(after)];
  let same = 0;
  while (same < Math.min(a.length, b.length) && a[same] === b[same]) same += 1;
  const start = same - contextLength;
  if (start <= 0 || Math.max(a.length, b.length) <= valueLengthMax)
    return [show(before), show(after)];
  const cut = (value: string) => `…${shortened(value.slice(start), valueLengthMax)}`;
  return [cut(a), cut(b)];
}

function timeLimit(value: Json | undefined): string {
  return isJsonObject(value) ? duration(value['after']) : text(value);
}
