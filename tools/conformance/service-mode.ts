import { randomBytes } from 'node:crypto';
import type { CompileResult, Run, RunTimeline, VersionRegistered } from '@parley/contracts';
import { isJsonObject, makeId } from '@parley/kernel';
import { createService, type RunningService } from '@parley/nest-kit';
import { contextHeaders, testConfig, testKeys, type TestKeys } from '@parley/nest-kit/testing';
import { testDatabase } from '@parley/testing';
import type { LockConfig } from '../../apps/dsl-compiler/src/lock/lock.module.js';
import type { Assignment, Mode, Outcome } from './run.ts';
import { startStub } from './stub-server.ts';
import { stubbedOrigins } from './stub.ts';

const runMsMax = 30_000;
const pollMs = 25;
const tenantId = 'ten_conformance00000000000000';

/**
 * The services themselves, as they are built: the compiler, and the workflow service on a PostgreSQL
 * of its own. A definition is published, started and looked at over HTTP; its calls go through the
 * outbound adapter and a socket to the stub.
 */
export async function startServiceMode(): Promise<Mode> {
  const [database, keys, stub] = await Promise.all([
    testDatabase(['workflow']),
    testKeys(),
    startStub(),
  ]);
  const standIns = Object.fromEntries(stubbedOrigins.map((origin) => [origin, stub.origin]));
  const { dslCompilerService } = await built('dsl-compiler');
  const compilerConfig: LockConfig = { ...testConfig('dsl-compiler', keys), standIns };
  const compiler = await createService(dslCompilerService(compilerConfig));
  const { workflowService } = await built('workflow');
  const urls = database.urls('workflow');
  const workflow = await createService(
    workflowService({
      ...testConfig('workflow', keys),
      dslCompilerUrl: compiler.url,
      dbOwnerUrl: urls.owner,
      dbAppUrl: urls.app,
      dbSystemUrl: urls.system,
      installationKey: 'a-key-for-this-run-alone',
      portBase: 7400,
      standIns,
    }),
  );
  return {
    name: 'postgres',
    title: 'PostgreSQL shell',
    execute: (assignment) => new Client({ workflow, compiler }, keys).execute(assignment),
    stop: async () => {
      await workflow.close();
      await compiler.close();
      await Promise.all([stub.stop(), database.stop()]);
    },
  };
}

interface Built {
  readonly 'dsl-compiler': typeof import('../../apps/dsl-compiler/src/service.js');
  readonly workflow: typeof import('../../apps/workflow/src/service.js');
}

/** Applications have decorators, which Node cannot read as they are: what runs is what was built. */
async function built<N extends keyof Built>(name: N): Promise<Built[N]> {
  const file = new URL(`../../apps/${name}/dist/service.js`, import.meta.url);
  return (await import(file.href)) as Built[N];
}

interface Running {
  readonly workflow: RunningService;
  readonly compiler: RunningService;
}

class Client {
  private readonly services: Running;
  private readonly keys: TestKeys;

  constructor(services: Running, keys: TestKeys) {
    this.services = services;
    this.keys = keys;
  }

  async execute({ definition, input }: Assignment): Promise<Outcome> {
    const { workflowId } = await this.publish(definition);
    const started = await this.call<Run>('POST', `/v1/workflows/${workflowId}/runs`, { input });
    const run = await this.ended(started.id);
    const { steps } = await this.call<RunTimeline>('GET', `/v1/runs/${run.id}/timeline`);
    return {
      status: run.status as Outcome['status'],
      ...(run.output === undefined ? {} : { output: run.output }),
      ...(run.error === undefined ? {} : { error: { ...run.error } }),
      tasks: steps.map(({ name, status }) => ({ name, status })),
    };
  }

  private async publish(source: string): Promise<VersionRegistered> {
    const seen = { source, timezone: 'UTC', catalogue: { connectors: [] }, resolve: true };
    const { ir, diagnostics } = await this.call<CompileResult>('POST', '/v1/dsl/compile', seen);
    const irHash = isJsonObject(ir) ? ir['hash'] : undefined;
    if (irHash === undefined) throw new Error(JSON.stringify(diagnostics));
    const newId = (kind: 'draft' | 'conversation') => makeId(kind, Date.now(), randomBytes);
    return this.call('POST', '/internal/v1/versions', {
      source,
      timezone: 'UTC',
      draftId: newId('draft'),
      revision: 1,
      revisionHash: randomBytes(16).toString('hex'),
      irHash,
      conversationId: newId('conversation'),
      approvedBy: { kind: 'member', id: 'mem_conformance', name: 'Conformance kit' },
    });
  }

  private async ended(runId: string): Promise<Run> {
    for (const since = Date.now(); Date.now() - since < runMsMax;) {
      const run = await this.call<Run>('GET', `/v1/runs/${runId}`);
      if (['completed', 'failed', 'cancelled'].includes(run.status)) return run;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    throw new Error(`the run did not end within ${String(runMsMax / 1_000)} s`);
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const name = path.startsWith('/v1/dsl/') ? 'dsl-compiler' : 'workflow';
    const service = this.services[name === 'workflow' ? 'workflow' : 'compiler'];
    const isInternal = path.startsWith('/internal/');
    const caller = isInternal
      ? ({ kind: 'work', issuer: 'conversation' } as const)
      : ({ kind: 'request' } as const);
    const response = await fetch(service.url + path, {
      method,
      headers: {
        ...(await contextHeaders(this.keys, name, { ...caller, tenantId })),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${text.slice(0, 500)}`);
    return JSON.parse(text) as T;
  }
}
