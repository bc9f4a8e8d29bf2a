import type { CallFunction, Ir, IrAuthentication, IrNode, NodeId } from './ir.js';

/** Something of a definition that the language has and this version of the platform does not run. */
export interface Unavailable {
  /** Absent: a property of the whole workflow. */
  readonly node?: NodeId;
  /** JSON Pointer into the definition. */
  readonly pointer: string;
  /** In the words of the definition, e.g. `listen`, `call: grpc`. */
  readonly what: string;
}

const calls: ReadonlySet<CallFunction> = new Set(['http', 'openapi', 'connector', 'human']);
const schemes: ReadonlySet<IrAuthentication['scheme']> = new Set(['basic', 'bearer', 'digest']);
const kinds: ReadonlySet<IrNode['kind']> = new Set([
  'do',
  'set',
  'switch',
  'for',
  'fork',
  'wait',
  'try',
  'raise',
  'emit',
  'call',
]);

/**
 * What keeps a workflow from being run by this version. A definition that has any of it is valid;
 * the compiler warns of it, and the engine refuses to load it.
 */
export function unavailableIn(ir: Ir): Unavailable[] {
  const found: Unavailable[] = [];
  for (const node of Object.values(ir.nodes)) {
    const what = unavailableOf(node);
    if (what !== undefined) found.push({ node: node.id, pointer: node.pointer, what });
  }
  const whole = (pointer: string, what: string) => found.push({ pointer, what });
  if (ir.schedule?.after !== undefined) whole('/schedule/after', 'schedule.after');
  if (ir.schedule?.on !== undefined) whole('/schedule/on', 'schedule.on');
  if (ir.secrets !== undefined && ir.secrets.length > 0) whole('/use/secrets', 'use.secrets');
  return found;
}

function unavailableOf(node: IrNode): string | undefined {
  if (node.kind !== 'call') return kinds.has(node.kind) ? undefined : node.kind;
  if (!calls.has(node.function)) return `call: ${node.function}`;
  const { authentication } = node;
  if (authentication === undefined) return undefined;
  if (authentication.secret !== undefined) return 'authentication by a secret';
  return schemes.has(authentication.scheme)
    ? undefined
    : `authentication: ${authentication.scheme}`;
}
