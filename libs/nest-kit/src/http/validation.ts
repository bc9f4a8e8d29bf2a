import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { AppError, type ErrorDetail, JsonNumber } from '@parley/kernel';
import type { z } from 'zod';
import { plainWords, type Finding } from './plain-words.js';

type Path = readonly (PropertyKey | { readonly key: PropertyKey })[];
interface Issue extends Finding {
  readonly path?: Path | undefined;
}

const errorsMax = 50;

/**
 * Checks parameters against the schema of their decorator and says where each fault is. Not the pipe
 * that Nest has for this: that one takes members named `constructor` and `prototype` out of every
 * value without a word.
 */
export class SchemaPipe implements PipeTransform {
  async transform(value: unknown, { type, schema }: ArgumentMetadata): Promise<unknown> {
    if (schema === undefined || type === 'custom') return value;
    const result = await schema['~standard'].validate(value);
    if (result.issues) throw invalid(result.issues.map((issue) => told(issue, value)));
    demandKept(value, result.value, []);
    return result.value;
  }
}

/**
 * What a handler checks by itself, as the pipe does it.
 * @throws AppError `invalid` that says where each fault is
 */
export function demandFits<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw invalid(result.error.issues.map((issue) => told(issue, value)));
  demandKept(value, result.data, []);
  return result.data;
}

/** In words for people; also where a plain number is expected and one came that no double carries. */
function told(issue: Issue, value: unknown): Issue {
  const at = keysOf(issue.path).reduce<unknown>(
    (inside, key) =>
      typeof inside === 'object' && inside !== null
        ? (inside as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
  if (!(at instanceof JsonNumber)) return { ...issue, message: plainWords(issue, at) };
  return {
    ...issue,
    message: 'This number has more digits or a larger exponent than allowed here',
  };
}

/**
 * Whatever a schema does not pass on as it is, it puts together anew, and then drops a member named
 * `__proto__`. Better refused than lost.
 */
function demandKept(given: unknown, kept: unknown, path: PropertyKey[]): void {
  if (given === kept || !isObject(given) || !isObject(kept)) return;
  for (const key of Object.keys(kept)) {
    if (Object.hasOwn(given, key)) demandKept(given[key], kept[key], [...path, key]);
  }
  if (!Object.hasOwn(given, '__proto__') || Object.hasOwn(kept, '__proto__')) return;
  const pointer = pointerOf([...path, '__proto__']);
  const message = 'The body has the key __proto__ where it cannot be kept.';
  throw new AppError('malformed', message, { errors: [{ pointer, message }] });
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The refusal for content that does not fit its schema. */
export function invalid(issues: readonly Issue[]): AppError {
  const errors: ErrorDetail[] = issues
    .slice(0, errorsMax)
    .map((issue) => ({ pointer: pointerOf(issue.path ?? []), message: issue.message }));
  const first = errors[0];
  const place = first?.pointer ? ` (at ${first.pointer})` : '';
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : '';
  return new AppError(
    'invalid',
    `${first?.message ?? 'The content does not fit'}${place}${more}.`,
    {
      errors,
    },
  );
}

function keysOf(path: Path = []): PropertyKey[] {
  return path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
}

function pointerOf(path: Path): string {
  return keysOf(path)
    .map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
