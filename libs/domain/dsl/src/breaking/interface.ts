import type { BreakingChange } from '@parley/contracts';
import type { Ir } from '@parley/ir';
import { isJsonObject, jsonEquals, type Json } from '@parley/kernel';
import { gapsBetween } from './compare-schemas.js';
import type { Gap } from './gap.js';

type Area = 'input' | 'output';

/** What callers give: everything that was right must stay right. */
export function inputChanges(before: Ir, after: Ir): BreakingChange[] {
  const [a, b] = [before.input?.schema, after.input?.schema];
  const gaps = gapsBetween(a, b, 'given');
  const found = gaps.map((gap) => change('input', gap, inputWords(gap)));
  return found.length > 0 ? found : harmless('input', a, b);
}

/** What callers get: everything that comes must be what was said before. */
export function outputChanges(before: Ir, after: Ir): BreakingChange[] {
  const [a, b] = [before.output?.schema, after.output?.schema];
  const pointer = '/output';
  if (a !== undefined && b === undefined) {
    const message = 'Nothing is said any more about the output; its schema is gone';
    return [{ area: 'output', pointer, message, breaking: true }];
  }
  const found = gapsBetween(b, a, 'taken').map((gap) => change('output', gap, outputWords(gap)));
  if (found.length > 0) return found;
  const sameValue = jsonEquals(templateOf(before), templateOf(after));
  if (a === undefined && !sameValue) {
    const message = 'The output is made in another way, and no schema says that it stays the same';
    return [{ area: 'output', pointer: '/output/as', message, breaking: true }];
  }
  return harmless('output', a, b);
}

function templateOf(ir: Ir): Json {
  return (ir.output?.as ?? null) as Json;
}

function change(area: Area, gap: Gap, message: string): BreakingChange {
  return { area, pointer: pointerOf(area, gap.path), message, breaking: true };
}

/** Schemas are written below `document`; members in references stand elsewhere, the way is the same. */
function pointerOf(area: Area, path: readonly string[]): string {
  const escaped = path.map((token) => token.replaceAll('~', '~0').replaceAll('/', '~1'));
  const tokens = escaped.map((token) =>
    token === '[]' ? 'items' : token === '*' ? 'additionalProperties' : `properties/${token}`,
  );
  return [`/${area}/schema/document`, ...tokens].join('/');
}

function nameOf(path: readonly string[]): string {
  return path.join('.').replaceAll('.[]', '[]');
}

function inputWords({ path, kind, given = '', taken = '', because = '' }: Gap): string {
  const what = path.length === 0 ? 'the input' : `the input field ${nameOf(path)}`;
  const What = `T${what.slice(1)}`;
  switch (kind) {
    case 'required':
      return `${What} is now required`;
    case 'type':
      return `${What} was ${given} and must now be ${taken}`;
    case 'values':
      return `${What} no longer takes ${given}; it takes ${taken}`;
    case 'bound':
      return `${What} is bounded more tightly: ${given} before, ${taken} now`;
    case 'closed':
      return `${What} no longer takes members that the schema does not name`;
    case 'removed':
      return `${What} is gone`;
    case 'added':
      return `${What} is new where nothing else was allowed`;
    case 'unsure':
      return `It is not sure that ${what} still takes what it took: ${because}`;
  }
}

function outputWords({ path, kind, given = '', taken = '', because = '' }: Gap): string {
  const what = path.length === 0 ? 'the output' : `the output field ${nameOf(path)}`;
  const What = `T${what.slice(1)}`;
  switch (kind) {
    case 'required':
      return `${What} may now be missing`;
    case 'type':
      return `${What} was ${taken} and can now be ${given}`;
    case 'values':
      return `${What} can now be ${given}; it was one of ${taken}`;
    case 'bound':
      return `${What} can now be beyond what was said: ${taken} before, ${given} now`;
    case 'closed':
      return `${What} can now have members that were excluded`;
    case 'removed':
      return `${What} is no longer produced`;
    case 'added':
      return `${What} is new where nothing else was allowed`;
    case 'unsure':
      return `It is not sure that ${what} still is what it was: ${because}`;
  }
}

/** A schema that is different and still fits: what has been added, else that it is wider. */
function harmless(area: Area, before: Json | undefined, after: Json | undefined): BreakingChange[] {
  if (jsonEquals(before, after)) return [];
  const fields = addedFields(before ?? {}, after ?? {}, []);
  const messages = fields.map(
    (path) =>
      [
        path,
        `The ${area} has the new ${area === 'input' ? 'optional ' : ''}field ${nameOf(path)}`,
      ] as const,
  );
  const whole = [
    [[], `The schema of the ${area} is different, and what fitted still fits`] as const,
  ];
  return (messages.length > 0 ? messages : whole).map(([path, message]) => ({
    area,
    pointer: pointerOf(area, path),
    message,
    breaking: false,
  }));
}

function addedFields(before: Json, after: Json, path: readonly string[]): (readonly string[])[] {
  const [a, b] = [before, after].map((schema) =>
    isJsonObject(schema) && isJsonObject(schema['properties']) ? schema['properties'] : {},
  );
  return Object.entries(b ?? {}).flatMap(([name, schema]) => {
    const old = a?.[name];
    return old === undefined ? [[...path, name]] : addedFields(old, schema, [...path, name]);
  });
}
