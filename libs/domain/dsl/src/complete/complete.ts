import type { CompileOptions } from '../compile/compile.js';
import { cursorAt, type Cursor } from './cursor.js';
import { expressionProposals } from './expressions.js';
import { memberProposals } from './members.js';
import {
  listAround,
  shapesHere,
  siteOf,
  type Completion,
  type CompletionList,
  type Site,
} from './proposal.js';
import { taskSnippets } from './tasks.js';
import { valueProposals } from './values.js';

/** Longer lists help nobody. */
const itemsMax = 500;

/**
 * What can be written at an offset of a text, which need not be finished. Proposals fit what stands
 * before the cursor already; the best come first.
 */
export function completeAt(
  source: string,
  offset: number,
  options: CompileOptions = {},
): CompletionList {
  const at = Math.max(0, Math.min(Math.trunc(offset), source.length));
  const cursor = cursorAt(source, at);
  if (cursor === undefined) return { from: at, to: at, items: [] };
  const site = siteOf(cursor, options);
  const computed = cursor.at === 'value' ? expressionProposals(site) : undefined;
  const { from, to } = cursor;
  // Where nothing is written, an expression is one of several things that may come.
  if (computed !== undefined && isWritten(cursor)) return limited(source, at, computed);
  const items = [...proposalsAt(site), ...(computed?.items ?? [])];
  return limited(source, at, { from, to, items });
}

function isWritten({ node }: Cursor): boolean {
  return node?.kind === 'scalar' && node.value !== null && node.value !== '';
}

function proposalsAt(site: Site): Completion[] {
  const { cursor, here } = site;
  if (here === undefined) return [];
  if (cursor.at === 'item') return itemProposals(site, true);
  if (cursor.at === 'key') {
    const members = memberProposals(site, here.shape, cursor.map);
    return cursor.list === undefined ? members : [...members, ...compactItems(site, cursor.list)];
  }
  return [...valueProposals(site), ...blockProposals(site)];
}

/** Items of a list that stands at the column of the key that holds it. */
function compactItems(site: Site, list: NonNullable<Cursor['list']>): Completion[] {
  const { map: _, list: __, ...cursor } = site.cursor;
  const inner: Cursor = { ...cursor, at: 'item', path: list.path, node: list.node };
  return itemProposals(siteOf(inner, site.options), true);
}

/** New items: tasks, or the dash that begins one. */
function itemProposals(site: Site, withDash: boolean): Completion[] {
  const declared = site.here?.declared;
  if (declared?.kind !== 'list') return [];
  if (declared.tasks !== undefined) return taskSnippets(site, site.here?.node, withDash);
  return [];
}

/** Members or items of an object or list that has not begun yet. */
function blockProposals(site: Site): Completion[] {
  const { cursor, here } = site;
  if (cursor.flow || (isWritten(cursor) && !cursor.ownLine)) return [];
  if (isTaskEntry(site)) return taskSnippets(site, listAround(site), false);
  const lead = cursor.ownLine ? '' : `\n${' '.repeat(indentBelow(cursor))}`;
  return shapesHere(site).flatMap((shape) => {
    if (shape.kind === 'list')
      return shape === here?.declared && cursor.ownLine ? itemProposals(site, true) : [];
    return ['object', 'map', 'any'].includes(shape.kind)
      ? memberProposals(site, shape, undefined, lead)
      : [];
  });
}

function isTaskEntry({ here, visited }: Site): boolean {
  const list = visited.at(-2)?.declared;
  return here?.declared.kind === 'entry' && list?.kind === 'list' && list.tasks !== undefined;
}

/** Two columns deeper than the key on the line of the cursor. */
function indentBelow({ source, offset }: Cursor): number {
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  return (/^[ -]*/.exec(source.slice(start, offset))?.[0].length ?? 0) + 2;
}

/** Keeps what fits the characters before the cursor, those that begin with them first. */
function limited(
  source: string,
  offset: number,
  { from, to, items }: CompletionList,
): CompletionList {
  const typed = source.slice(from, offset).trimStart().replace(/^["']/, '').toLowerCase();
  if (typed === '') return { from, to, items: items.slice(0, itemsMax) };
  const ranked = items.flatMap((item) => {
    const rank = rankOf(item.label.toLowerCase(), typed);
    return rank === undefined ? [] : [{ item, rank }];
  });
  ranked.sort((a, b) => a.rank - b.rank);
  return { from, to, items: ranked.slice(0, itemsMax).map(({ item }) => item) };
}

/** How well a label fits what is typed; the fewer characters, the more they must say. */
function rankOf(label: string, typed: string): number | undefined {
  if (label === typed) return 0;
  if (label.startsWith(typed)) return 1;
  if (typed.length > 1 && label.includes(typed)) return 2;
  if (typed.length < 3) return undefined;
  let at = 0;
  for (const character of label) if (character === typed[at]) at += 1;
  return at === typed.length ? 3 : undefined;
}
