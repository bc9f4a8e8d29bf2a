import type { MapEntry, MapNode } from '../source/tree.js';
import { settle } from '../language/navigate.js';
import { shapeOf, type ObjectShape } from '../language/shape.js';
import { commonMembers, task } from '../language/tasks.js';

/** Members that most objects could have: they tell nothing about where something belongs. */
const everywhere: ReadonlySet<string> = new Set([...Object.keys(commonMembers), 'name', 'with']);

/** The member of the object, written or not, that an unknown member is a member of. */
export function holderOf(node: MapNode, shape: ObjectShape, stray: MapEntry): string | undefined {
  if (everywhere.has(stray.key)) return undefined;
  const holders = Object.entries(shape.members).filter(([name, member]) => {
    if (Object.hasOwn(commonMembers, name)) return false;
    const written = node.entries.find(({ key }) => key === name)?.value;
    const inner = settle(shapeOf(member.shape), written?.kind === 'map' ? written : undefined);
    if (inner.kind !== 'object' || !Object.hasOwn(inner.members, stray.key)) return false;
    return written === undefined || (written.kind === 'map' && !holds(written, stray.key));
  });
  return holders.length === 1 ? holders[0]?.[0] : undefined;
}

/** Whether an unknown member is one of the task that the object is a member of. */
export function isOfTask(node: MapNode, stray: MapEntry): boolean {
  const { members } = task.undecided;
  const own = node.pointer.slice(node.pointer.lastIndexOf('/') + 1);
  const list = /\/(?:do|try|branches|before|after)\/\d+\/[^/]*\/[^/]*$/.test(node.pointer);
  return list && Object.hasOwn(members, own) && Object.hasOwn(members, stray.key);
}

function holds(node: MapNode, name: string): boolean {
  return node.entries.some(({ key }) => key === name);
}
