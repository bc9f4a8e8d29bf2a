import type { Expression, IrDuration, Template } from '@parley/ir';
import type { Json } from '@parley/kernel';
import { checkExpression } from '../expressions/check.js';
import { bareExpression, interpolate, type ExpressionPart } from '../expressions/interpolation.js';
import { offsetInScalar, spanInScalar } from '../source/positions.js';
import { kindOf, textOf, type ScalarNode, type SourceNode } from '../source/tree.js';
import { durationMsMax, durationUnits, formatDuration, parseDuration } from '../values/duration.js';
import type { Context } from './context.js';
import { expectInteger, expectText, readMembers, wrongType, type Members } from './members.js';

/** A jq program where the language wants one (`if`, `when`, `in`, …), bare or in `${ }`. */
export function readExpression(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
  what: string,
): Expression | undefined {
  const text = expectText(ctx, node, what);
  if (text === undefined || node.kind !== 'scalar') return undefined;
  const part = bareExpression(text);
  if ('unclosed' in part) {
    reportUnclosed(ctx, node, part.unclosed);
    return undefined;
  }
  return checkPart(ctx, node, part, variables) ? part.source : undefined;
}

/** A value with expressions in it; a part without any is one literal. */
export function readTemplate(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
): Template {
  switch (node.kind) {
    case 'scalar':
      return readScalar(ctx, node, variables);
    case 'list': {
      const items = node.items.map((item) => readTemplate(ctx, item, variables));
      return items.every(isLiteral)
        ? { kind: 'literal', value: items.map(literalValue) }
        : { kind: 'array', items };
    }
    case 'map': {
      const entries = node.entries.map(
        ({ key, value }) => [key, readTemplate(ctx, value, variables)] as const,
      );
      return objectTemplate(entries);
    }
  }
}

/** An expression or an object with expressions in it (`from`, `as`, `set`). */
export function readMapping(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
  what: string,
): Template | undefined {
  if (node.kind === 'map') return readTemplate(ctx, node, variables);
  if (textOf(node) === undefined) {
    wrongType(ctx, node, what, 'an expression or an object');
    return undefined;
  }
  const source = readExpression(ctx, node, variables, what);
  return source === undefined ? undefined : { kind: 'expression', source };
}

/** An object template; all literal makes one literal. */
export function objectTemplate(entries: readonly (readonly [string, Template])[]): Template {
  if (!entries.every(([, value]) => isLiteral(value))) return { kind: 'object', entries };
  return {
    kind: 'literal',
    value: Object.fromEntries(entries.map(([key, value]) => [key, literalValue(value)])),
  };
}

function isLiteral(template: Template): template is Template & { kind: 'literal' } {
  return template.kind === 'literal';
}

function literalValue(template: Template): Json {
  return template.kind === 'literal' ? template.value : null;
}

function readScalar(ctx: Context, node: ScalarNode, variables: readonly string[]): Template {
  if (typeof node.value !== 'string') return { kind: 'literal', value: node.value };
  const found = interpolate(node.value);
  switch (found.kind) {
    case 'plain':
      return { kind: 'literal', value: found.text };
    case 'unclosed':
      reportUnclosed(ctx, node, found.offset);
      return { kind: 'literal', value: null };
    case 'expression':
      checkPart(ctx, node, found.part, variables);
      return { kind: 'expression', source: found.part.source };
    case 'text':
      return {
        kind: 'text',
        parts: found.parts.map((part) => {
          if (typeof part === 'string') return part;
          checkPart(ctx, node, part, variables);
          return { source: part.source };
        }),
      };
  }
}

function checkPart(
  ctx: Context,
  node: ScalarNode,
  part: ExpressionPart,
  variables: readonly string[],
): boolean {
  return checkExpression(ctx, {
    source: part.source,
    variables,
    place: (offset, length) => ({
      pointer: node.pointer,
      span: spanInScalar(ctx.source, node, part.offset + offset, length),
    }),
  });
}

function reportUnclosed(ctx: Context, node: ScalarNode, offset: number): void {
  const start = offsetInScalar(ctx.source, node, offset);
  ctx.reporter.report(
    'PL1034',
    { span: { start, end: node.span.end }, pointer: node.pointer },
    {
      message: 'The expression is not closed: "}" is missing',
    },
  );
}

const durationMembers: Members = Object.fromEntries(
  Object.keys(durationUnits).map((unit) => [unit, {}]),
);

/** A duration: ISO 8601, an object of units, or an expression. */
export function readDuration(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
  what: string,
): IrDuration | undefined {
  if (node.kind === 'map') return readDurationObject(ctx, node, what);
  const text = textOf(node);
  if (text === undefined) {
    wrongType(ctx, node, what, 'a duration such as PT5M or { minutes: 5 }');
    return undefined;
  }
  if (text.trimStart().startsWith('${')) {
    const source = readExpression(ctx, node, variables, what);
    return source === undefined ? undefined : { source };
  }
  return readDurationText(ctx, node, text, what);
}

/** A duration that must be known before the workflow runs. */
export function readFixedDuration(
  ctx: Context,
  node: SourceNode,
  what: string,
): number | undefined {
  if (textOf(node)?.trimStart().startsWith('${') === true) {
    ctx.reporter.report('PL1035', node, { message: `${what} must be a fixed duration` });
    return undefined;
  }
  const duration = readDuration(ctx, node, [], what);
  return duration !== undefined && 'ms' in duration ? duration.ms : undefined;
}

function readDurationObject(ctx: Context, node: SourceNode, what: string): IrDuration | undefined {
  const fields = readMembers(ctx, node, durationMembers, what);
  if (fields === undefined || node.kind !== 'map') return undefined;
  if (node.entries.length === 0) {
    ctx.reporter.report(
      'PL1017',
      { span: node.keySpan ?? node.span, pointer: node.pointer },
      {
        message: `${what} is empty`,
      },
    );
    return undefined;
  }
  let ms = 0;
  let complete = fields.size === node.entries.length;
  for (const [unit, field] of fields) {
    const count = expectInteger(ctx, field, `"${unit}"`);
    if (count === undefined) complete = false;
    else ms += count * durationUnits[unit as keyof typeof durationUnits];
  }
  if (!complete) return undefined;
  if (ms <= durationMsMax) return { ms };
  ctx.reporter.report('PL1040', node, { message: `${what} is longer than 100 years` });
  return undefined;
}

function readDurationText(
  ctx: Context,
  node: SourceNode,
  text: string,
  what: string,
): IrDuration | undefined {
  const parsed = parseDuration(text);
  if (!parsed.ok) {
    const guess = guessDuration(text);
    ctx.reporter.report('PL1040', node, {
      message: `${what}: "${text}" ${parsed.error}`,
      expected: 'an ISO 8601 duration such as PT5M, or { minutes: 5 }',
      actual: text === '' ? kindOf(node) : text,
      ...(guess === undefined
        ? {}
        : {
            suggestions: [guess],
            fix: { title: `Write ${guess}`, span: node.span, newText: guess },
          }),
    });
    return undefined;
  }
  if (parsed.value.calendar) {
    ctx.reporter.report('PL1046', node, {
      message: `${what}: a month counts as 30 days and a year as 365 days`,
    });
  }
  return { ms: parsed.value.ms };
}

const unitWords: readonly (readonly [RegExp, number])[] = [
  [/^(ms|millis(econds?)?)$/, 1],
  [/^(s|secs?|seconds?)$/, 1000],
  [/^(m|mins?|minutes?)$/, 60_000],
  [/^(h|hrs?|hours?)$/, 3_600_000],
  [/^(d|days?)$/, 86_400_000],
];

/** What a person probably meant by `5 minutes` or `10s`. */
function guessDuration(text: string): string | undefined {
  const match = /^(\d{1,6})\s*([a-z]+)$/i.exec(text.trim());
  const word = match?.[2]?.toLowerCase() ?? '';
  const factor = unitWords.find(([pattern]) => pattern.test(word))?.[1];
  return factor === undefined ? undefined : formatDuration(Number(match?.[1]) * factor);
}
