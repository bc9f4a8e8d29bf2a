import {
  irFormat,
  type Ir,
  type IrDocument,
  type IrSchedule,
  type MissedPolicy,
  type OverlapPolicy,
} from '@parley/ir';
import type { Catalogue } from '@parley/contracts';
import { err, ok, type Result } from '@parley/kernel';
import { LockIndex, type Lock } from '../lock/lock.js';
import { memberOf, textOf, toJsonObject, type SourceNode } from '../source/tree.js';
import { functionDepthMax, type Context } from './context.js';
import { inputOf, outputOf, timeoutOf } from './data.js';
import { consumptionOf, eventForm } from './events.js';
import { declaredExtensions } from './extension.js';
import { member } from './kinds.js';
import { lowerTask, nodesMax } from './task.js';
import { lowerTaskList } from './task-list.js';
import { Use } from './use.js';
import { duration, text } from './values.js';

/** What a definition is lowered with. */
export interface LowerOptions {
  /** Operations that `call: connector` names; without it they are not pinned. */
  readonly catalogue?: Catalogue;
  /** The zone for schedules when the definition names none. */
  readonly timezone?: string;
  /** The external documents; what it does not have stays a reference. */
  readonly lock?: Lock;
}

const outside = { scoped: [] };

/**
 * Makes the IR of a definition that the check has found to be without errors: what the check makes
 * sure of is asserted here, and nothing is reported. The error says, in a sentence, that functions or
 * extensions make too much of the tasks.
 */
export function lowerDefinition(
  root: SourceNode,
  options: LowerOptions = {},
): Result<Omit<Ir, 'hash'>, string> {
  const ctx = contextOf(root, options);
  const input = memberOf(root, 'input');
  const output = memberOf(root, 'output');
  const timeout = memberOf(root, 'timeout');
  const schedule = memberOf(root, 'schedule');
  const head = {
    ...(input && { input: inputOf(ctx, input, outside, 'workflowInput') }),
    ...(output && { output: outputOf(ctx, output, outside, 'workflowOutput') }),
    ...(timeout && { timeout: timeoutOf(ctx, timeout, outside) }),
    ...(schedule && { schedule: scheduleOf(ctx, schedule, root) }),
  };
  const zone = zoneOf(root) ?? options.timezone;
  const secrets = ctx.use.secrets();
  ctx.lowerTasks(member(root, 'do'), { scope: 'do', scoped: [], calling: [] });
  if (ctx.cut.deep) return err(`Functions call each other more than ${functionDepthMax} deep`);
  if (ctx.nodes.size > nodesMax) {
    return err(`Functions and extensions make more than ${nodesMax} steps of the tasks`);
  }
  const externals = [...ctx.pinned.values()].toSorted(byAddress);
  return ok({
    format: irFormat,
    document: documentOf(member(root, 'document')),
    ...head,
    ...(zone === undefined ? {} : { timezone: zone }),
    ...(secrets.length > 0 && { secrets }),
    ...(externals.length > 0 && { externals }),
    ...(ctx.asked.definition && root.kind === 'map' && { definition: toJsonObject(root) }),
    nodes: Object.fromEntries(ctx.nodes) as Ir['nodes'],
    scopes: Object.fromEntries(ctx.scopes),
    root: 'do',
  });
}

function contextOf(root: SourceNode, options: LowerOptions): Context {
  const use = new Use(root);
  const ctx: Context = {
    catalogue: options.catalogue,
    lock: new LockIndex(options.lock),
    use,
    extensions: declaredExtensions(use.extensions()),
    loose: textOf(memberOf(memberOf(root, 'evaluate'), 'mode')) === 'loose',
    nodes: new Map(),
    scopes: new Map(),
    pinned: new Map(),
    asked: { definition: false },
    cut: { deep: false },
    lowerTasks: (list, place) => lowerTaskList(ctx, list, place),
    lowerTask: (task, place) => lowerTask(ctx, task, place),
  };
  return ctx;
}

function documentOf(node: SourceNode): IrDocument {
  const title = textOf(memberOf(node, 'title'));
  const summary = textOf(memberOf(node, 'summary'));
  const metadata = memberOf(node, 'metadata');
  return {
    dsl: text(member(node, 'dsl')),
    namespace: text(member(node, 'namespace')),
    name: text(member(node, 'name')),
    version: text(member(node, 'version')),
    ...(title === undefined ? {} : { title }),
    ...(summary === undefined ? {} : { summary }),
    ...(metadata?.kind === 'map' && { metadata: toJsonObject(metadata) }),
  };
}

function zoneOf(root: SourceNode): string | undefined {
  return textOf(memberOf(metadataOf(root), 'timezone'));
}

function metadataOf(root: SourceNode): SourceNode | undefined {
  return memberOf(memberOf(root, 'document'), 'metadata');
}

function scheduleOf(ctx: Context, node: SourceNode, root: SourceNode): IrSchedule {
  const every = memberOf(node, 'every');
  const cron = textOf(memberOf(node, 'cron'));
  const after = memberOf(node, 'after');
  const on = memberOf(node, 'on');
  const read = eventForm(memberOf(node, 'read'));
  return {
    ...(every && { every: duration(ctx, every, outside) }),
    ...(cron === undefined ? {} : { cron: cron.trim().replaceAll(/\s+/g, ' ') }),
    ...(after && { after: duration(ctx, after, outside) }),
    ...(on && { on: consumptionOf(ctx, on, outside) }),
    ...(read && { read }),
    ...policiesOf(root),
  };
}

/** The check has seen to it that they are words that there are. */
function policiesOf(root: SourceNode): Pick<IrSchedule, 'overlap' | 'missed'> {
  const policies = memberOf(metadataOf(root), 'schedule');
  const overlap = textOf(memberOf(policies, 'overlap')) as OverlapPolicy | undefined;
  const missed = textOf(memberOf(policies, 'missed')) as MissedPolicy | undefined;
  return { ...(overlap && { overlap }), ...(missed && { missed }) };
}

function byAddress(
  a: { readonly uri: string; readonly kind: string },
  b: { readonly uri: string; readonly kind: string },
): number {
  if (a.uri !== b.uri) return a.uri < b.uri ? -1 : 1;
  return a.kind < b.kind ? -1 : 1;
}
