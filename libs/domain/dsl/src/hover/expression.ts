import { isJsonObject } from '@parley/kernel';
import { programAt } from '../complete/expressions.js';
import { jqFormats, jqFunctions, jqWords } from '../complete/jq-docs.js';
import { dotSchema, membersBelow, variableSchema } from '../complete/known-data.js';
import { pathBefore } from '../complete/expressions.js';
import { typeText } from '../complete/members.js';
import type { Site } from '../complete/proposal.js';
import { variableDocs } from '../expressions/variables.js';
import type { Hover } from './hover.js';

/** Explains the name under the cursor, when the cursor is in an expression. */
export function expressionHover(site: Site): Hover | undefined {
  const { cursor } = site;
  const token = tokenAt(cursor.source, cursor.offset);
  if (token === undefined) return undefined;
  // What stands before the end of the name says whether it is in a text or a comment.
  const at = programAt({ ...site, cursor: { ...cursor, offset: token.end } });
  if (at === undefined || at.quiet || token.start < at.start) return undefined;
  const markdown = textOf(site, token.text, at.program);
  return markdown === undefined ? undefined : { from: token.start, to: token.end, markdown };
}

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const tokenLengthMax = 200;

/** The name around an offset, with what it begins with: `$name`, `@name`, `.name` or `name`. */
function tokenAt(source: string, offset: number): Token | undefined {
  const before =
    /[$@.]?\w*$/.exec(source.slice(Math.max(0, offset - tokenLengthMax), offset))?.[0] ?? '';
  const rest = source.slice(offset, offset + tokenLengthMax);
  const after = (before === '' ? /^[$@.]?\w*/ : /^\w*/).exec(rest)?.[0] ?? '';
  const text = before + after;
  if (!/^[$@.]?[A-Za-z_]\w*$/.test(text)) return undefined;
  const start = offset - before.length;
  return { text, start, end: start + text.length };
}

function textOf(site: Site, token: string, program: string): string | undefined {
  if (token.startsWith('$')) return variableText(site, token.slice(1));
  if (token.startsWith('@')) return entryText(jqFormats, token);
  if (token.startsWith('.')) return memberText(site, program);
  const calls = jqFunctions.filter(({ name }) => name === token);
  if (calls.length > 0)
    return calls.map(({ call, doc }) => `**\`${call}\`** · ${doc}`).join('\n\n');
  return entryText(jqWords, token);
}

function entryText(words: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(words, name) ? `**\`${name}\`** · ${words[name] ?? ''}` : undefined;
}

function variableText(site: Site, name: string): string | undefined {
  const bound = site.visited.at(-1)?.bound.get(name);
  const doc = bound ?? (Object.hasOwn(variableDocs, name) ? variableDocs[name] : undefined);
  if (doc === undefined) return undefined;
  const names = membersBelow(variableSchema(site, name), []).map((member) => `\`${member.name}\``);
  return `**\`$${name}\`** · ${doc}${names.length === 0 ? '' : `\n\nKnown members: ${names.join(', ')}`}`;
}

/** A member of data that a schema describes. */
function memberText(site: Site, program: string): string | undefined {
  const path = pathBefore(program);
  if (path?.known !== true) return undefined;
  const schema = path.root === '.' ? dotSchema(site) : variableSchema(site, path.root);
  const found = membersBelow(schema, path.keys).find(({ name }) => name === path.typed);
  if (found === undefined) return undefined;
  const doc = isJsonObject(found.schema) ? found.schema['description'] : undefined;
  return `**\`.${found.name}\`** · ${typeText(found.schema)}${typeof doc === 'string' && doc !== '' ? `\n\n${doc}` : ''}`;
}
