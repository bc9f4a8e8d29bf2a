import { importOpenApi, mockResponse, sampleOf } from '@parley/connectors';
import type { Catalogue, Operation } from '@parley/contracts';
import type { Lock } from '@parley/dsl';
import { dryRun, type DryRunCall } from '@parley/engine';
import type { Ir } from '@parley/ir';
import type { Json } from '@parley/kernel';

/** What came of running a draft on sample data. */
export interface Trial {
  /** What the draft has to be mended for. */
  readonly faults: readonly string[];
  /** What the trial says nothing about, in sentences. */
  readonly untried: readonly string[];
}

export interface TrialOptions {
  readonly inputSchema?: Json;
  readonly catalogue: Catalogue;
  readonly lock?: Lock;
}

/** Runs a draft against mocks: nothing leaves. Only a draft that this version can run can be tried. */
export function tryOut(ir: Ir, { inputSchema, catalogue, lock }: TrialOptions): Trial {
  const unread = unreadCalls(ir);
  if (unread.length > 0) return { faults: [], untried: [unreadText(unread)] };
  const world = new MockedWorld(ir, catalogue, lock);
  const tried = dryRun(ir, {
    input: sampleOf(inputSchema ?? { type: 'object' }),
    handlers: {
      connector: (_args, call) => world.connector(call),
      openapi: (_args, call) => world.openApi(call),
      http: (_args, call) => world.unknown(call),
      worker: (_args, call) => world.unknown(call),
    },
  });
  if (!tried.ok) {
    const faults = tried.error.map(({ pointer, message }) => `${pointer}: ${message}`);
    return { faults, untried: [] };
  }
  const { error } = tried.value;
  const untried = world.unanswered.size === 0 ? [] : [unansweredText([...world.unanswered])];
  // A step that gets nothing from a call without a mock fails for want of the mock.
  if (error === undefined || untried.length > 0) return { faults: [], untried };
  const what = error.detail ?? error.title ?? error.type;
  return { faults: [`On sample data it fails at ${error.instance ?? '/'}: ${what}`], untried };
}

/** Calls of operations whose document nobody has read. */
function unreadCalls(ir: Ir): string[] {
  return Object.values(ir.nodes).flatMap((node) =>
    node.kind === 'call' && node.function === 'openapi' && node.request === undefined
      ? [node.name]
      : [],
  );
}

function unreadText(names: readonly string[]): string {
  return `It was not tried on sample data, because the OpenAPI documents of these steps could not be read: ${names.join(', ')}.`;
}

function unansweredText(names: readonly string[]): string {
  return `On sample data it could be tried only in part, because nobody knows what these steps would get as an answer: ${names.join(', ')}.`;
}

/** Answers made from documents; what has no document is answered with nothing, and remembered. */
class MockedWorld {
  readonly unanswered = new Set<string>();
  private readonly imported = new Map<string, readonly Operation[]>();
  private readonly ir: Ir;
  private readonly catalogue: Catalogue;
  private readonly lock: Lock | undefined;

  constructor(ir: Ir, catalogue: Catalogue, lock: Lock | undefined) {
    this.ir = ir;
    this.catalogue = catalogue;
    this.lock = lock;
  }

  connector(call: DryRunCall): Json {
    const { connector, operation } = call.operation ?? {};
    const found = this.catalogue.connectors
      .find(({ name }) => name === connector)
      ?.operations.find(({ id }) => id === operation);
    return found === undefined ? null : mockResponse(found).body;
  }

  openApi(call: DryRunCall): Json {
    const node = this.ir.nodes[call.node];
    const request = node?.kind === 'call' ? node.request : undefined;
    const operations = this.operationsOf(request?.documentHash ?? '');
    const found = operations.find(({ id }) => id === request?.operation);
    return found === undefined ? this.unknown(call) : mockResponse(found).body;
  }

  unknown({ name }: DryRunCall): null {
    this.unanswered.add(name);
    return null;
  }

  private operationsOf(documentHash: string): readonly Operation[] {
    const known = this.imported.get(documentHash);
    if (known !== undefined) return known;
    const document = this.lock?.externals.find(({ sha256 }) => sha256 === documentHash);
    const read = document && importOpenApi(JSON.stringify(document.content));
    const operations = read?.ok === true ? read.value.operations : [];
    this.imported.set(documentHash, operations);
    return operations;
  }
}
