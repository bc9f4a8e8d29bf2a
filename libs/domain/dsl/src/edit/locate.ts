import { nearest } from '../diagnostics/nearest.js';
import {
  memberOf,
  unescapeToken,
  type ListNode,
  type MapEntry,
  type MapNode,
  type SourceNode,
} from '../source/tree.js';

/** A step found by its path. */
export interface FoundStep {
  readonly list: ListNode;
  readonly index: number;
  readonly entry: MapEntry;
  /** The object with the step's name as its only key. */
  readonly item: MapNode;
}

/** Finds a step by its name path. */
export function findStep(root: SourceNode, path: string): FoundStep | undefined {
  const found = walk(root, path);
  return found !== undefined && 'entry' in found ? found : undefined;
}

/** Finds a list of tasks by its path, such as `do` or `do/retryIt/catch/do`. */
export function findList(root: SourceNode, path: string): ListNode | undefined {
  const found = walk(root, path);
  return found !== undefined && 'node' in found && found.node.kind === 'list'
    ? found.node
    : undefined;
}

/** Finds the object that would hold a list which does not exist yet. */
export function findListOwner(
  root: SourceNode,
  path: string,
): { readonly map: MapNode; readonly key: string } | undefined {
  const slash = path.lastIndexOf('/');
  const key = path.slice(slash + 1);
  if (!['do', 'try', 'branches'].includes(key)) return undefined;
  const found = slash === -1 ? { node: root } : walk(root, path.slice(0, slash));
  const map = found === undefined ? undefined : 'entry' in found ? found.entry.value : found.node;
  if (map?.kind !== 'map' || memberOf(map, key) !== undefined) return undefined;
  return { map, key };
}

/** The path of every step, in document order. */
export function stepPaths(root: SourceNode): string[] {
  const paths: string[] = [];
  const visit = (node: SourceNode | undefined, prefix: string) => {
    if (node?.kind !== 'list') return;
    for (const item of node.items) {
      const entry = item.kind === 'map' ? item.entries[0] : undefined;
      if (entry === undefined) continue;
      const path = `${prefix}/${entry.key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      paths.push(path);
      for (const place of ['do', 'try', 'catch/do', 'fork/branches', 'foreach/do']) {
        const list = place
          .split('/')
          .reduce<SourceNode | undefined>((map, key) => memberOf(map, key), entry.value);
        visit(list, `${path}/${place}`);
      }
    }
  };
  visit(memberOf(root, 'do'), 'do');
  return paths;
}

/** Paths like one that does not exist: the same name elsewhere first. */
export function pathsLike(root: SourceNode, path: string): string[] {
  const paths = stepPaths(root);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const named = paths.filter((candidate) => candidate.endsWith(`/${name}`));
  return named.length > 0 ? named.slice(0, 3) : nearest(path, paths);
}

function walk(
  root: SourceNode,
  path: string,
): FoundStep | { readonly node: SourceNode } | undefined {
  let node: SourceNode = root;
  let step: FoundStep | undefined;
  for (const token of path.split('/').map(unescapeToken)) {
    if (node.kind === 'list') {
      step = stepIn(node, token);
      if (step === undefined) return undefined;
      node = step.entry.value;
      continue;
    }
    const member = memberOf(node, token);
    if (member === undefined) return undefined;
    node = member;
    step = undefined;
  }
  return step ?? { node };
}

function stepIn(list: ListNode, name: string): FoundStep | undefined {
  for (const [index, item] of list.items.entries()) {
    const entry = item.kind === 'map' ? item.entries[0] : undefined;
    if (entry?.key === name) return { list, index, entry, item: item as MapNode };
  }
  return undefined;
}
