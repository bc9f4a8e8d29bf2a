import type { IrNodeBase, Target } from '@parley/ir';
import type { JsonObject } from '@parley/kernel';
import { functionName } from '../language/index.js';
import {
  escapeToken,
  memberOf,
  textOf,
  toJsonObject,
  type MapNode,
  type SourceNode,
} from '../source/tree.js';
import type { Context, Extension, Surroundings, TaskPlace } from './context.js';
import { descriptorOf } from './extended.js';
import { namedItems } from './task-list.js';
import { leaves } from './target.js';
import { closed, expression } from './values.js';

/** A task that extensions apply to. */
export interface Extended {
  readonly task: SourceNode;
  readonly place: TaskPlace;
  readonly base: IrNodeBase;
  readonly extensions: readonly Extension[];
}

/** A task of an extension, as it stands around one extended task. */
export interface Step {
  readonly id: string;
  /** Where control comes in: the switch before the task, if there is one (X5). */
  readonly entry: string;
  readonly name: string;
  readonly task: SourceNode;
  readonly siblings: ReadonlyMap<string, string>;
  readonly around: Surroundings & { readonly calling: readonly string[] };
  readonly when: SourceNode | undefined;
}

/** What extensions put around a task. */
export function stepsOf(ctx: Context, { task, place, extensions }: Extended) {
  const descriptor = describe(task as MapNode, place);
  const { scoped, calling } = place;
  const around = { scoped, calling, extended: descriptor };
  const stepsIn = (side: 'before' | 'after') =>
    extensions.flatMap(({ name, node }) => {
      const prefix = `${place.id}/extensions/${side}/${escapeToken(name)}`;
      const when = memberOf(node, 'when');
      const list = memberOf(node, side);
      const steps = (list === undefined ? [] : namedItems(list)).map(({ key, value }) => {
        const id = `${prefix}/${escapeToken(key)}`;
        const guarded = isGuarded(value, when);
        return { id, entry: guarded ? `${id}/if` : id, name: key, task: value };
      });
      const siblings = new Map(steps.map((step) => [step.name, step.entry]));
      return steps.map((step): Step => ({ ...step, siblings, around, when }));
    });
  return { before: stepsIn('before'), after: stepsIn('after') };
}

/** X5 */
function isGuarded(task: SourceNode, when: SourceNode | undefined): boolean {
  const then = textOf(memberOf(task, 'then'));
  const conditional = when !== undefined || memberOf(task, 'if') !== undefined;
  return conditional && then !== undefined && then !== 'continue';
}

/** `$task` of an extension: platform functions go by their short names. */
function describe(task: MapNode, { name }: TaskPlace): JsonObject {
  const definition = toJsonObject(task);
  const call = definition['call'];
  if (typeof call === 'string') definition['call'] = functionName(call);
  return descriptorOf(name, task.pointer, definition);
}

/** A scope of a task with tasks of extensions in it. */
export function openScope(
  ctx: Context,
  scope: string,
  owner: TaskPlace,
  members: readonly (Step | TaskPlace)[],
): void {
  const nodes = members.flatMap((member) =>
    'entry' in member && member.entry !== member.id ? [member.entry, member.id] : [member.id],
  );
  ctx.scopes.set(scope, { id: scope, owner: owner.id, nodes });
}

/** X2, X4, X5: lowers tasks of extensions, one after the other. */
export function lowerSteps(
  ctx: Context,
  steps: readonly Step[],
  { scope, following }: { readonly scope: string; readonly following?: string },
): void {
  for (const [index, step] of steps.entries()) {
    const { id, entry, name, siblings, around } = step;
    const node = steps[index + 1]?.entry ?? following;
    const next: Target = node === undefined ? { to: 'exit' } : { to: 'node', node };
    if (entry !== id) ctx.nodes.set(entry, undefined);
    ctx.lowerTask(step.task, { id, name, scope, next, siblings, branch: false, ...around });
    const lowered = ctx.nodes.get(id);
    if (lowered === undefined) continue;
    const { if: own, ...rest } = lowered;
    const when = conditionOf(ctx, step, own);
    const condition = when === undefined ? {} : { if: when };
    const aside = leaves(step.task) ? {} : { aside: true as const };
    ctx.nodes.set(id, { ...rest, ...(entry === id && condition), ...aside });
    if (entry === id) continue;
    const identity = { id: entry, name, scope, pointer: step.task.pointer, next };
    const cases = [{ name: 'applies', when, then: { to: 'node' as const, node: id } }];
    ctx.nodes.set(entry, { ...identity, kind: 'switch', cases });
  }
}

function conditionOf(
  ctx: Context,
  { when, around }: Step,
  own: string | undefined,
): string | undefined {
  if (when === undefined) return own;
  const applies = expression(ctx, when, around);
  return own === undefined ? applies : `(${closed(applies)}) and (${closed(own)})`;
}
