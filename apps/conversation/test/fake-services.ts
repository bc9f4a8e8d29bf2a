import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  AgentTurn,
  AgentTurnEvent,
  CompileDefinition,
  RegisterVersion,
} from '@parley/contracts';

/** What the agent does next: says a piece, waits for something, breaks the connection, or ends. */
export type AgentStep =
  | string
  | Promise<unknown>
  | { readonly event: 'cut' }
  | Exclude<AgentTurnEvent, { event: 'delta' }>;

/** The connection breaks. */
export const cut = { event: 'cut' } as const;
export const workflowId = 'wf_fake0000000000000000000000';
export const runId = 'run_fake0000000000000000000000';
const at = '2026-01-01T00:00:00.000Z';

/** Agent, workflow and dsl-compiler of a conversation, by HTTP, doing what a test tells them. */
export class FakeServices {
  /** How the agent answers a turn; `asked` counts from 1. */
  agent: (turn: AgentTurn, asked: number) => readonly AgentStep[] = () => [];
  readonly turnsAsked: AgentTurn[] = [];
  readonly registered: RegisterVersion[] = [];
  /** Paths that answer 503. */
  readonly down = new Set<string>();
  /** What the document says that definitions with `DOCUMENT` name. */
  document = 'first';
  private readonly versions = new Map<string, number>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      void this.answer(request, response);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', () => done()));
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const body: unknown = JSON.parse((await textOf(request)) || 'null');
    if (this.down.has(path)) return json(response, 503, problem('unavailable', 503));
    if (path === '/internal/v1/turns') return this.turn(body as AgentTurn, response);
    if (path === '/internal/v1/versions') {
      const request = body as RegisterVersion;
      const isAsShown = request.irHash === irHashOf(request.source, this.document);
      return isAsShown
        ? json(response, 200, this.register(request))
        : json(response, 412, problem('stale-revision', 412));
    }
    const known = fixed(path, body as CompileDefinition & { after: string }, this.document);
    return known === undefined
      ? json(response, 404, problem('not-found', 404))
      : json(response, 200, known);
  }

  private async turn(turn: AgentTurn, response: ServerResponse): Promise<void> {
    this.turnsAsked.push(turn);
    const asked = this.turnsAsked.filter(({ turnId }) => turnId === turn.turnId).length;
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
    for (const step of this.agent(turn, asked)) {
      const made = await step;
      if (made === cut) {
        response.destroy();
        return;
      }
      if (typeof made === 'string') response.write(line({ event: 'delta', text: made }));
      else if (typeof made === 'object' && made !== null) response.write(line(made));
    }
    response.end();
  }

  /** Idempotent by hash, as the workflow service is. */
  private register(request: RegisterVersion): { workflowId: string; version: number } {
    this.registered.push(request);
    const key = `${request.draftId} ${request.revisionHash}`;
    const version = this.versions.get(key) ?? this.versions.size + 1;
    this.versions.set(key, version);
    return { workflowId, version };
  }
}

/**
 * A source with `BROKEN` does not compile; one with `LISTEN` does not run; one with `SHELL` needs what is
 * enabled, with `CONTAINER` what is not; one with `DOCUMENT` has one
 * that can be read, and with `LOST` one that cannot.
 */
function fixed(
  path: string,
  body: CompileDefinition & { after: string },
  document: string,
): unknown {
  switch (path) {
    case '/internal/v1/executors':
      return { enabled: ['shell'] };
    case '/v1/catalogue':
      return { connectors: [] };
    case '/v1/dsl/compile':
      return compiled(body, document);
    case '/v1/dsl/diff':
      return {
        changes: [{ kind: 'changed', task: 'do/a', summary: `became ${body.after}` }],
        sideEffectsAdded: [],
        sideEffectsRemoved: [],
        text: `+${body.after}`,
      };
    case `/v1/runs/${runId}`:
      return {
        id: runId,
        tags: [],
        attributes: {},
        workflowId,
        workflowName: 'orders',
        version: 3,
        status: 'failed',
        startedBy: 'A',
        error: { type: 'https://x/error', status: 500 },
        failedStep: 'do/a',
        waitingFor: [],
        createdAt: at,
        updatedAt: at,
        position: 1,
      };
    case `/v1/workflows/${workflowId}`:
      return {
        id: workflowId,
        name: 'orders',
        title: 'Orders',
        latestVersion: 3,
        tags: { live: 3 },
        trigger: 'Started by a person',
        createdAt: at,
        updatedAt: at,
      };
    case `/v1/workflows/${workflowId}/versions/live`:
      return {
        workflowId,
        version: 3,
        source: 'in use',
        timezone: 'Europe/Berlin',
        irHash: 'h',
        trigger: 'Started by a person',
        sideEffects: [],
        revisionHash: 'h',
        approvedBy: 'mem_a',
        createdAt: at,
      };
  }
  return undefined;
}

function irHashOf(source: string, document: string): string {
  return source.includes('DOCUMENT') ? `${source} with ${document}` : source;
}

function compiled({ source, resolve }: CompileDefinition, document: string) {
  const valid = !source.includes('BROKEN');
  const uri = 'https://a.example/openapi.json';
  const isUnread = source.includes('LOST') || (source.includes('DOCUMENT') && resolve !== true);
  const diagnostics = [
    ...(valid ? [] : [diagnostic('PL1001', 'error', 'This is broken.')]),
    ...(source.includes('LISTEN')
      ? [diagnostic('PL1060', 'warning', '"listen" does not run')]
      : []),
    ...['shell', 'container']
      .filter((name) => source.includes(name.toUpperCase()))
      .map((name) => {
        const actual = `run: ${name}`;
        return { ...diagnostic('PL1065', 'warning', `"${actual}" runs where it may`), actual };
      }),
    ...(isUnread
      ? [
          {
            ...diagnostic('PL1070', 'warning', `What is at ${uri} has not been read yet`),
            actual: uri,
          },
        ]
      : []),
  ];
  const missing = isUnread ? [{ kind: 'openapi', uri, pointer: '', reason: 'It is gone.' }] : [];
  return {
    valid,
    diagnostics,
    sideEffects: [],
    ...(valid && { ir: { hash: irHashOf(source, document) } }),
    ...(resolve === true && { missing }),
  };
}

function diagnostic(code: string, severity: string, message: string) {
  const start = { line: 2, column: 1 };
  return { code, severity, message, pointer: '/do/0', range: { start, end: start } };
}

function line(event: object): string {
  return `${JSON.stringify(event)}\n`;
}

function problem(code: string, status: number) {
  return { type: `x:${code}`, title: code, status, code, detail: `The test says ${code}.` };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
