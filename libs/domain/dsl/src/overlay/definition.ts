import { objectOf, type Json } from '@parley/kernel';
import { parseDefinition } from '../source/parse.js';
import type { SourceNode } from '../source/tree.js';

/** A definition as data, with its keys in the order of the text; undefined when it cannot be read. */
export function definitionOf(source: string): Json | undefined {
  const { root } = parseDefinition(source);
  return root === undefined ? undefined : valueOf(root);
}

/** The text of a definition that is there as data: it compiles to what any other text of it does. */
export function sourceOf(definition: Json): string {
  return JSON.stringify(definition, undefined, 2);
}

function valueOf(node: SourceNode): Json {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(valueOf);
  return objectOf(node.entries.map(({ key, value }) => [key, valueOf(value)] as const));
}
