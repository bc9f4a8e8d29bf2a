import type { CompileOptions } from '../compile/compile.js';
import { bodyMembersOf, inputsOf } from '../check/operation-inputs.js';
import { isInOperationInput, operationAt } from '../complete/catalogue.js';
import { cursorAt, type Cursor } from '../complete/cursor.js';
import { lineStartAt } from '../complete/loose/text.js';
import { inputDoc, memberDoc, titleOf, typeText } from '../complete/members.js';
import { declaredNames, listAround, siteOf, type Site } from '../complete/proposal.js';
import { operationDoc } from '../complete/tasks.js';
import { isTaskKeyword, task, type ObjectShape } from '../language/index.js';
import { memberOf, textOf, type SourceNode, type Span } from '../source/tree.js';
import { expressionHover } from './expression.js';
import { taskSummary } from './task-summary.js';
import { timeInWords } from './times.js';

/** What there is to say about a place of a definition. Offsets are UTF-16 offsets. */
export interface Hover {
  readonly from: number;
  readonly to: number;
  readonly markdown: string;
}

/** Explains what stands at an offset of a text, which need not be finished. */
export function hoverAt(
  source: string,
  offset: number,
  options: CompileOptions = {},
): Hover | undefined {
  const at = Math.max(0, Math.min(Math.trunc(offset), source.length));
  const cursor = cursorAt(source, at);
  if (cursor === undefined) return undefined;
  const site = siteOf(cursor, options);
  if (cursor.at === 'key') return keyHover(site);
  if (cursor.node?.kind !== 'scalar' || cursor.node.value === null) return undefined;
  return expressionHover(site) ?? valueHover(site);
}

function keyHover(site: Site): Hover | undefined {
  const { cursor, here } = site;
  const { entry } = cursor;
  if (entry === undefined || here === undefined) return undefined;
  const markdown = keyText(site, entry.key, entry.value);
  return markdown === undefined ? undefined : spanned(entry.keySpan, markdown);
}

function keyText(site: Site, key: string, value: SourceNode): string | undefined {
  const shape = site.here?.shape;
  if (isInOperationInput(site)) return inputText(site, key);
  if (shape?.kind === 'entry') {
    return shape.title === 'task' ? taskSummary(key, value, site) : `**${shape.title} \`${key}\`**`;
  }
  if (shape?.kind !== 'object') return undefined;
  const member = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
  if (member === undefined) return undefined;
  const heading = [`**\`${key}\`** · ${titleOf(member)}`, requirement(shape, key)]
    .filter(Boolean)
    .join(' · ');
  const about =
    shape.kind === 'object' && isTaskKeyword(key) && isTask(site) ? `${shape.doc}\n\n` : '';
  return `${heading}\n\n${about}${memberDoc(member)}`;
}

function isTask({ here }: Site): boolean {
  return here?.declared === task;
}

function requirement({ required, choices, alone, members }: ObjectShape, name: string): string {
  if (required.includes(name)) return 'required';
  const choice = choices.find(({ of }) => of.includes(name));
  if (choice !== undefined) {
    const names = choice.of.map((other) => `\`${other}\``).join(', ');
    return choice.optional === true ? `at most one of ${names}` : `exactly one of ${names}`;
  }
  if (alone?.member === name) return 'instead of the others';
  const { needs } = members[name] ?? {};
  return needs === undefined ? 'optional' : `only with \`${needs}\``;
}

function inputText(site: Site, key: string): string | undefined {
  const found = operationAt(site);
  const input = found && inputsOf(found.operation).find(({ name }) => name === key);
  if (found === undefined || input === undefined) return undefined;
  const needed = input.required || bodyMembersOf(found.operation)?.required.includes(key) === true;
  const parts = [
    `**\`${key}\`** · ${typeText(input.schema)}`,
    `in the ${input.in}`,
    needed ? 'required' : 'optional',
  ];
  return [parts.join(' · '), inputDoc(input)].filter((part) => part !== '').join('\n\n');
}

function valueHover(site: Site): Hover | undefined {
  const { node } = site.cursor;
  if (node?.kind !== 'scalar') return undefined;
  const markdown = valueText(site, String(node.value));
  return markdown === undefined ? undefined : spanned(node.span, markdown);
}

function valueText(site: Site, text: string): string | undefined {
  const { here, cursor } = site;
  const shape = here?.shape;
  const inCatalogue = catalogueText(site);
  if (inCatalogue !== undefined) return inCatalogue;
  if (shape?.kind !== 'text') return undefined;
  const time = timeInWords(shape, text, site.options.timezone);
  if (time !== undefined) return time;
  if (shape.holds === 'function') return functionText(text, cursor);
  if (shape.holds === 'target') return targetText(site, text);
  if (shape.holds === 'reference' && shape.to !== undefined)
    return referenceText(cursor, shape.to, text);
  const member = here?.member;
  if (shape.values === undefined || member === undefined) return undefined;
  return `**\`${text}\`** · ${shape.title}\n\n${member.doc}`;
}

function catalogueText(site: Site): string | undefined {
  const [outer, key] = site.cursor.path.slice(-2).map((step) => step.key);
  if (outer !== 'with' || (key !== 'operation' && key !== 'connector')) return undefined;
  const found = operationAt(site);
  if (key === 'operation') return found && operationDoc(found.connector, found.operation);
  const name = textOf(site.cursor.node);
  const connector = site.options.catalogue?.connectors.find((one) => one.name === name);
  if (connector === undefined) return undefined;
  const count = connector.operations.length;
  return [
    `**${connector.title}** · ${count} ${count === 1 ? 'operation' : 'operations'}`,
    connector.description ?? '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function functionText(name: string, { root }: Cursor): string | undefined {
  if (declaredNames(root, 'functions').includes(name)) {
    return `**\`${name}\`** · declared under \`use.functions\``;
  }
  const variant = task.variants.find((candidate) => candidate.name === `call: ${name}`);
  return variant && `**\`call: ${name}\`**\n\n${variant.doc}`;
}

const directives: Readonly<Record<string, string>> = {
  continue: 'Goes on with the next task of the list.',
  exit: 'Leaves the list of tasks; what holds the list goes on.',
  end: 'Ends the run.',
};

function targetText(site: Site, name: string): string | undefined {
  const list = listAround(site);
  const items = list?.kind === 'list' ? list.items : [];
  for (const item of items) {
    const entry = item.kind === 'map' ? item.entries[0] : undefined;
    if (entry?.key === name) return `Goes to:\n\n${taskSummary(name, entry.value, site)}`;
  }
  return Object.hasOwn(directives, name)
    ? `**\`${name}\`**\n\n${directives[name] ?? ''}`
    : undefined;
}

const shownMax = 600;

function referenceText({ root, source }: Cursor, kind: string, name: string): string | undefined {
  if (!declaredNames(root, kind).includes(name)) return undefined;
  const declared = memberOf(memberOf(memberOf(root, 'use'), kind), name);
  if (declared === undefined) return `**\`${name}\`** · declared under \`use.${kind}\``;
  const isBlock = declared.kind !== 'scalar' && !declared.flow;
  const start = isBlock ? lineStartAt(source, declared.span.start) : declared.span.start;
  const lines = unindented(source.slice(start, declared.span.end)).slice(0, shownMax);
  return `**\`${name}\`** · \`use.${kind}\`\n\n\`\`\`yaml\n${lines}\n\`\`\``;
}

/** A text without the indentation of its first line. */
function unindented(text: string): string {
  const indent = /^ */.exec(text)?.[0].length ?? 0;
  return indent === 0 ? text : text.replaceAll(new RegExp(`^ {1,${indent}}`, 'gm'), '');
}

function spanned({ start, end }: Span, markdown: string): Hover {
  return { from: start, to: end, markdown };
}
