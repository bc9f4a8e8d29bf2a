import type { IrNodeBase, Target } from '@parley/ir';
import type { JsonObject } from '@parley/kernel';
import { functionName } from '../language/index.js';
import {
  escapeToken,
  memberOf,
  toJsonObject,
  type MapNode,
  type SourceNode,
} from '../source/tree.js';
import type { Context, Extension, Surroundings, TaskPlace } from './context.js';
import { descriptorOf } from './extended.js';
import { namedItems } from './task-list.js';
import { leaves, skippedTo } from './target.js';
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
        return { id, name: key, task: value };
      });
      const siblings = new Map(steps.map((step) => [step.name, step.id]));
      return steps.map((step): Step => ({ ...step, siblings, around, when }));
    });
  return { before: stepsIn('before'), after: stepsIn('after') };
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
  const nodes = members.map(({ id }) => id);
  ctx.scopes.set(scope, { id: scope, owner: owner.id, nodes });
}

/** X2, X4: lowers tasks of extensions, one after the other. */
export function lowerSteps(
  ctx: Context,
  steps: readonly Step[],
  { scope, following }: { readonly scope: string; readonly following?: string },
): void {
  for (const [index, step] of steps.entries()) {
    const { id, name, siblings, around } = step;
    const node = steps[index + 1]?.id ?? following;
    const next: Target = node === undefined ? { to: 'exit' } : { to: 'node', node };
    ctx.lowerTask(step.task, { id, name, scope, next, siblings, branch: false, ...around });
    const lowered = ctx.nodes.get(id);
    if (lowered === undefined) continue;
    const { if: own, ...rest } = lowered;
    const when = conditionOf(ctx, step, own);
    const condition = when && { if: when, ...skippedTo(rest.next, next) };
    const aside = leaves(step.task) ? {} : { aside: true as const };
    ctx.nodes.set(id, { ...rest, ...condition, ...aside });
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
