import type { Binding, ObjectShape } from '../language/shape.js';
import { textOf, type MapNode, type SourceNode } from '../source/tree.js';
import type { Check, Env } from './context.js';
import { reportMembers } from './members.js';
import { rules } from './rules.js';
import { isVariableName } from './variable.js';
import { longhandOf } from './shorthand.js';
import { reportEmpty, wrongType } from './wrong.js';

/** Holds an object against its members, then each member against its shape. */
export function walkObject(check: Check, node: SourceNode, shape: ObjectShape, env: Env): void {
  if (node.kind !== 'map') {
    wrongType(check, node, 'an object', longhandOf(check, node, shape));
    return;
  }
  if (shape.notEmpty === true && node.entries.length === 0) {
    reportEmpty(check, node);
    return;
  }
  const { whole, misnamed } = reportMembers(check, node, shape);
  const naming = shape.task === true || shape.binds.length > 0;
  const around = whole || env.blind || !naming ? env : { ...env, blind: true };
  const names = shape.binds.length === 0 ? undefined : bind(node, shape);
  for (const entry of node.entries) {
    if (entry === misnamed) continue;
    const { key, value } = entry;
    const member = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
    if (member === undefined) {
      if (shape.open !== undefined) check.walk(value, shape.open, around);
      continue;
    }
    let inner = around;
    if (member.at !== undefined && member.at !== inner.at) inner = { ...inner, at: member.at };
    if (names !== undefined) inner = extend(inner, names, key);
    check.walk(value, member.shape, inner);
  }
  const rule = rules.get(shape);
  if (rule !== undefined) rule(check, node, { env: around, whole });
}

interface Bound {
  readonly binding: Binding;
  /** Undefined: the name cannot be read. */
  readonly name: string | undefined;
}

/** The variables that the definition names here. */
function bind(node: MapNode, shape: ObjectShape): Bound[] {
  return shape.binds.map((binding) => ({ binding, name: boundName(node, shape, binding) }));
}

function boundName(node: MapNode, shape: ObjectShape, binding: Binding): string | undefined {
  let holder: SourceNode | undefined = node;
  for (const key of binding.from.slice(0, -1)) {
    if (holder?.kind !== 'map') return undefined;
    holder = holder.entries.find((entry) => entry.key === key)?.value;
  }
  if (holder?.kind !== 'map') return undefined;
  const last = binding.from.at(-1) ?? '';
  const written = holder.entries.find((entry) => entry.key === last)?.value;
  if (written === undefined) return misspelt(holder, node, shape) ? undefined : binding.usual;
  const name = textOf(written);
  return name !== undefined && isVariableName(name) ? name : undefined;
}

/** Whether an inner object has a member that may have been meant to name the variable. */
function misspelt(holder: MapNode, node: MapNode, shape: ObjectShape): boolean {
  if (holder === node) return false;
  const key = node.entries.find((entry) => entry.value === holder)?.key ?? '';
  const lazy = shape.members[key]?.shape;
  const inner = typeof lazy === 'function' ? lazy() : lazy;
  return (
    inner?.kind === 'object' &&
    (holder.entries.length === 0 ||
      holder.entries.some((entry) => !Object.hasOwn(inner.members, entry.key)))
  );
}

function extend(env: Env, names: readonly Bound[], key: string): Env {
  const seen = names.filter(({ binding }) => binding.seenBy.includes(key));
  if (seen.length === 0) return env;
  const read = seen.flatMap(({ name }) => name ?? []);
  return {
    ...env,
    scoped: [...env.scoped, ...read],
    blind: env.blind || read.length < seen.length,
  };
}
