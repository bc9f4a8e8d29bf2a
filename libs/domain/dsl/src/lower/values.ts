import type { Expression, IrDuration, Template } from '@parley/ir';
import { compile } from '@parley/jq';
import { assert, type Json } from '@parley/kernel';
import { bareExpression, interpolate } from '../expressions/interpolation.js';
import { variablesAt, type VariablePlace } from '../expressions/variables.js';
import { textOf, type ScalarNode, type SourceNode } from '../source/tree.js';
import { durationMsMax, durationUnits, formatDuration, parseDuration } from '../values/duration.js';
import { describeExtended } from './extended.js';
import type { Context, Surroundings } from './context.js';

/** A text that the check has made sure of. */
export function text(node: SourceNode | undefined): string {
  const found = textOf(node);
  assert(found !== undefined, `a text at ${node?.pointer ?? 'a missing member'}`);
  return found;
}

/** A jq program where the language wants one (`if`, `when`, `in`, …), bare or in `${ }`. */
export function expression(ctx: Context, node: SourceNode, around: Surroundings): Expression {
  const part = bareExpression(text(node));
  assert('source' in part, `a closed expression at ${node.pointer}`);
  return sourceOf(ctx, part.source, around);
}

/** A value with expressions in it; a part without any is one literal. */
export function template(
  ctx: Context,
  node: SourceNode,
  around: Surroundings,
  place: VariablePlace = 'task',
): Template {
  switch (node.kind) {
    case 'scalar':
      return scalar(ctx, node, around, place);
    case 'list': {
      const items = node.items.map((item) => template(ctx, item, around, place));
      return items.every(isLiteral)
        ? { kind: 'literal', value: items.map(literalValue) }
        : { kind: 'array', items };
    }
    case 'map':
      return objectTemplate(
        node.entries.map(({ key, value }) => [key, template(ctx, value, around, place)]),
      );
  }
}

/** An expression or an object with expressions in it (`from`, `as`, `set`). */
export function mapping(
  ctx: Context,
  node: SourceNode,
  around: Surroundings,
  place: VariablePlace = 'task',
): Template {
  if (node.kind === 'map') return template(ctx, node, around, place);
  return { kind: 'expression', source: expression(ctx, node, around) };
}

/** Where order means nothing, it must not make a different IR. */
export function sortedObject(ctx: Context, node: SourceNode, around: Surroundings): Template {
  if (node.kind !== 'map') return template(ctx, node, around);
  const sorted = node.entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return objectTemplate(sorted.map(({ key, value }) => [key, template(ctx, value, around)]));
}

/**
 * An object template; all literal makes one literal, unless that would change the order of keys, as
 * JavaScript does with keys such as `"10"`.
 */
export function objectTemplate(entries: readonly (readonly [string, Template])[]): Template {
  if (!entries.every(([, value]) => isLiteral(value))) return { kind: 'object', entries };
  const value = Object.fromEntries(entries.map(([key, member]) => [key, literalValue(member)]));
  const mayMove = entries.length > 1 && entries.some(([key]) => /^\d/.test(key));
  const moved = mayMove && Object.keys(value).some((key, index) => key !== entries[index]?.[0]);
  return moved ? { kind: 'object', entries } : literal(value);
}

export function literal(value: Json): Template & { kind: 'literal' } {
  return { kind: 'literal', value };
}

/** A duration: ISO 8601, an object of units, or an expression. */
export function duration(ctx: Context, node: SourceNode, around: Surroundings): IrDuration {
  if (node.kind === 'map') {
    const ms = node.entries.reduce((sum, { key, value }) => {
      assert(Object.hasOwn(durationUnits, key), `a unit of time at ${value.pointer}`);
      return sum + integer(value) * durationUnits[key as keyof typeof durationUnits];
    }, 0);
    return { ms: Math.min(ms, durationMsMax) };
  }
  if (text(node).trimStart().startsWith('${')) return { source: expression(ctx, node, around) };
  const parsed = parseDuration(text(node));
  assert(parsed.ok, `a duration at ${node.pointer}`);
  return { ms: parsed.value.ms };
}

/** A duration among arguments: its canonical text, or the expression that yields one. */
export function durationTemplate(ctx: Context, node: SourceNode, around: Surroundings): Template {
  const found = duration(ctx, node, around);
  return 'ms' in found
    ? literal(formatDuration(found.ms))
    : { kind: 'expression', source: found.source };
}

export function integer(node: SourceNode): number {
  assert(
    node.kind === 'scalar' && typeof node.value === 'number',
    `a whole number at ${node.pointer}`,
  );
  return node.value;
}

/** Whether a switch of the language is on. */
export function isOn(node: SourceNode | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true;
}

function isLiteral(one: Template): one is Template & { kind: 'literal' } {
  return one.kind === 'literal';
}

function literalValue(one: Template): Json {
  return one.kind === 'literal' ? one.value : null;
}

function scalar(
  ctx: Context,
  node: ScalarNode,
  around: Surroundings,
  place: VariablePlace,
): Template {
  if (typeof node.value !== 'string') return literal(node.value);
  const found = interpolate(node.value);
  switch (found.kind) {
    case 'plain':
      return ctx.loose ? looseText(ctx, found.text, { around, place }) : literal(found.text);
    case 'expression':
      return {
        kind: 'expression',
        source: sourceOf(ctx, found.part.source, around),
      };
    case 'text':
      return {
        kind: 'text',
        parts: found.parts.map((part) =>
          typeof part === 'string' ? part : { source: sourceOf(ctx, part.source, around) },
        ),
      };
    case 'unclosed':
      assert(false, `a closed expression at ${node.pointer}`);
  }
}

/** Loose mode: a text that is jq is evaluated, and stands for itself when that fails. */
function looseText(
  ctx: Context,
  value: string,
  { around, place }: { readonly around: Surroundings; readonly place: VariablePlace },
): Template {
  const source = value.trim();
  const variables = variablesAt(place, around.scoped);
  if (source === '' || !compile(source, { variables }).ok) return literal(value);
  const tried = closed(sourceOf(ctx, source, around));
  return { kind: 'expression', source: `try (${tried}) catch ${JSON.stringify(value)}` };
}

/** The program as the run evaluates it. */
function sourceOf(ctx: Context, source: Expression, { extended }: Surroundings): Expression {
  if (asksDefinition(source, extended === undefined)) ctx.asked.definition = true;
  return describeExtended(source, extended);
}

/** Whether an expression reads the definition, or takes `$workflow` or `$task` as a whole. */
function asksDefinition(source: Expression, ownTask: boolean): boolean {
  if (!source.includes('$workflow') && !source.includes('$task')) return false;
  const wholes = source.matchAll(/\$(workflow|task)\b(?!\.(?!definition\b)[A-Za-z_])/g);
  return [...wholes].some(([, name]) => name === 'workflow' || ownTask);
}

/** A comment at the end must not swallow what is put behind the source. */
export function closed(source: Expression): Expression {
  return source.includes('#') ? `${source}\n` : source;
}
