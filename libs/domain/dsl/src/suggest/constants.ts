import { parse, SyntaxFault, type Ast } from '@parley/jq';
import type { Template } from '@parley/ir';
import { pointerTo, textOf, type SourceNode } from '../source/tree.js';
import { nodeAt, type Advice } from './report.js';
import { removeMember } from './text-edits.js';

/** PS2007: loops over a list that has one item, as it is written. */
export function adviseLoops(advice: Advice): void {
  for (const node of advice.nodes()) {
    if ((node.kind === 'for' || node.kind === 'map') && isListOfOne(node.in)) {
      advice.add(
        'PS2007',
        node.pointer,
        `"${node.name}" goes over a list that always has one item`,
      );
    }
  }
}

function isListOfOne(list: Template): boolean {
  if (list.kind === 'array') return list.items.length === 1;
  if (list.kind === 'literal') return Array.isArray(list.value) && list.value.length === 1;
  const ast = list.kind === 'expression' ? astOf(list.source) : undefined;
  return ast?.kind === 'array' && ast.body !== undefined && givesOne(ast.body);
}

/** Whether an expression certainly has exactly one result. */
function givesOne(ast: Ast): boolean {
  if (['literal', 'identity', 'variable', 'object'].includes(ast.kind)) {
    return ast.kind !== 'object' || ast.entries.every(({ value }) => givesOne(value));
  }
  return ast.kind === 'index' && !ast.optional && givesOne(ast.target) && givesOne(ast.key);
}

/** PS2008: forks with nothing to run beside. */
export function adviseBranches(advice: Advice): void {
  for (const node of advice.nodes()) {
    if (node.kind !== 'fork' || advice.ir.scopes[node.branches]?.nodes.length !== 1) continue;
    advice.add('PS2008', node.pointer, `"${node.name}" has one branch only`);
  }
}

/** PS2009: conditions that are written out as true or false. */
export function adviseConditions(advice: Advice): void {
  for (const node of advice.nodes()) {
    const result = node.if === undefined ? undefined : constantOf(node.if);
    if (result === undefined) continue;
    const map = nodeAt(advice.root, node.pointer);
    const edit = result && map?.kind === 'map' ? removeMember(advice.parsed, map, 'if') : undefined;
    advice.add(
      'PS2009',
      pointerTo(node.pointer, 'if'),
      result ? `"${node.name}" always runs` : `"${node.name}" never runs`,
      edit && { title: 'Remove the condition', ...edit },
    );
  }
}

function constantOf(source: string): boolean | undefined {
  const ast = astOf(source);
  return ast?.kind === 'literal' ? ast.value !== false && ast.value !== null : undefined;
}

function astOf(source: string): Ast | undefined {
  try {
    return parse(source);
  } catch (fault) {
    if (fault instanceof SyntaxFault) return undefined;
    throw fault;
  }
}

const secretHeaders = /^(?:authorization|proxy-authorization|x-api-key|api-key|cookie)$/i;
const secretProperties: Readonly<Record<string, readonly string[]>> = {
  basic: ['password'],
  digest: ['password'],
  bearer: ['token'],
  oauth2: ['password'],
  oidc: ['password'],
  client: ['secret', 'assertion'],
};

/** PS2010: credentials that are written out. */
export function adviseCredentials(advice: Advice): void {
  const visit = (node: SourceNode, keys: readonly string[]): void => {
    if (node.kind === 'list') for (const item of node.items) visit(item, keys);
    if (node.kind !== 'map') return;
    for (const { key, value } of node.entries) {
      if (isSecret(key, keys) && isWrittenOut(value)) {
        advice.add(
          'PS2010',
          value.pointer,
          `"${key}" is written out, for everyone who may read the workflow`,
        );
      }
      visit(value, [...keys.slice(-4), key]);
    }
  };
  visit(advice.root, []);
}

function isSecret(key: string, keys: readonly string[]): boolean {
  const outer = keys.at(-1) ?? '';
  if (outer === 'headers') return keys.at(-2) === 'with' && secretHeaders.test(key);
  const isAuthentication = keys.some(
    (name) => name === 'authentication' || name === 'authentications',
  );
  return (
    isAuthentication &&
    Object.hasOwn(secretProperties, outer) &&
    secretProperties[outer]?.includes(key) === true
  );
}

function isWrittenOut(node: SourceNode): boolean {
  const text = textOf(node);
  return text !== undefined && text.trim() !== '' && !text.includes('${');
}
