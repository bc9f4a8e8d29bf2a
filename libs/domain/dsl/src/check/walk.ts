import {
  shapeOf,
  type BooleanShape,
  type IntegerShape,
  type Lazy,
  type Shape,
} from '../language/shape.js';
import { settle, fits } from '../language/navigate.js';
import type { MapNode, SourceNode } from '../source/tree.js';
import { nameOf, type AskedVariable, type Check, type Env } from './context.js';
import { singleEntry } from './entry.js';
import { reportUnlisted } from './listing.js';
import { walkObject } from './object.js';
import { checkTemplate } from './template.js';
import { walkTask } from './task.js';
import { walkTasks } from './task-list.js';
import { checkText } from './text.js';
import { expectMap, reportEmpty, wrongType } from './wrong.js';

/** Holds a node against a shape: reports what does not fit, then what is wrong in what fits. */
export function walk(check: Check, node: SourceNode, lazy: Lazy<Shape>, env: Env): void {
  const shape = shapeOf(lazy);
  switch (shape.kind) {
    case 'object':
      walkObject(check, node, shape, env);
      return;
    case 'select':
      walkTask(check, node, shape, env);
      return;
    case 'map':
      if (expectMap(check, node)) walkMap(check, node, shape, env);
      return;
    case 'entry': {
      const entry = singleEntry(check, node);
      if (entry !== undefined) walk(check, entry.value, shape.value, env);
      return;
    }
    case 'list':
      walkList(check, node, shape, env);
      return;
    case 'either':
      walkEither(check, node, shape, env);
      return;
    case 'text':
      checkText(check, node, shape, env);
      return;
    case 'integer':
      checkInteger(check, node, shape);
      return;
    case 'boolean':
      checkBoolean(check, node, shape);
      return;
    case 'any':
      if (shape.holds === 'template') checkTemplate(check, node, env);
  }
}

function walkMap(
  check: Check,
  node: MapNode,
  shape: Extract<Shape, { kind: 'map' }>,
  env: Env,
): void {
  if (shape.notEmpty === true && node.entries.length === 0) reportEmpty(check, node);
  for (const { value } of node.entries) {
    if (shape.shared !== true) {
      walk(check, value, shape.values, env);
      continue;
    }
    const asked: AskedVariable[] = [];
    walk(check, value, shape.values, { ...env, asked });
    if (asked.length > 0) check.asked.set(value, asked);
  }
}

function walkList(
  check: Check,
  node: SourceNode,
  shape: Extract<Shape, { kind: 'list' }>,
  env: Env,
): void {
  if (node.kind === 'map' && shapeOf(shape.items).kind === 'entry') {
    reportUnlisted(check, node, shape);
  } else if (node.kind !== 'list') {
    wrongType(check, node, 'a list');
  } else if (shape.tasks !== undefined) {
    walkTasks(check, node, { shape, branches: shape.tasks === 'branches', env });
  } else {
    if (shape.notEmpty === true && node.items.length === 0) reportEmpty(check, node);
    for (const item of node.items) walk(check, item, shape.items, env);
  }
}

function walkEither(
  check: Check,
  node: SourceNode,
  shape: Extract<Shape, { kind: 'either' }>,
  env: Env,
): void {
  const isText = node.kind === 'scalar' && typeof node.value === 'string';
  for (const option of shape.options) {
    const settled = settle(option, node);
    if (settled.kind === 'text' ? isText : fits(settled, node)) {
      walk(check, node, option, env);
      return;
    }
  }
  wrongType(check, node, `${/^[aeiou]/.test(shape.title) ? 'an' : 'a'} ${shape.title}`);
}

function checkInteger(check: Check, node: SourceNode, shape: IntegerShape): void {
  if (node.kind !== 'scalar' || !Number.isInteger(node.value)) {
    wrongType(check, node, 'a whole number');
    return;
  }
  const value = node.value as number;
  const { min, max } = shape;
  const wrong =
    min !== undefined && value < min
      ? `at least ${min}`
      : max !== undefined && value > max
        ? `at most ${max}`
        : undefined;
  if (wrong === undefined) return;
  check.reporter.report('PL1013', node, {
    message: `${nameOf(node)} must be ${wrong}`,
    expected: wrong,
    actual: String(value),
  });
}

function checkBoolean(check: Check, node: SourceNode, _: BooleanShape): void {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return;
  wrongType(check, node, 'true or false');
}
