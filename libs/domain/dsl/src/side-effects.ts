import type { SideEffect } from '@parley/contracts';
import type { Ir, IrCallNode, Template } from '@parley/ir';

/** Every call that a definition can make, in document order. */
export function sideEffectsOf(ir: Ir): SideEffect[] {
  return Object.values(ir.nodes)
    .filter((node) => node.kind === 'call')
    .map(sideEffectOf);
}

/** What one call does to the world. */
export function sideEffectOf(node: IrCallNode): SideEffect {
  const argument = (name: string) => showTemplate(argumentOf(node.with, name));
  const task = node.pointer;
  const changes = node.delivery !== 'safe';
  switch (node.function) {
    case 'http':
      return {
        task,
        kind: 'http',
        method: argument('method'),
        target: argument('endpoint'),
        changes,
      };
    case 'human': {
      const assignee = argumentOf(node.with, 'assignee');
      const role = argumentOf(assignee, 'role');
      const target = role
        ? `role ${showTemplate(role)}`
        : `member ${showTemplate(argumentOf(assignee, 'member'))}`;
      return { task, kind: 'human', target, changes: false };
    }
    case 'connector': {
      const operation = argument('operation');
      const known = node.operation;
      return {
        task,
        kind: 'connector',
        connector: argument('connector'),
        operation,
        ...(known && { method: known.method }),
        target: known?.path ?? operation,
        changes,
      };
    }
    case 'openapi': {
      const { method, address } = node.request ?? { address: argument('operationId') };
      return { task, kind: 'openapi', ...(method && { method }), target: address, changes };
    }
    case 'grpc':
    case 'asyncapi':
    case 'a2a':
    case 'mcp':
    case 'agent':
    case 'worker':
      return { task, kind: node.function, target: targetOf(node), changes };
    case 'custom':
      return { task, kind: 'function', target: node.custom ?? '', changes };
  }
}

/** The member that says best what such a call talks to. */
function targetOf(node: IrCallNode): string {
  const names = ['channel', 'operation', 'method', 'name', 'queue', 'role', 'goal'];
  const found = names.map((name) => argumentOf(node.with, name)).find((value) => value);
  return showTemplate(found);
}

/** A member of an object template. */
export function argumentOf(template: Template | undefined, name: string): Template | undefined {
  if (template?.kind === 'object') return template.entries.find(([key]) => key === name)?.[1];
  if (template?.kind !== 'literal') return undefined;
  const { value } = template;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const member = value[name];
  return member === undefined ? undefined : { kind: 'literal', value: member };
}

const insertion = /^if \.\[("[^"]+")\] == null then error\(/;

/** A template as an author would write it. */
export function showTemplate(template: Template | undefined): string {
  switch (template?.kind) {
    case undefined:
      return '';
    case 'literal':
      return typeof template.value === 'string' ? template.value : JSON.stringify(template.value);
    case 'expression':
      return `\${ ${template.source} }`;
    case 'text':
      return template.parts
        .map((part) => (typeof part === 'string' ? part : showPart(part.source)))
        .join('');
    case 'object':
    case 'array':
      return template.kind === 'object' ? '{…}' : '[…]';
  }
}

/** `{petId}` in an address was compiled to an expression; people know it as it was written. */
function showPart(source: string): string {
  const name = insertion.exec(source)?.[1];
  return name === undefined ? `\${ ${source} }` : `{${JSON.parse(name) as string}}`;
}
