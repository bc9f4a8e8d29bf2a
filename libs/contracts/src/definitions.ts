import { z } from 'zod';

/** A place in a text: lines and columns count from 1. */
export const Position = z.object({ line: z.int(), column: z.int() }).meta({ id: 'Position' });
export type Position = z.infer<typeof Position>;

/** A located finding in a definition. One mistake gives one diagnostic. */
export const Diagnostic = z
  .object({
    code: z.string().describe('Stable code, PL1xxx'),
    severity: z.enum(['error', 'warning', 'info']),
    message: z.string(),
    pointer: z.string().describe('JSON Pointer into the definition'),
    range: z.object({ start: Position, end: Position }),
    expected: z.string().optional(),
    actual: z.string().optional(),
    suggestions: z.array(z.string()).optional(),
    fix: z
      .object({
        title: z.string(),
        range: z.object({ start: Position, end: Position }),
        newText: z.string(),
      })
      .optional(),
  })
  .meta({ id: 'Diagnostic' });
export type Diagnostic = z.infer<typeof Diagnostic>;

/** A call that a definition can make, as shown before approval. */
export const SideEffect = z
  .object({
    /** JSON Pointer of the task. */
    task: z.string(),
    kind: z.enum([
      'connector',
      'http',
      'human',
      'openapi',
      'grpc',
      'asyncapi',
      'a2a',
      'mcp',
      'agent',
      'worker',
      'function',
      'event',
      'process',
      'workflow',
    ]),
    connector: z.string().optional(),
    operation: z
      .string()
      .optional()
      .describe('Of a connector; for a process: container, script or shell'),
    method: z.string().optional(),
    target: z
      .string()
      .describe('Path template or URL; the assignee, event type, image, command, workflow …'),
    /** Whether the call can change something. */
    changes: z.boolean(),
  })
  .meta({ id: 'SideEffect' });
export type SideEffect = z.infer<typeof SideEffect>;

/** One difference between two definitions in terms of tasks. */
export const DefinitionChange = z
  .object({
    kind: z.enum(['added', 'removed', 'changed', 'moved']),
    /** Name path of the task, e.g. `do/checkStock`; empty for the workflow itself. */
    task: z.string(),
    summary: z.string().describe('The change in words, computed from the two definitions'),
  })
  .meta({ id: 'DefinitionChange' });
export type DefinitionChange = z.infer<typeof DefinitionChange>;

export const DefinitionDiff = z
  .object({
    changes: z.array(DefinitionChange),
    sideEffectsAdded: z.array(SideEffect),
    sideEffectsRemoved: z.array(SideEffect),
    effects: z
      .array(z.string())
      .optional()
      .describe(
        'The same in words: `now also calls POST /refunds`, `no longer emits order.placed`',
      ),
    /** Unified diff of the two texts. */
    text: z.string(),
  })
  .meta({ id: 'DefinitionDiff' });
export type DefinitionDiff = z.infer<typeof DefinitionDiff>;

/** A node of the picture of a definition. */
export const GraphNode = z
  .object({
    id: z.string().describe('Node id of the IR (name path)'),
    name: z.string(),
    kind: z.enum([
      'do',
      'set',
      'switch',
      'for',
      'fork',
      'wait',
      'try',
      'raise',
      'emit',
      'listen',
      'run',
      'map',
      'call',
      'human',
      'start',
      'end',
    ]),
    label: z.string(),
    detail: z.string().optional().describe('E.g. POST /orders/{orderId}/confirm'),
    parent: z.string().optional().describe('Id of the node that this one is drawn inside'),
    pointer: z.string(),
  })
  .meta({ id: 'GraphNode' });
export type GraphNode = z.infer<typeof GraphNode>;

export const GraphEdge = z
  .object({
    id: z.string(),
    from: z.string(),
    to: z.string(),
    kind: z.enum(['next', 'case', 'body', 'branch', 'catch']),
    label: z.string().optional(),
  })
  .meta({ id: 'GraphEdge' });
export type GraphEdge = z.infer<typeof GraphEdge>;

/** The picture of a definition (`POST /v1/dsl/graph`); nodes `start` and `end` are added. */
export const DefinitionGraph = z
  .object({ nodes: z.array(GraphNode), edges: z.array(GraphEdge) })
  .meta({ id: 'DefinitionGraph' });
export type DefinitionGraph = z.infer<typeof DefinitionGraph>;
