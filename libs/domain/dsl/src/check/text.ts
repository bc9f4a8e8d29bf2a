import { bareExpression, interpolate } from '../expressions/interpolation.js';
import type { TextShape } from '../language/shape.js';
import type { ScalarNode, SourceNode } from '../source/tree.js';
import { checkAddress } from './address.js';
import { nameOf, type Check, type Env } from './context.js';
import { checkDurationText } from './duration.js';
import { checkAssignment, checkExpression, readExpression } from './expressions.js';
import { checkFunction } from './function.js';
import { checkReference } from './reference.js';
import { checkTarget } from './target.js';
import { checkTemplateText, computedPattern, reportUnclosed } from './template.js';
import { checkVariableName } from './variable.js';
import { reportEmpty, wrongType, wrongWord } from './wrong.js';

/** A text as a check of its content sees it. */
export interface WrittenText {
  readonly node: ScalarNode;
  readonly text: string;
  readonly shape: TextShape;
  readonly env: Env;
}

/** Holds a text against what it must hold. */
export function checkText(check: Check, node: SourceNode, shape: TextShape, env: Env): void {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') {
    wrongType(check, node, 'a text');
    return;
  }
  const text = node.value;
  if (shape.notEmpty === true && text.trim() === '') {
    reportEmpty(check, node);
    return;
  }
  contents[shape.holds](check, { node, text, shape, env });
}

const contents: Readonly<Record<TextShape['holds'], (check: Check, written: WrittenText) => void>> =
  {
    words: checkWords,
    template: (check, { node, text, env }) => {
      if (text.includes('${')) checkTemplateText(check, node, text, env);
    },
    expression: checkBare,
    condition: checkCondition,
    computed: checkComputed,
    duration: checkDurationText,
    address: checkAddress,
    target: checkTarget,
    reference: checkReference,
    variable: (check, { node, text }) => {
      checkVariableName(check, node, text);
    },
    function: checkFunction,
  };

function checkWords(check: Check, { node, text, shape }: WrittenText): void {
  if (shape.values !== undefined) {
    if (!shape.values.includes(text)) wrongWord(check, node, { text, words: shape.values });
  } else if (shape.pattern?.test(text) === false) {
    check.reporter.report('PL1013', node, {
      message: `${nameOf(node)} cannot be "${text}"`,
      expected: shape.wants ?? '',
      actual: text,
    });
  } else if (shape.fixed === true && text.includes('${')) {
    check.reporter.report('PL1035', node, { message: `${nameOf(node)} must be a fixed text` });
  }
}

/** An expression with or without `${ }` around it. */
function checkBare(check: Check, { node, text, env }: WrittenText): void {
  const part = bareExpression(text);
  if ('unclosed' in part) reportUnclosed(check, node, part.unclosed);
  else checkExpression(check, node, part, env);
}

function checkCondition(check: Check, written: WrittenText): void {
  const errors = check.reporter.errorCount;
  checkBare(check, written);
  const part = bareExpression(written.text);
  if ('source' in part && check.reporter.errorCount === errors) {
    checkAssignment(check, written.node, part);
  }
}

function checkComputed(check: Check, written: WrittenText): void {
  const { node, text, env } = written;
  if (computedPattern.test(text)) {
    checkTemplateText(check, node, text, env);
    return;
  }
  const found = interpolate(text);
  if (found.kind === 'unclosed') {
    reportUnclosed(check, node, found.offset);
    return;
  }
  const wrapped = `'\${ ${text.trim().replaceAll("'", "''")} }'`;
  const fixable = found.kind === 'plain' && readExpression(text.trim()).ok;
  check.reporter.report('PL1013', node, {
    message: `${nameOf(node)} must be one expression in \${ }, on one line`,
    expected: 'an expression in ${ }',
    actual: text,
    ...(fixable && { fix: { title: 'Put it in ${ }', span: node.span, newText: wrapped } }),
  });
}
