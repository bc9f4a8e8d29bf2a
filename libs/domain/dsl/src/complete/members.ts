import { inputsOf, bodyMembersOf, type OperationInput } from '../check/operation-inputs.js';
import {
  isTaskKeyword,
  shapeOf,
  task,
  type Member,
  type ObjectShape,
  type Settled,
} from '../language/index.js';
import { isJsonObject, type Json } from '@parley/kernel';
import type { SourceNode } from '../source/tree.js';
import { operationAt, isInOperationInput } from './catalogue.js';
import { isBlock, neededMembers } from './minimal.js';
import { isJson, optionsOf, quoted, type Completion, type Site } from './proposal.js';
import { bodyOf } from './tasks.js';

/** How names of members are written at the cursor. */
interface Writing {
  /** Column of the names. */
  readonly column: number;
  /** Put before each. */
  readonly lead: string;
  readonly form: 'block' | 'flow' | 'json';
  /** The name stands before its value already. */
  readonly bare: boolean;
}

/** Members that the object under the cursor does not have yet. */
export function memberProposals(
  site: Site,
  shape: Settled,
  present: SourceNode | undefined,
  lead = '',
): Completion[] {
  const writing = writingAt(site, lead);
  const taken = namesOf(present, site);
  if (isInOperationInput(site)) return inputProposals(site, taken, writing);
  if (shape.kind === 'map') return usualNames(site, taken, writing);
  if (shape.kind === 'any') return shape.holds === 'schema' ? schemaProposals(taken, writing) : [];
  if (shape.kind !== 'object') return [];
  const isUndecidedTask = shape === task.undecided;
  const needed = new Set(neededMembers(shape));
  const names = Object.keys(shape.members).filter((name) => isOpen(shape, name, taken));
  const ordered = [
    ...names.filter((name) => needed.has(name)),
    ...names.filter((name) => !needed.has(name)),
  ];
  const members = ordered.map((name) => {
    const member = shape.members[name] as Member;
    const isKeyword = isUndecidedTask && isTaskKeyword(name);
    return proposalOf(name, member, { writing, isKeyword, isRequired: needed.has(name) });
  });
  if (!isUndecidedTask) return members;
  const keywords = members.filter(({ kind }) => kind === 'task');
  return [
    ...keywords,
    ...variantProposals(taken, writing),
    ...members.filter(({ kind }) => kind !== 'task'),
  ];
}

function writingAt({ cursor }: Site, lead: string): Writing {
  const { entry, source, flow, root, column } = cursor;
  const bare =
    entry !== undefined && /^\s*:/.test(source.slice(entry.keySpan.end, entry.keySpan.end + 8));
  const form = flow ? (isJson(root, source) ? 'json' : 'flow') : 'block';
  const indent = /[^\n]*$/.exec(lead)?.[0].length ?? 0;
  return { column: lead === '' ? column : indent, lead, form, bare };
}

/** The names in an object, without the one under the cursor. */
function namesOf(node: SourceNode | undefined, { cursor }: Site): ReadonlySet<string> {
  if (node?.kind !== 'map') return new Set();
  return new Set(node.entries.filter((entry) => entry !== cursor.entry).map(({ key }) => key));
}

/** Whether a member can be added to what is there. */
function isOpen(
  { members, choices, alone }: ObjectShape,
  name: string,
  taken: ReadonlySet<string>,
): boolean {
  if (taken.has(name)) return false;
  const { needs } = members[name] ?? {};
  if (needs !== undefined && !taken.has(needs)) return false;
  if (alone !== undefined && taken.size > 0) {
    if (taken.has(alone.member) || name === alone.member) return false;
  }
  return !choices.some(({ of }) => of.includes(name) && of.some((other) => taken.has(other)));
}

interface Role {
  readonly writing: Writing;
  readonly isKeyword?: boolean;
  readonly isRequired?: boolean;
}

function proposalOf(
  name: string,
  member: Member,
  { writing, isKeyword, isRequired }: Role,
): Completion {
  return {
    label: name,
    kind: isKeyword === true ? 'task' : 'member',
    detail: isRequired === true ? `${titleOf(member)}, required` : titleOf(member),
    documentation: memberDoc(member),
    insertText: writing.lead + keyText(name, writing, () => opening(member, writing.column)),
  };
}

/** What a member is called in a few words. */
export function titleOf(member: Member): string {
  const shape = shapeOf(member.shape);
  return shape.kind === 'boolean' ? 'true or false' : shape.title;
}

/** What a member is for, as Markdown. */
export function memberDoc(member: Member): string {
  const value =
    member.default === undefined ? undefined : `Default: \`${JSON.stringify(member.default)}\``;
  const example = member.example === undefined ? undefined : `Example: \`${member.example}\``;
  return [member.doc, value, example].filter((part) => part !== undefined).join('\n\n');
}

function keyText(name: string, { form, bare }: Writing, opened: () => string): string {
  const key = quoted(name, form === 'json' ? 'json' : 'yaml');
  if (bare) return key;
  return form === 'block' ? `${key}:${opened()}` : `${key}: `;
}

/** What follows the colon: objects and lists go on below. */
function opening(member: Member, column: number): string {
  const declared = shapeOf(member.shape);
  if (!isBlock(declared)) return ' ';
  const indent = ' '.repeat(column + 2);
  const isList = optionsOf(declared).every(({ kind }) => kind === 'list');
  return `\n${indent}${isList ? '- ' : ''}`;
}

/** `call: http` and the like, with what each needs. */
function variantProposals(taken: ReadonlySet<string>, writing: Writing): Completion[] {
  const { column, lead, form, bare } = writing;
  if (form !== 'block' || bare) return [];
  const indent = `\n${' '.repeat(column)}`;
  return task.variants
    .filter(({ name }) => name !== 'call')
    .map((variant) => ({
      variant,
      lines: bodyOf(variant).filter((line) => !taken.has(line.split(':')[0] ?? '')),
    }))
    .map(({ variant: { name, doc }, lines }) => ({
      label: name.startsWith('call: ') ? name : `${name} …`,
      kind: 'snippet' as const,
      detail: 'with what it needs',
      documentation: doc,
      insertText: lead + lines.join(indent),
    }));
}

/** What an operation takes, by name. */
function inputProposals(site: Site, taken: ReadonlySet<string>, writing: Writing): Completion[] {
  const found = operationAt(site);
  if (found === undefined) return [];
  const inputs = inputsOf(found.operation).filter(({ name }) => !taken.has(name));
  const needed = new Set([
    ...(bodyMembersOf(found.operation)?.required ?? []),
    ...inputs.filter(({ required }) => required).map(({ name }) => name),
  ]);
  const ordered = [
    ...inputs.filter(({ name }) => needed.has(name)),
    ...inputs.filter(({ name }) => !needed.has(name)),
  ];
  return ordered.map((input) => ({
    label: input.name,
    kind: 'member' as const,
    detail: [typeText(input.schema), input.in, ...(input.required ? ['required'] : [])].join(', '),
    documentation: inputDoc(input),
    insertText: writing.lead + keyText(input.name, writing, () => ' '),
  }));
}

/** What an input of an operation is, as Markdown. */
export function inputDoc({ description, schema }: OperationInput): string {
  const values = isJsonObject(schema) && Array.isArray(schema['enum']) ? schema['enum'] : undefined;
  return [
    description ?? '',
    values === undefined
      ? ''
      : `One of: ${values.map((value) => `\`${JSON.stringify(value)}\``).join(', ')}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The type that a schema names, in a word. */
export function typeText(schema: Json): string {
  if (!isJsonObject(schema)) return 'any value';
  const { type, format } = schema;
  const names = Array.isArray(type)
    ? type.map(String).join(' or ')
    : typeof type === 'string'
      ? type
      : 'any value';
  return typeof format === 'string' ? `${names} (${format})` : names;
}

const headers: Readonly<Record<string, string>> = {
  accept: 'Media types that are understood.',
  'content-type': 'Media type of the body.',
  'user-agent': 'Who asks.',
  'if-match': 'Only when the resource is still at this version.',
  'if-none-match': 'Only when the resource is no longer at this version.',
  'accept-language': 'Languages that are understood.',
};

/** Names that are usual where any name is allowed. */
function usualNames({ visited }: Site, taken: ReadonlySet<string>, writing: Writing): Completion[] {
  if (visited.at(-1)?.key !== 'headers') return [];
  return Object.entries(headers)
    .filter(([name]) => !taken.has(name))
    .map(([name, documentation]) => ({
      label: name,
      kind: 'member' as const,
      detail: 'header',
      documentation,
      insertText: writing.lead + keyText(name, writing, () => ' '),
    }));
}

const schemaKeywords: Readonly<Record<string, string>> = {
  type: 'string, number, integer, boolean, object, array or null.',
  properties: 'Schemas of members, by name.',
  required: 'Names of the members that must be there.',
  items: 'Schema of the items of a list.',
  enum: 'The only values.',
  const: 'The only value.',
  description: 'What the value means.',
  title: 'The value in a few words.',
  default: 'The value when there is none.',
  format: 'A well-known form of texts, such as date-time or email.',
  pattern: 'A regular expression that texts match.',
  minimum: 'The smallest number.',
  maximum: 'The largest number.',
  minLength: 'The least number of characters.',
  maxLength: 'The largest number of characters.',
  minItems: 'The least number of items.',
  maxItems: 'The largest number of items.',
  additionalProperties: 'Whether other members may be there, or their schema.',
  oneOf: 'Exactly one of these schemas fits.',
  anyOf: 'One or more of these schemas fit.',
  allOf: 'All of these schemas fit.',
};

function schemaProposals(taken: ReadonlySet<string>, writing: Writing): Completion[] {
  return Object.entries(schemaKeywords)
    .filter(([name]) => !taken.has(name))
    .map(([name, documentation]) => ({
      label: name,
      kind: 'member' as const,
      detail: 'JSON Schema',
      documentation,
      insertText: writing.lead + keyText(name, writing, () => ' '),
    }));
}
