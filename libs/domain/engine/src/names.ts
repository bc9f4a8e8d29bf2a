import type { NodeId } from '@parley/ir';

/** A task's name: the last token of its static id, unescaped. */
export function nameOf(node: NodeId): string {
  const token = node.slice(node.lastIndexOf('/') + 1);
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
