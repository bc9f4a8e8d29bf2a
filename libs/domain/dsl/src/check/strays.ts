import { fits, settle, type Settled } from '../language/navigate.js';
import { shapeOf, type ObjectShape } from '../language/shape.js';
import { textOf, type MapEntry, type MapNode, type SourceNode } from '../source/tree.js';
import { meantBy } from './shorthand.js';

/** What an object lacks: one of these members. */
export type Slot = readonly string[];

/** What is wrong with the members of an object. */
export interface Problem {
  readonly node: MapNode;
  readonly shape: ObjectShape;
  /** Taken from by every unknown member that may have been meant. */
  readonly lacking: Slot[];
  /** Members that could still be added. */
  readonly free: readonly string[];
}

/** What an object must have and has not. */
export function missingSlots(node: MapNode, shape: ObjectShape): Slot[] | undefined {
  const { alone } = shape;
  const inline = alone === undefined || !has(node, alone.member);
  const required = alone === undefined ? shape.required : inline ? alone.otherwise : [];
  let missing: Slot[] | undefined;
  for (const name of required) {
    if (!has(node, name)) (missing ??= []).push([name]);
  }
  for (const choice of shape.choices) {
    if (choice.optional === true || choice.of.some((name) => has(node, name))) continue;
    (missing ??= []).push(choice.of);
  }
  return missing;
}

/** Whether what is missing stands one level too deep, where it is not known. */
export function standsInside(node: MapNode, shape: ObjectShape, slot: Slot): boolean {
  return node.entries.some(({ key, value }) => {
    if (value.kind !== 'map') return false;
    const strays = value.entries.filter((entry) => slot.includes(entry.key));
    const inner = strays.length === 0 ? undefined : innerOf(shape, key, value);
    return (
      inner?.kind === 'object' &&
      inner.open === undefined &&
      strays.some((entry) => !Object.hasOwn(inner.members, entry.key))
    );
  });
}

/** The member of the object that a stray belongs into, because it is missing there. */
export function ownerOf({ node, shape }: Problem, stray: MapEntry): MapEntry | undefined {
  return node.entries.find(({ key, value }) => {
    const inner = value.kind === 'map' ? innerOf(shape, key, value) : undefined;
    if (inner === undefined || value.kind !== 'map') return false;
    const empty = value.entries.length === 0;
    if (inner.kind === 'map') return empty && inner.notEmpty === true;
    if (inner.kind !== 'object' || !Object.hasOwn(inner.members, stray.key)) return false;
    const lacks = missingSlots(value, inner)?.some((slot) => slot.includes(stray.key)) === true;
    return lacks || (empty && inner.notEmpty === true);
  });
}

function innerOf(shape: ObjectShape, key: string, value: SourceNode): Settled | undefined {
  const member = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
  return member && settle(shapeOf(member.shape), value);
}

/**
 * A member that holds what a missing one should: its name is the mistake. Only when it cannot be
 * what its name says, and can be what is missing.
 */
export function misnamedFor({
  node,
  shape,
  lacking,
}: Problem): { entry: MapEntry; name: string } | undefined {
  for (const [name, more] of lacking) {
    const member = name === undefined || more !== undefined ? undefined : shape.members[name];
    if (member === undefined || name === undefined) continue;
    for (const entry of node.entries) {
      const own = innerOf(shape, entry.key, entry.value);
      if (own === undefined || own.kind === 'any' || suits(own, entry.value)) continue;
      if (isShort(own, entry)) continue;
      const wanted = settle(member.shape, entry.value);
      if (wanted.kind !== 'any' && suits(wanted, entry.value)) return { entry, name };
    }
  }
  return undefined;
}

/** `document: https://…` is what its name says, only written too short. */
function isShort(own: Settled, { key, value }: MapEntry): boolean {
  return own.kind === 'object' && value.kind === 'scalar' && meantBy(key, own) !== undefined;
}

/** Whether a value can be what a shape wants, at first sight. */
export function suits(shape: Settled, value: SourceNode): boolean {
  if (!fits(shape, value)) return false;
  if (shape.kind === 'text') {
    const text = textOf(value);
    return text !== undefined && shape.values?.includes(text) !== false;
  }
  if (shape.kind !== 'object' || value.kind !== 'map') return true;
  const known = value.entries.filter(({ key }) => Object.hasOwn(shape.members, key)).length;
  return known > 0 || (value.entries.length === 0 && shape.required.length === 0);
}

/** Whether a member of this name can have the value at all. */
export function takes(shape: ObjectShape, name: string, { value }: MapEntry): boolean {
  const member = shape.members[name];
  const inner = member && settle(member.shape, value);
  if (inner === undefined || !suits(inner, value)) return false;
  if (inner.kind !== 'object' || value.kind !== 'map' || inner.open !== undefined) return true;
  return value.entries.every(({ key }) => Object.hasOwn(inner.members, key));
}

export function has(node: MapNode, name: string): boolean {
  for (const entry of node.entries) if (entry.key === name) return true;
  return false;
}
