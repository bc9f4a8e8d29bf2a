import type { JsonObject } from '@parley/kernel';
import { interpolate } from '../expressions/interpolation.js';
import { parseDuration } from '../values/duration.js';
import { program, programOf, templateOf, wrapped, type Around } from './expressions.js';
import type { Migration } from './migration.js';
import type { Old } from './old.js';

/**
 * In the old language results are merged into the data of the state; in the new one the output of a
 * task takes the place of its input. `output.as` merges.
 */
export function mergedInto(
  migration: Migration,
  filter: Old | undefined,
  options: {
    readonly use: string;
    readonly into: string;
    readonly around?: Omit<Around, 'pointer'>;
    /** Expression for what is merged; the result itself when absent. */
    readonly result?: string;
    /** Expression for the data that it is merged into. @default `$input` */
    readonly data?: string;
  },
): string {
  const { around = {}, result = '.', data = '$input' } = options;
  const useFlag = filter?.member('useData')?.json ?? filter?.member('useResults')?.json;
  const picked = programOf(migration, filter, options.use, around);
  const target = filter?.member(options.into);
  if (useFlag === false) return data;
  const into = target?.words;
  const value =
    picked === undefined ? result : piped(result, into === undefined ? named(picked) : picked);
  if (target === undefined || into === undefined)
    return value === '.' ? `${data} * .` : `${data} * (${value})`;
  migration.report.approximated(
    target.pointer,
    'The result is put in this place; the old language merged it with what was there',
  );
  const path = program(migration, into, { ...around, pointer: target.pointer });
  return `(${value}) as $result | ${data} | ${path} = $result`;
}

/** The filters of a state around its task. */
export function withStateFilter(migration: Migration, state: Old, task: JsonObject): JsonObject {
  const filter = state.member('stateDataFilter');
  const input = programOf(migration, filter, 'input', { secrets: '$secrets' });
  const output = programOf(migration, filter, 'output');
  return {
    ...task,
    ...(input === undefined ? {} : { input: { from: wrapped(composed(input, from(task))) } }),
    ...(output === undefined ? {} : { output: { as: wrapped(composed(as(task), output)) } }),
  };
}

/** What one member picks is merged under its name, unless it is an object. */
function named(picked: string): string {
  const [, name] = /^(?:\.[A-Za-z_]\w*)*\.([A-Za-z_]\w*)$/.exec(picked) ?? [];
  if (name === undefined) return picked;
  return `${picked} | if type == "object" then . else { ${name}: . } end`;
}

/** One program after the other; without either, the other. */
function composed(first: string | undefined, second: string | undefined): string {
  if (first === undefined || second === undefined) return first ?? second ?? '.';
  return `(${first}) | (${second})`;
}

function piped(first: string, second: string): string {
  return first === '.' ? second : `${first} | ${second}`;
}

function from(task: JsonObject): string | undefined {
  return innerProgram(task['input'], 'from');
}

function as(task: JsonObject): string | undefined {
  return innerProgram(task['output'], 'as');
}

function innerProgram(holder: unknown, key: string): string | undefined {
  if (typeof holder !== 'object' || holder === null) return undefined;
  const text = (holder as Record<string, unknown>)[key];
  return typeof text === 'string' ? text.slice(3, -2) : undefined;
}

/** A duration that the new language takes as well. */
export function durationOf(
  migration: Migration,
  holder: Old | undefined,
  key: string,
): string | undefined {
  const member = holder?.member(key);
  const text = member?.words;
  if (member === undefined || text === undefined) return undefined;
  if (interpolate(text).kind === 'expression') {
    return templateOf(migration, text, { pointer: member.pointer });
  }
  if (parseDuration(text).ok) return text;
  // Days and weeks behind the T are a common slip.
  const slip = text.replace(/^PT(\d+)([DW])$/, 'P$1$2');
  if (parseDuration(slip).ok) {
    migration.report.approximated(member.pointer, `"${text}" is taken as ${slip}`);
    return slip;
  }
  migration.report.dropped(member.pointer, `"${text}" is not an ISO 8601 duration`);
  return undefined;
}
