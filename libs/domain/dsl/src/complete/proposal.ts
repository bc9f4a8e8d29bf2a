import type { CompileOptions } from '../compile/compile.js';
import {
  pathTo,
  settle,
  shapeOf,
  type Settled,
  type Shape,
  type Visited,
} from '../language/index.js';
import { memberOf, pointerTo, type SourceNode } from '../source/tree.js';
import type { Cursor, Step } from './cursor.js';

/** Something that can be written at the cursor. */
export interface Completion {
  readonly label: string;
  readonly kind: 'member' | 'task' | 'value' | 'reference' | 'variable' | 'function' | 'snippet';
  /** A few words beside the label. */
  readonly detail?: string;
  /** Markdown. */
  readonly documentation?: string;
  /** Takes the place of the range. */
  readonly insertText: string;
}

/** What can be written at a place. Offsets are UTF-16 offsets into the source. */
export interface CompletionList {
  readonly from: number;
  readonly to: number;
  readonly items: Completion[];
}

/** Where in the language the cursor stands. */
export interface Site {
  readonly cursor: Cursor;
  readonly options: CompileOptions;
  /** From the root to the value under the cursor, or to the map that a key is in. */
  readonly visited: readonly Visited[];
  /** The last of these; undefined where the language knows nothing. */
  readonly here: Visited | undefined;
}

export function siteOf(cursor: Cursor, options: CompileOptions): Site {
  const pointer = pointerOf(cursor.path);
  const visited = pathTo(cursor.root, pointer);
  const isKnown = visited.length === cursor.path.length + 1;
  return { cursor, options, visited, here: isKnown ? visited.at(-1) : undefined };
}

function pointerOf(path: readonly Step[]): string {
  return path.reduce((pointer, { key }) => pointerTo(pointer, key), '');
}

/** The shapes that a value here may have: all options, when nothing is decided. */
export function shapesHere({ here, cursor }: Site): readonly Settled[] {
  return here === undefined ? [] : optionsOf(here.declared, cursor.node);
}

export function optionsOf(declared: Shape, node?: SourceNode): readonly Settled[] {
  if (declared.kind !== 'either') return [settle(declared, node)];
  return declared.options.flatMap((option) => optionsOf(shapeOf(option), node));
}

/** The task that the cursor is in: its members as they are written. */
export function taskAround({ visited }: Site): SourceNode | undefined {
  return visited.findLast(({ declared }) => declared.kind === 'select')?.node;
}

/** The name of the task that the cursor is in. */
export function taskNameAround({ visited }: Site): string | undefined {
  return visited.findLast(({ declared }) => declared.kind === 'select')?.key;
}

/** The list of tasks that names of tasks at the cursor belong to. */
export function listAround({ visited }: Site): SourceNode | undefined {
  return visited.findLast(
    ({ declared }) => declared.kind === 'list' && declared.tasks !== undefined,
  )?.node;
}

/** The names of the tasks in a list. */
export function namesIn(list: SourceNode | undefined): string[] {
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((item) => (item.kind === 'map' ? (item.entries[0]?.key ?? []) : []));
}

/** Names that `use` declares. */
export function declaredNames(root: SourceNode | undefined, kind: string): string[] {
  const declared = memberOf(memberOf(root, 'use'), kind);
  if (declared?.kind === 'map') return declared.entries.map(({ key }) => key);
  if (declared?.kind !== 'list') return [];
  return declared.items.flatMap((item) =>
    item.kind === 'scalar' && typeof item.value === 'string' ? item.value : [],
  );
}

/** A JSON value as YAML on one line, or a text in the quotes that it needs. */
export function quoted(text: string, style: 'yaml' | 'json' | 'single' | 'double'): string {
  if (style === 'json' || style === 'double') return JSON.stringify(text);
  if (style === 'single') return `'${text.replaceAll("'", "''")}'`;
  const isPlain = /^[A-Za-z_/$.][\w./@-]*(?::[\w./@-]+)*$/.test(text) && !isWord(text);
  return isPlain ? text : `'${text.replaceAll("'", "''")}'`;
}

/** Words that are no texts without quotes. */
function isWord(text: string): boolean {
  return /^(?:true|false|null|~|\.inf|\.nan|\.\d+)$/i.test(text);
}

/** How texts are written where the cursor is. */
export function styleOf({
  source,
  node,
  flow,
  root,
}: Cursor): 'yaml' | 'json' | 'single' | 'double' {
  if (node?.kind === 'scalar' && node.style === 'double') return 'double';
  if (node?.kind === 'scalar' && node.style === 'single') return 'single';
  return flow && isJson(root, source) ? 'json' : 'yaml';
}

/** The whole definition is written in braces. */
export function isJson(root: SourceNode | undefined, source: string): boolean {
  return (
    root !== undefined && root.kind !== 'scalar' && root.flow && source.trimStart().startsWith('{')
  );
}
