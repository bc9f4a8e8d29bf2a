import type {
  IrDoNode,
  IrForkNode,
  IrForNode,
  IrNode,
  IrNodeBase,
  IrRaiseNode,
  IrSetNode,
  IrSwitchCase,
  IrSwitchNode,
  IrWaitNode,
  Template,
} from '@parley/ir';
import { unreadableNames, variablesAt } from '../expressions/variables.js';
import { textOf, type SourceNode } from '../source/tree.js';
import { readReference } from './task-members.js';
import type { Context } from './context.js';
import type { TaskKeyword } from './keywords.js';
import { singleEntry } from './list-item.js';
import {
  expectBoolean,
  expectInteger,
  expectItems,
  expectMap,
  expectName,
  readMembers,
  wrongType,
  type Fields,
  type Members,
} from './members.js';
import type { TaskPlace } from './place.js';
import { readTarget } from './target.js';
import { compileTry } from './try.js';
import { readVariable } from './variable-name.js';
import { readDuration, readExpression, readMapping, readTemplate } from './values.js';

/** What a kind of node adds to the members that every node has. */
export type Kind = DistributiveOmit<IrNode, keyof IrNodeBase>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Own<T extends IrNode> = Omit<T, keyof IrNodeBase>;

type BodyCompiler = (ctx: Context, fields: Fields, place: TaskPlace) => Kind | undefined;

const compilers: Readonly<Record<Exclude<TaskKeyword, 'call'>, BodyCompiler>> = {
  do: compileDo,
  for: compileFor,
  fork: compileFork,
  raise: compileRaise,
  set: compileSet,
  switch: compileSwitch,
  try: compileTry,
  wait: compileWait,
};

/** Compiles what the keyword of a task says. */
export function compileBody(
  ctx: Context,
  keyword: Exclude<TaskKeyword, 'call'>,
  fields: Fields,
  place: TaskPlace,
): Kind | undefined {
  return compilers[keyword](ctx, fields, place);
}

function compileDo(ctx: Context, fields: Fields, place: TaskPlace): Own<IrDoNode> | undefined {
  const body = `${place.id}/do`;
  const list = fields.get('do');
  if (list === undefined) return undefined;
  ctx.compileTasks(list, { scope: body, owner: place.id, scoped: place.scoped });
  return { kind: 'do', body };
}

const forMembers: Members = { each: {}, in: { required: true }, at: {} };

function compileFor(ctx: Context, fields: Fields, place: TaskPlace): Own<IrForNode> | undefined {
  const loop = fields.get('for');
  const list = fields.get('do');
  const errors = ctx.reporter.errorCount;
  const own = loop && readMembers(ctx, loop, forMembers, '"for"');
  const unreadable = ctx.reporter.errorCount > errors ? [unreadableNames] : [];
  const each = readVariable(ctx, own?.get('each'), 'item');
  const at = readVariable(ctx, own?.get('at'), 'index');
  const source = own?.get('in');
  const items = source && readItems(ctx, source, variablesAt('task', place.scoped));
  const scoped = [...place.scoped, each, at, ...unreadable];
  const condition = fields.get('while');
  const test = condition && readExpression(ctx, condition, variablesAt('task', scoped), '"while"');
  const body = `${place.id}/do`;
  if (list !== undefined) ctx.compileTasks(list, { scope: body, owner: place.id, scoped });
  if (items === undefined || list === undefined) return undefined;
  return { kind: 'for', each, at, in: items, ...(test === undefined ? {} : { while: test }), body };
}

/** An expression, or the items themselves: the language wants them to be objects. */
function readItems(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
): Template | undefined {
  if (node.kind === 'list') {
    for (const item of node.items) expectMap(ctx, item, 'An item of "in"');
    return readTemplate(ctx, node, variables);
  }
  if (textOf(node) === undefined) {
    wrongType(ctx, node, '"in"', 'an expression or a list');
    return undefined;
  }
  const source = readExpression(ctx, node, variables, '"in"');
  return source === undefined ? undefined : { kind: 'expression', source };
}

const forkMembers: Members = { branches: { required: true }, compete: {} };

function compileFork(ctx: Context, fields: Fields, place: TaskPlace): Own<IrForkNode> | undefined {
  const fork = fields.get('fork');
  const own = fork && readMembers(ctx, fork, forkMembers, '"fork"');
  const list = own?.get('branches');
  const compete = own?.get('compete');
  const first = compete ? expectBoolean(ctx, compete, '"compete"') : false;
  if (list === undefined) return undefined;
  const branches = `${place.id}/fork/branches`;
  const { scoped } = place;
  ctx.compileTasks(list, { scope: branches, owner: place.id, branches: true, scoped });
  return { kind: 'fork', branches, compete: first ?? false };
}

function compileSet(ctx: Context, fields: Fields, place: TaskPlace): Own<IrSetNode> | undefined {
  const node = fields.get('set');
  if (node === undefined) return undefined;
  if (node.kind === 'map' && node.entries.length === 0) {
    ctx.reporter.report(
      'PL1017',
      { span: node.keySpan ?? node.span, pointer: node.pointer },
      {
        message: '"set" is empty',
      },
    );
    return undefined;
  }
  const value = readMapping(ctx, node, variablesAt('task', place.scoped), '"set"');
  return value && { kind: 'set', value };
}

function compileWait(ctx: Context, fields: Fields, place: TaskPlace): Own<IrWaitNode> | undefined {
  const node = fields.get('wait');
  const duration = node && readDuration(ctx, node, variablesAt('task', place.scoped), '"wait"');
  return duration && { kind: 'wait', duration };
}

const caseMembers: Members = { when: {}, then: { required: true } };

function compileSwitch(
  ctx: Context,
  fields: Fields,
  place: TaskPlace,
): Own<IrSwitchNode> | undefined {
  const list = fields.get('switch');
  const items = list && expectItems(ctx, list, '"switch"');
  if (items === undefined) return undefined;
  const cases: IrSwitchCase[] = [];
  const seen = new Set<string>();
  for (const item of items) {
    const entry = singleEntry(ctx, item);
    if (entry === undefined) continue;
    if (seen.has(entry.key)) {
      ctx.reporter.report(
        'PL1020',
        { span: entry.keySpan, pointer: entry.value.pointer },
        {
          message: `Two cases are named "${entry.key}"`,
        },
      );
    }
    seen.add(entry.key);
    const own = readMembers(ctx, entry.value, caseMembers, `The case "${entry.key}"`);
    const condition = own?.get('when');
    const when =
      condition && readExpression(ctx, condition, variablesAt('task', place.scoped), '"when"');
    const then = readTarget(ctx, own?.get('then'), place);
    cases.push({ name: entry.key, ...(when === undefined ? {} : { when }), then });
  }
  return { kind: 'switch', cases };
}

const raiseMembers: Members = { error: { required: true } };
const errorMembers: Members = {
  type: { required: true },
  status: { required: true },
  instance: {},
  title: {},
  detail: {},
};

function compileRaise(
  ctx: Context,
  fields: Fields,
  place: TaskPlace,
): Own<IrRaiseNode> | undefined {
  const raise = fields.get('raise');
  const error = raise && readMembers(ctx, raise, raiseMembers, '"raise"')?.get('error');
  if (error === undefined) return undefined;
  if (textOf(error) !== undefined) {
    readReference(ctx, error, 'errors');
    return undefined;
  }
  const own = readMembers(ctx, error, errorMembers, '"error"');
  if (own === undefined) return undefined;
  const status = own.get('status');
  const code = status && expectInteger(ctx, status, '"status"');
  const texts: Partial<Record<'type' | 'title' | 'detail' | 'instance', Template>> = {};
  for (const name of ['type', 'title', 'detail', 'instance'] as const) {
    const field = own.get(name);
    const text = field && expectName(ctx, field, `"${name}"`);
    if (field === undefined || text === undefined || !isReference(ctx, name, field, text)) continue;
    texts[name] = readTemplate(ctx, field, variablesAt('task', place.scoped));
  }
  if (texts.type === undefined || code === undefined) return undefined;
  const { type, ...rest } = texts;
  return { kind: 'raise', error: { type, status: { kind: 'literal', value: code }, ...rest } };
}

/** Error types are URIs and instances JSON Pointers, unless they are computed. */
function isReference(ctx: Context, name: string, node: SourceNode, text: string): boolean {
  const wrong =
    !text.includes('${') &&
    ((name === 'type' && /\s/.test(text)) || (name === 'instance' && !/^(?:\/|$)/.test(text)));
  if (!wrong) return true;
  const expected = name === 'type' ? 'a URI' : 'a JSON Pointer such as /do/0/charge';
  ctx.reporter.report('PL1013', node, {
    message: `"${name}" must be ${expected}`,
    expected,
    actual: text,
  });
  return false;
}
