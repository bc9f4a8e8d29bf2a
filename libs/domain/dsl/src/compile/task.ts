import type { IrNodeBase } from '@parley/ir';
import { nearest } from '../diagnostics/nearest.js';
import { unreadableNames, variablesAt } from '../expressions/variables.js';
import { toJsonObject, type MapEntry, type MapNode, type SourceNode } from '../source/tree.js';
import { compileCall, supportedFunction } from './call.js';
import { readInput, readOutput, readTimeout } from './task-members.js';
import type { Context } from './context.js';
import { compileBody, type Kind } from './kinds.js';
import {
  commonMembers,
  isTaskKeyword,
  laterKeywords,
  taskKeywords,
  type TaskKeyword,
} from './keywords.js';
import { expectMap, notYet, readMembers, type Fields, type Members } from './members.js';
import type { TaskPlace } from './place.js';
import { readTarget } from './target.js';
import { readExpression } from './values.js';

/** Compiles one task into the node `place.id`. */
export function compileTask(ctx: Context, entry: MapEntry, place: TaskPlace): void {
  ctx.nodes.set(place.id, undefined);
  const node = entry.value;
  if (!expectMap(ctx, node, `The task "${entry.key}"`)) return;
  const keyword = keywordOf(ctx, entry, node);
  if (keyword === undefined) return;
  const body = keyword === 'call' ? callOf(ctx, node) : { members: taskKeywords[keyword] };
  if (body === undefined) return;
  const what = `The ${keyword} task "${entry.key}"`;
  const errors = ctx.reporter.errorCount;
  const fields = readMembers(ctx, node, { ...commonMembers, ...body.members }, what);
  if (fields === undefined) return;
  const unreadable = ctx.reporter.errorCount > errors ? [unreadableNames] : [];
  const here = { ...place, scoped: [...place.scoped, ...unreadable] };
  const base = readBase(ctx, fields, node, here);
  const kind: Kind | undefined =
    'called' in body
      ? asKind(compileCall(ctx, node, body.called, variablesAt('task', here.scoped)))
      : compileBody(ctx, keyword as Exclude<TaskKeyword, 'call'>, fields, here);
  if (kind !== undefined) ctx.nodes.set(place.id, { ...base, ...kind });
}

function asKind(call: ReturnType<typeof compileCall>): Kind | undefined {
  return call && { kind: 'call', ...call };
}

function callOf(ctx: Context, node: MapNode) {
  const call = node.entries.find((entry) => entry.key === 'call')?.value;
  const called = call && supportedFunction(ctx, call);
  return called && { called, members: taskKeywords.call as Members };
}

/** The keyword that says what the task does; none, several and later ones are reported. */
function keywordOf(ctx: Context, entry: MapEntry, node: MapNode): TaskKeyword | undefined {
  const later = node.entries.find(({ key }) => laterKeywords.has(key));
  const found = node.entries.filter(({ key }) => isTaskKeyword(key));
  const isFor = found.some(({ key }) => key === 'for');
  const main = found.filter(({ key }) => !(isFor && key === 'do'));
  const [first, second] = main;
  const extra = later === undefined ? second : (first ?? undefined);
  if (extra !== undefined) {
    ctx.reporter.report(
      'PL1015',
      { span: extra.keySpan, pointer: extra.value.pointer },
      {
        message: `The task "${entry.key}" says both "${(later ?? first)?.key}" and "${extra.key}"`,
        expected: 'one of them',
      },
    );
    return undefined;
  }
  if (later !== undefined) {
    notYet(ctx, later, `"${later.key}"`);
    return undefined;
  }
  if (first !== undefined && isTaskKeyword(first.key)) return first.key;
  reportNoKeyword(ctx, entry, node);
  return undefined;
}

function reportNoKeyword(ctx: Context, entry: MapEntry, node: MapNode): void {
  const keywords = Object.keys(taskKeywords);
  const guesses = node.entries
    .filter(({ key }) => !Object.hasOwn(commonMembers, key))
    .map((member) => ({ member, near: nearest(member.key, keywords) }));
  const guess = guesses.find(({ near }) => near.length > 0);
  const best = guess?.near[0];
  const place =
    guess === undefined
      ? { span: entry.keySpan, pointer: node.pointer }
      : { span: guess.member.keySpan, pointer: guess.member.value.pointer };
  ctx.reporter.report('PL1014', place, {
    message: `The task "${entry.key}" does not say what to do`,
    expected: keywords.join(', '),
    ...(guess === undefined ? {} : { actual: guess.member.key, suggestions: guess.near }),
    ...(best && { fix: { title: `Rename to "${best}"`, span: place.span, newText: best } }),
  });
}

function readBase(ctx: Context, fields: Fields, node: MapNode, place: TaskPlace): IrNodeBase {
  const { scoped } = place;
  const condition = fields.get('if');
  const test = condition && readExpression(ctx, condition, variablesAt('task', scoped), '"if"');
  const input =
    fields.get('input') && readInput(ctx, fields.get('input') as SourceNode, 'taskInput', scoped);
  const output = readOptional(fields, 'output', (field) =>
    readOutput(ctx, field, 'taskOutput', scoped),
  );
  const exported = readOptional(fields, 'export', (field) =>
    readOutput(ctx, field, 'taskExport', scoped),
  );
  const timeout = readOptional(fields, 'timeout', (field) => readTimeout(ctx, field, scoped));
  const metadata = fields.get('metadata');
  const data =
    metadata && expectMap(ctx, metadata, '"metadata"') ? toJsonObject(metadata) : undefined;
  return {
    id: place.id,
    name: place.name,
    scope: place.scope,
    pointer: node.pointer,
    ...(test === undefined ? {} : { if: test }),
    ...(input && { input }),
    ...(output && { output }),
    ...(exported && { export: exported }),
    ...(timeout && { timeout }),
    next: readTarget(ctx, fields.get('then'), place),
    ...(data && { metadata: data }),
  };
}

function readOptional<T>(
  fields: Fields,
  name: string,
  read: (field: SourceNode) => T | undefined,
): T | undefined {
  const field = fields.get(name);
  return field && read(field);
}
