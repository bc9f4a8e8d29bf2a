import type { Ir, IrConsumption, IrDuration, IrNode } from '@parley/ir';
import { argumentOf, processTarget, showTemplate, sideEffectOf } from './side-effects.js';
import { describeDuration } from './values/duration.js';

const lengthMax = 80;

/** What a node does, in one short line: `POST /orders/{orderId}/confirm`, `wait 5 minutes`. */
export function describeNode(ir: Ir, node: IrNode): string {
  return shortened(describe(ir, node));
}

function describe(ir: Ir, node: IrNode): string {
  switch (node.kind) {
    case 'call':
      return describeCall(node);
    case 'do':
      return count(ir, node.body, 'step');
    case 'for':
      return `each ${node.each} of ${node.in.kind === 'expression' ? node.in.source : 'a list'}`;
    case 'fork':
      return `${count(ir, node.branches, 'branch', 'branches')}, ${node.compete ? 'first wins' : 'all'}`;
    case 'raise':
      return `error ${showTemplate(node.error.status)} ${showTemplate(node.error.title ?? node.error.type)}`;
    case 'set':
      return `set ${membersOf(node.value)}`;
    case 'switch':
      return node.cases.map((branch) => branch.name).join(' / ');
    case 'try':
      return node.catch.retry ? 'retry on error' : 'handle errors';
    case 'wait':
      return `wait ${showDuration(node.duration)}`;
    case 'emit':
      return `event ${showTemplate(argumentOf(node.event, 'type'))}`;
    case 'listen':
      return describeConsumption(node.to);
    case 'run':
      return `${node.process} ${processTarget(node)}`.trim();
    case 'map':
      return `each ${node.each} of ${node.in.kind === 'expression' ? node.in.source : 'a list'}, in parallel`;
  }
}

/** `any of 2 events`, `event order.placed`. */
function describeConsumption({ mode, filters }: IrConsumption): string {
  const [first] = filters;
  const type = first?.with.find(([attribute]) => attribute === 'type')?.[1];
  if (filters.length === 1) return `event ${showTemplate(type)}`.trim();
  return filters.length === 0 ? 'any event' : `${mode} of ${filters.length} events`;
}

function describeCall(node: IrNode & { readonly kind: 'call' }): string {
  const effect = sideEffectOf(node);
  if (node.function === 'human')
    return `${showTemplate(argumentOf(node.with, 'title'))} (${effect.target})`;
  if (node.function === 'http') return `${effect.method ?? ''} ${effect.target}`.trim();
  if (effect.method !== undefined) return `${effect.method} ${effect.target}`;
  return `${effect.connector ?? node.function} ${effect.target}`.trim();
}

function membersOf(value: (IrNode & { kind: 'set' })['value']): string {
  if (value.kind === 'expression') return value.source;
  if (value.kind === 'object') return value.entries.map(([key]) => key).join(', ');
  return value.kind === 'literal' ? Object.keys(value.value ?? {}).join(', ') : '';
}

function count(ir: Ir, scope: string, one: string, many = `${one}s`): string {
  const number = ir.scopes[scope]?.nodes.length ?? 0;
  return `${number} ${number === 1 ? one : many}`;
}

/** A duration as people say it, or its expression. */
export function showDuration(duration: IrDuration): string {
  return 'ms' in duration ? describeDuration(duration.ms) : duration.source;
}

/** `checkStock` → `Check stock`. */
export function labelOf(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .trim()
    .split(/\s+/)
    .map((word) => (/^[A-Z][a-z]/.test(word) ? word.toLowerCase() : word))
    .join(' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** At most 80 characters of a text, on one line. */
export function shortened(text: string, max = lengthMax): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
}
