import { nearest } from '../diagnostics/nearest.js';
import type { ObjectShape } from '../language/shape.js';
import type { MapEntry, MapNode } from '../source/tree.js';
import { keyPlace, nameOf, type Check } from './context.js';

/** What an object lacks: one of these members. */
type Slot = readonly string[];

/**
 * Reports unknown, missing and contradicting members of an object; whether there were none. A
 * missing member beside an unknown one is one mistake (a misspelling), so it is told once, at the
 * unknown; an object that has nothing of what it needs is one mistake, too.
 */
export function reportMembers(check: Check, node: MapNode, shape: ObjectShape): boolean {
  const unknown = unknownMembers(node, shape);
  const missing = missingSlots(node, shape);
  const surplus = surplusMember(node, shape);
  if (unknown === undefined && missing === undefined && surplus === undefined) return true;
  const lacking = missing === undefined ? [] : [...missing];
  const suspects = unknown ?? misspeltIn(node, shape, lacking);
  const foreign = unknown !== undefined && unknown.length === node.entries.length;
  for (const entry of suspects) reportUnknown(check, entry, { node, shape, lacking });
  if (surplus !== undefined) reportSurplus(check, surplus, shape);
  else if (lacking.length > 0 && !(foreign && unknown.length > 0)) {
    reportMissing(check, node, { shape, lacking });
  }
  return false;
}

function unknownMembers(node: MapNode, shape: ObjectShape): MapEntry[] | undefined {
  if (shape.open !== undefined) return undefined;
  let unknown: MapEntry[] | undefined;
  for (const entry of node.entries) {
    if (!Object.hasOwn(shape.members, entry.key)) (unknown ??= []).push(entry);
  }
  return unknown;
}

/** In an open object only a name that is nearly that of a missing member is a mistake. */
function misspeltIn(node: MapNode, shape: ObjectShape, lacking: readonly Slot[]): MapEntry[] {
  if (shape.open === undefined || lacking.length === 0) return [];
  const names = lacking.flat();
  const suspect = node.entries.find(
    ({ key }) => !Object.hasOwn(shape.members, key) && nearest(key, names).length > 0,
  );
  return suspect === undefined ? [] : [suspect];
}

function missingSlots(node: MapNode, shape: ObjectShape): Slot[] | undefined {
  const { alone } = shape;
  const required =
    alone === undefined ? shape.required : has(node, alone.member) ? undefined : alone.otherwise;
  let missing: Slot[] | undefined;
  for (const name of required ?? []) {
    if (!has(node, name)) (missing ??= []).push([name]);
  }
  for (const choice of shape.choices) {
    if (choice.optional === true || choice.of.some((name) => has(node, name))) continue;
    (missing ??= []).push(choice.of);
  }
  return missing;
}

interface Surplus {
  readonly entry: MapEntry;
  /** The members of which only one may be there; none: `entry` needs another member. */
  readonly of?: readonly string[];
  readonly other: string;
}

/** A member that cannot be there because of another one. */
function surplusMember(node: MapNode, shape: ObjectShape): Surplus | undefined {
  for (const { of } of shape.choices) {
    const [first, second] = node.entries.filter((entry) => of.includes(entry.key));
    if (first !== undefined && second !== undefined) return { entry: second, of, other: first.key };
  }
  const { alone } = shape;
  if (alone !== undefined && has(node, alone.member)) {
    const entry = node.entries.find(
      ({ key }) => key !== alone.member && Object.hasOwn(shape.members, key),
    );
    if (entry !== undefined) return { entry, of: [alone.member, entry.key], other: alone.member };
  }
  for (const entry of node.entries) {
    const member = Object.hasOwn(shape.members, entry.key) ? shape.members[entry.key] : undefined;
    const needs = member?.needs;
    if (needs !== undefined && !has(node, needs)) return { entry, other: needs };
  }
  return undefined;
}

function reportSurplus(check: Check, { entry, of, other }: Surplus, shape: ObjectShape): void {
  const place = { span: entry.keySpan, pointer: entry.value.pointer };
  if (of === undefined) {
    check.reporter.report('PL1019', place, {
      message: `"${entry.key}" means nothing without "${other}"`,
      expected: other,
    });
  } else {
    check.reporter.report('PL1018', place, {
      message: `The ${shape.title} has both "${other}" and "${entry.key}"; only one of them can be`,
      expected: of.join(' or '),
    });
  }
}

function reportMissing(
  check: Check,
  node: MapNode,
  { shape, lacking }: { readonly shape: ObjectShape; readonly lacking: readonly Slot[] },
): void {
  const [first] = lacking;
  if (lacking.length === 1 && first !== undefined && first.length > 1) {
    check.reporter.report('PL1018', keyPlace(node), {
      message: `${whatOf(node, shape)} needs ${listed(first)}`,
      expected: first.join(' or '),
    });
    return;
  }
  const names = lacking.map((slot) => listed(slot)).join(' and ');
  check.reporter.report('PL1010', keyPlace(node), {
    message: `${whatOf(node, shape)} needs ${names}`,
    expected: lacking.map((slot) => slot.join(' or ')).join(', '),
  });
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(' or ');
}

function reportUnknown(
  check: Check,
  entry: MapEntry,
  found: { readonly node: MapNode; readonly shape: ObjectShape; readonly lacking: Slot[] },
): void {
  const { node, shape, lacking } = found;
  const near = nearest(entry.key, freeNames(node, shape));
  const slot = lacking.find((names) => names.some((name) => near.includes(name))) ?? lacking[0];
  if (slot !== undefined) lacking.splice(lacking.indexOf(slot), 1);
  const meant = slot?.length === 1 ? slot[0] : undefined;
  const suggestions = near.length > 0 ? near : meant === undefined ? [] : [meant];
  const [best] = suggestions;
  check.reporter.report(
    'PL1011',
    { span: entry.keySpan, pointer: entry.value.pointer },
    {
      message: `${whatOf(node, shape)} has no member "${entry.key}"`,
      expected: Object.keys(shape.members).join(', '),
      actual: entry.key,
      suggestions,
      ...(best !== undefined && {
        fix: { title: `Rename to "${best}"`, span: entry.keySpan, newText: best },
      }),
    },
  );
}

/** Members that could still be added. */
function freeNames(node: MapNode, shape: ObjectShape): string[] {
  const taken = shape.choices.filter(({ of }) => of.some((name) => has(node, name)));
  return Object.keys(shape.members).filter(
    (name) => !has(node, name) && !taken.some(({ of }) => of.includes(name)),
  );
}

/** What the message is about: the member that the object is, or the task by its name. */
function whatOf(node: MapNode, shape: ObjectShape): string {
  const name = nameOf(node);
  return shape.task === true || shape.title === 'case' ? `The ${shape.title} ${name}` : name;
}

function has(node: MapNode, name: string): boolean {
  for (const entry of node.entries) if (entry.key === name) return true;
  return false;
}
