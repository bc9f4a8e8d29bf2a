import { nearest } from '../diagnostics/nearest.js';
import { schema } from '../language/resources.js';
import type { ObjectShape } from '../language/shape.js';
import type { MapEntry, MapNode } from '../source/tree.js';
import { holderOf, isOfTask } from './belongs.js';
import { keyPlace, nameOf, type Check } from './context.js';
import {
  has,
  misnamedFor,
  missingSlots,
  ownerOf,
  standsInside,
  takes,
  type Problem,
  type Slot,
} from './strays.js';

/** Unknown members that are compared with known ones. */
const suspectsMax = 50;

/** How the members of an object are. */
export interface Members {
  readonly whole: boolean;
  /** A member that has been told to be another one. */
  readonly misnamed?: MapEntry;
}

const right: Members = { whole: true };
const wrong: Members = { whole: false };

/**
 * Reports unknown, missing and contradicting members of an object. A
 * missing member beside an unknown one is one mistake (a misspelling), so it is told once, at the
 * unknown; so is one that stands in the object around or in one inside. An object that has nothing
 * of what it may have is one mistake, too.
 */
export function reportMembers(check: Check, node: MapNode, shape: ObjectShape): Members {
  const unknown = unknownMembers(node, shape);
  const missing = missingSlots(node, shape);
  const surplus = surplusMember(node, shape, missing);
  if (unknown === undefined && missing === undefined && surplus === undefined) return right;
  const problem = { node, shape, lacking: missing ?? [], free: freeNames(node, shape) };
  const stray = check.astray.get(node);
  if (stray !== undefined) remove(problem.lacking, (slot) => slot.some((name) => stray.has(name)));
  remove(problem.lacking, (slot) => standsInside(node, shape, slot));
  if (unknown !== undefined && unknown.length === node.entries.length) {
    reportForeign(check, unknown, problem);
    return wrong;
  }
  const misnamed = misnamedFor(problem);
  if (misnamed !== undefined) {
    reportMisnamed(check, misnamed.entry, misnamed.name);
    remove(problem.lacking, ([name]) => name === misnamed.name);
  }
  const spilt = spiltFrom(problem, unknown);
  if (spilt !== undefined) reportSpilt(check, spilt, problem);
  else for (const entry of unknown ?? misspeltIn(problem)) reportUnknown(check, entry, problem);
  if (surplus !== undefined) reportSurplus(check, surplus, shape);
  else if (problem.lacking.length > 0) reportMissing(check, problem);
  return misnamed === undefined ? wrong : { whole: false, misnamed: misnamed.entry };
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
function misspeltIn({ node, shape, lacking }: Problem): MapEntry[] {
  if (shape.open === undefined || lacking.length === 0) return [];
  const names = lacking.flat();
  const suspect = node.entries.find(
    ({ key }) => !Object.hasOwn(shape.members, key) && nearest(key, names).length > 0,
  );
  return suspect === undefined ? [] : [suspect];
}

interface Spilt {
  readonly name: string;
  readonly entries: readonly MapEntry[];
}

/** Several unknown members that all belong into one that is missing: its name was left out. */
function spiltFrom(
  { node, shape, lacking }: Problem,
  unknown: readonly MapEntry[] | undefined,
): Spilt | undefined {
  const [first, second] = unknown ?? [];
  if (unknown === undefined || first === undefined || second === undefined) return undefined;
  const name = holderOf(node, shape, first);
  if (name === undefined || !lacking.some((slot) => slot.includes(name))) return undefined;
  const all = unknown.every((entry) => holderOf(node, shape, entry) === name);
  return all ? { name, entries: unknown } : undefined;
}

function reportSpilt(
  check: Check,
  { name, entries }: Spilt,
  { node, shape, lacking }: Problem,
): void {
  const [first] = entries;
  if (first === undefined) return;
  remove(lacking, (slot) => slot.includes(name));
  const names = entries.map(({ key }) => key);
  check.reporter.report(
    'PL1011',
    { span: first.keySpan, pointer: first.value.pointer },
    {
      message: `${whatOf(node, shape)} has no members ${joined(names)}; they belong into "${name}", which is missing`,
      expected: name,
      actual: names.join(', '),
    },
  );
}

function joined(names: readonly string[]): string {
  const quoted = names.slice(0, 5).map((name) => `"${name}"`);
  return names.length > 5 ? `${quoted.join(', ')}, …` : quoted.join(', ');
}

function reportMisnamed(check: Check, entry: MapEntry, name: string): void {
  check.reporter.report(
    'PL1011',
    { span: entry.keySpan, pointer: entry.value.pointer },
    {
      message: `"${entry.key}" holds what "${name}" should, which is missing`,
      expected: name,
      actual: entry.key,
      suggestions: [name],
      fix: { title: `Rename to "${name}"`, span: entry.keySpan, newText: name },
    },
  );
}

interface Surplus {
  readonly entry: MapEntry;
  /** The members of which only one may be there; none: `entry` needs another member. */
  readonly of?: readonly string[];
  readonly other: string;
}

/** A member that cannot be there because of another one. */
function surplusMember(
  node: MapNode,
  shape: ObjectShape,
  missing: readonly Slot[] | undefined,
): Surplus | undefined {
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
    if (needs === undefined || has(node, needs)) continue;
    // What it needs is missing anyway, or misspelt: that is the mistake.
    const told = missing?.some((slot) => slot.includes(needs)) === true;
    if (!told && unknownMembers(node, shape) === undefined) return { entry, other: needs };
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

function reportMissing(check: Check, { node, shape, lacking }: Problem): void {
  const [first] = lacking;
  const choice = lacking.length === 1 && first !== undefined && first.length > 1;
  const names = lacking.map((slot) => listed(slot)).join(' and ');
  check.reporter.report(choice ? 'PL1018' : 'PL1010', keyPlace(node), {
    message: `${whatOf(node, shape)} needs ${names}`,
    expected: lacking.map((slot) => slot.join(' or ')).join(', '),
  });
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(' or ');
}

/** An object with nothing that it may have: told at its first member. */
function reportForeign(check: Check, unknown: readonly MapEntry[], problem: Problem): void {
  const [first, second] = unknown;
  if (first === undefined) {
    reportMissing(check, problem);
    return;
  }
  if (second === undefined) {
    reportUnknown(check, first, problem);
    return;
  }
  const { node, shape } = problem;
  const near = unknown
    .slice(0, suspectsMax)
    .filter(({ key }) => nearest(key, Object.keys(shape.members)).length > 0);
  if (near.length > 1) {
    for (const entry of unknown) reportUnknown(check, entry, problem);
    return;
  }
  const names = unknown.slice(0, 5).map(({ key }) => key);
  const cure = shape === schema ? '; a JSON Schema stands in "document"' : '';
  check.reporter.report(
    'PL1011',
    { span: first.keySpan, pointer: first.value.pointer },
    {
      message: `${whatOf(node, shape)} has none of its members, but ${joined(names)}${cure}`,
      expected: Object.keys(shape.members).join(', '),
      actual: names.join(', '),
    },
  );
}

function reportUnknown(check: Check, entry: MapEntry, problem: Problem): void {
  if (check.reporter.exhausted) return;
  const { node, shape, lacking } = problem;
  const place = { span: entry.keySpan, pointer: entry.value.pointer };
  const what = `${whatOf(node, shape)} has no member "${entry.key}"`;
  const owner = ownerOf(problem, entry);
  if (owner !== undefined) {
    check.astray.set(owner.value, new Set([entry.key, ...(check.astray.get(owner.value) ?? [])]));
    check.reporter.report('PL1011', place, {
      message: `${what}; it belongs into "${owner.key}"`,
      expected: Object.keys(shape.members).join(', '),
      actual: entry.key,
    });
    return;
  }
  const near = nearest(entry.key, problem.free);
  const slot = lacking.find((names) => names.some((name) => near.includes(name))) ?? lacking[0];
  if (slot !== undefined) lacking.splice(lacking.indexOf(slot), 1);
  const meant = slot?.length === 1 ? slot[0] : undefined;
  const [best] = near;
  check.reporter.report('PL1011', place, {
    message: best === undefined ? `${what}${homeOf(problem, entry)}` : what,
    expected: Object.keys(shape.members).join(', '),
    actual: entry.key,
    suggestions: near.length > 0 ? near : meant === undefined ? [] : [meant],
    ...(best !== undefined &&
      takes(shape, best, entry) && {
        fix: { title: `Rename to "${best}"`, span: entry.keySpan, newText: best },
      }),
  });
}

/** Where a member belongs that no other name is near to. */
function homeOf({ node, shape }: Problem, entry: MapEntry): string {
  const holder = holderOf(node, shape, entry);
  if (holder !== undefined) return `; it belongs into "${holder}"`;
  if (shape.task === true && entry.key === 'retry') {
    return '; retries belong to the "catch" of a "try" around the task';
  }
  if (isOfTask(node, entry)) return `; it belongs to the task, beside ${nameOf(node)}`;
  return '';
}

/** Members that could still be added. */
function freeNames(node: MapNode, shape: ObjectShape): string[] {
  const written = new Set(node.entries.map(({ key }) => key));
  const taken = shape.choices.filter(({ of }) => of.some((name) => written.has(name)));
  return Object.keys(shape.members).filter(
    (name) => !written.has(name) && !taken.some(({ of }) => of.includes(name)),
  );
}

/** What the message is about: the member that the object is, or the task by its name. */
function whatOf(node: MapNode, shape: ObjectShape): string {
  const name = nameOf(node);
  return shape.task === true || shape.title === 'case' ? `The ${shape.title} ${name}` : name;
}

function remove<T>(list: T[], unwanted: (item: T) => boolean): void {
  for (let at = list.length - 1; at >= 0; at -= 1) {
    if (unwanted(list[at] as T)) list.splice(at, 1);
  }
}
