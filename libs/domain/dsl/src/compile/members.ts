import { nearest } from '../diagnostics/nearest.js';
import { kindOf, type MapEntry, type MapNode, type SourceNode } from '../source/tree.js';
import type { Context } from './context.js';

/** A member of an object of the language. */
export interface Member {
  readonly required?: boolean;
  /** The language has it, this version does not run it. */
  readonly later?: boolean;
}

/** The members that an object may have; everything else is a mistake. */
export type Members = Readonly<Record<string, Member>>;

export type Fields = ReadonlyMap<string, SourceNode>;

/**
 * Reads the members of an object: reports unknown, missing and not yet supported ones, and returns
 * the rest. A missing member beside an unknown one is one mistake (a misspelling), so it is
 * reported once, at the unknown; an object that has nothing of what it needs is one mistake, too.
 */
export function readMembers(
  ctx: Context,
  node: SourceNode,
  members: Members,
  what: string,
): Fields | undefined {
  if (!expectMap(ctx, node, what)) return undefined;
  const fields = new Map<string, SourceNode>();
  const unknown: MapEntry[] = [];
  for (const entry of node.entries) {
    const member = Object.hasOwn(members, entry.key) ? members[entry.key] : undefined;
    if (member === undefined) unknown.push(entry);
    else if (member.later === true) notYet(ctx, entry, `"${entry.key}" in ${what}`);
    else fields.set(entry.key, entry.value);
  }
  const missing = Object.keys(members).filter(
    (name) => members[name]?.required === true && !has(node, name),
  );
  const foreign = unknown.length > 0 && fields.size === 0 && missing.length > 0;
  for (const entry of unknown) reportUnknown(ctx, entry, { node, members, missing, what });
  if (missing.length > 0 && !foreign) reportMissing(ctx, node, missing, what);
  return fields;
}

function reportMissing(
  ctx: Context,
  node: MapNode,
  missing: readonly string[],
  what: string,
): void {
  const place = { span: node.keySpan ?? startOf(node), pointer: node.pointer };
  ctx.reporter.report('PL1010', place, {
    message: `${what} needs ${missing.map((name) => `"${name}"`).join(' and ')}`,
    expected: missing.join(', '),
  });
}

/** Reports that the language has something which this version does not run. */
export function notYet(ctx: Context, entry: MapEntry, what: string): void {
  ctx.reporter.report(
    'PL1060',
    { span: entry.keySpan, pointer: entry.value.pointer },
    {
      message: `${what} is not supported yet`,
    },
  );
}

interface Unknown {
  readonly node: MapNode;
  readonly members: Members;
  /** Taken from by every unknown member that may have been meant. */
  readonly missing: string[];
  readonly what: string;
}

function reportUnknown(
  ctx: Context,
  entry: MapEntry,
  { node, members, missing, what }: Unknown,
): void {
  const free = Object.keys(members).filter((name) => !has(node, name) && !members[name]?.later);
  const near = nearest(entry.key, free);
  const meant = missing.find((name) => near.includes(name)) ?? missing[0];
  if (meant !== undefined) missing.splice(missing.indexOf(meant), 1);
  const best = near[0] ?? (near.length === 0 ? meant : undefined);
  const suggestions = near.length > 0 ? near : meant === undefined ? [] : [meant];
  ctx.reporter.report(
    'PL1011',
    { span: entry.keySpan, pointer: entry.value.pointer },
    {
      message: `${what} has no member "${entry.key}"`,
      expected: Object.keys(members).join(', '),
      actual: entry.key,
      suggestions,
      ...(best === undefined
        ? {}
        : { fix: { title: `Rename to "${best}"`, span: entry.keySpan, newText: best } }),
    },
  );
}

function has(node: MapNode, name: string): boolean {
  return node.entries.some((entry) => entry.key === name);
}

function startOf(node: SourceNode): { start: number; end: number } {
  return { start: node.span.start, end: Math.min(node.span.end, node.span.start + 1) };
}

/** Narrows to an object, or reports. */
export function expectMap(ctx: Context, node: SourceNode, what: string): node is MapNode {
  if (node.kind === 'map') return true;
  wrongType(ctx, node, what, 'an object');
  return false;
}

/** The items of a list that must not be empty. */
export function expectItems(
  ctx: Context,
  node: SourceNode,
  what: string,
): readonly SourceNode[] | undefined {
  if (node.kind !== 'list') {
    wrongType(ctx, node, what, 'a list');
    return undefined;
  }
  if (node.items.length > 0) return node.items;
  ctx.reporter.report(
    'PL1017',
    { span: node.keySpan ?? node.span, pointer: node.pointer },
    {
      message: `${what} is empty`,
    },
  );
  return undefined;
}

/** A text; numbers and the like get the fix of quoting them. */
export function expectText(ctx: Context, node: SourceNode, what: string): string | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'string') return node.value;
  wrongType(ctx, node, what, 'a text');
  return undefined;
}

/** A text that is not empty. */
export function expectName(ctx: Context, node: SourceNode, what: string): string | undefined {
  const text = expectText(ctx, node, what);
  if (text === undefined || text.trim() !== '') return text;
  ctx.reporter.report('PL1017', node, { message: `${what} is empty` });
  return undefined;
}

export function expectBoolean(ctx: Context, node: SourceNode, what: string): boolean | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  wrongType(ctx, node, what, 'true or false');
  return undefined;
}

/** A whole number of at least `min`. */
export function expectInteger(
  ctx: Context,
  node: SourceNode,
  what: string,
  min = 0,
): number | undefined {
  if (node.kind !== 'scalar' || !Number.isInteger(node.value)) {
    wrongType(ctx, node, what, 'a whole number');
    return undefined;
  }
  const value = node.value as number;
  if (value >= min) return value;
  ctx.reporter.report('PL1013', node, {
    message: `${what} must be at least ${min}`,
    expected: `>= ${min}`,
    actual: String(value),
  });
  return undefined;
}

/** One of several words. */
export function expectOneOf<T extends string>(
  ctx: Context,
  node: SourceNode,
  what: string,
  words: readonly T[],
): T | undefined {
  const text = expectText(ctx, node, what);
  if (text === undefined) return undefined;
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const near = nearest(text, words);
  ctx.reporter.report('PL1013', node, {
    message: `${what} cannot be "${text}"`,
    expected: words.join(', '),
    actual: text,
    suggestions: near,
    ...(near[0] === undefined
      ? {}
      : { fix: { title: `Write "${near[0]}"`, span: node.span, newText: near[0] } }),
  });
  return undefined;
}

/** Reports a value of the wrong type. */
export function wrongType(ctx: Context, node: SourceNode, what: string, expected: string): void {
  const actual = kindOf(node);
  const place = actual === 'nothing' && node.keySpan ? node.keySpan : node.span;
  const quotable = expected === 'a text' && node.kind === 'scalar' && node.value !== null;
  const text = ctx.source.slice(node.span.start, node.span.end);
  ctx.reporter.report(
    'PL1012',
    { span: place, pointer: node.pointer },
    {
      message: `${what} must be ${expected}, not ${actual}`,
      expected,
      actual,
      ...(quotable
        ? { fix: { title: 'Put it in quotes', span: node.span, newText: `"${text}"` } }
        : {}),
    },
  );
}
