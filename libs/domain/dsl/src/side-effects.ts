import type { SideEffect } from '@parley/contracts';
import type { Ir, IrCallNode, IrNode, IrRunNode, Template } from '@parley/ir';

/**
 * Everything that a definition can do to the world, in document order: calls, emitted events and
 * processes, also those inside of loops, functions and extensions.
 */
export function sideEffectsOf(ir: Ir): SideEffect[] {
  return Object.values(ir.nodes).flatMap((node) => effectOf(node) ?? []);
}

/** What one task does to the world by itself. */
function effectOf(node: IrNode): SideEffect | undefined {
  switch (node.kind) {
    case 'call':
      return sideEffectOf(node);
    case 'emit': {
      const target = showTemplate(argumentOf(node.event, 'type'));
      return { task: node.pointer, kind: 'event', target, changes: true };
    }
    case 'run':
      return effectOfProcess(node);
    default:
      return undefined;
  }
}

function effectOfProcess(node: IrRunNode): SideEffect {
  const target = processTarget(node);
  if (node.process === 'workflow')
    return { task: node.pointer, kind: 'workflow', target, changes: true };
  return { task: node.pointer, kind: 'process', operation: node.process, target, changes: true };
}

/** What is run: an image, a command, a language, the name of a workflow. */
export function processTarget(node: IrRunNode): string {
  const argument = (name: string) => showTemplate(argumentOf(node.with, name));
  switch (node.process) {
    case 'container':
      return argument('image');
    case 'shell':
      return argument('command');
    case 'script': {
      const source = argumentOf(argumentOf(node.with, 'source'), 'endpoint');
      return source === undefined
        ? argument('language')
        : `${argument('language')} ${showTemplate(source)}`;
    }
    case 'workflow': {
      const [namespace, name, version] = ['namespace', 'name', 'version'].map(argument);
      return `${namespace ? `${namespace}/` : ''}${name ?? ''}${version ? ` ${version}` : ''}`;
    }
  }
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

/** What says best what such a call talks to: `Greeter/SayHello`, `tools/call search`, `queue/task`. */
function targetOf(node: IrCallNode): string {
  const argument = (name: string) => argumentOf(node.with, name);
  const method = showTemplate(argument('method'));
  if (node.function === 'grpc') {
    return [showTemplate(argumentOf(argument('service'), 'name')), method].join('/');
  }
  if (node.function === 'mcp') {
    return `${method} ${showTemplate(argumentOf(argument('parameters'), 'name'))}`.trim();
  }
  if (node.function === 'worker') {
    return ['queue', 'task'].map((name) => showTemplate(argument(name))).join('/');
  }
  const names = ['channel', 'operation', 'method', 'name', 'agent', 'role', 'goal'];
  return showTemplate(names.map(argument).find((value) => value !== undefined));
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
const expansion = /^# (\{.*\})\n/;

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
  if (name !== undefined) return `{${JSON.parse(name) as string}}`;
  return expansion.exec(source)?.[1] ?? `\${ ${source} }`;
}
