import type { ReplayRun, RerunRun, Run, StartRun } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import { idempotencyKeyOf, requestFingerprint, type Context } from '@parley/nest-kit';
import type { Engine, PreparedStart, StartRequest } from '../engine/engine.js';
import type { StartableVersion, WorkflowStore } from '../workflows/workflow-store.pg.js';
import { checkInput } from './run-input.js';
import { labelsGiven, priorityGiven, startFingerprint } from './run-labels.js';
import { runOfRow, type RunReader } from './run-reader.pg.js';
import type { RunReplays } from './run-replays.js';

/** Who asks for a run, and the headers that came with it: a key among them makes it start once. */
export interface Asking {
  readonly caller: Context;
  readonly headers: Readonly<Record<string, string>>;
}

interface SingleStartsParts {
  readonly engine: Pick<Engine, 'startPrepared'>;
  readonly reader: Pick<RunReader, 'run'>;
  readonly replays: Pick<RunReplays, 'confirmed'>;
  readonly workflows: Pick<WorkflowStore, 'startable'>;
}

/** Starts one run, wherever it is asked for; answers with the run once its start is durable. */
export class SingleStarts {
  private readonly parts: SingleStartsParts;

  constructor(parts: SingleStartsParts) {
    this.parts = parts;
  }

  async start({ caller, headers }: Asking, workflowId: string, body: StartRun): Promise<Run> {
    const { tenantId } = caller;
    const input = body.input ?? {};
    const key = keyOf(headers, startFingerprint(workflowId, body.version, body));
    const prepare = async () => {
      const wanted = body.version ?? 'live';
      const version = await this.parts.workflows.startable(tenantId, workflowId, wanted);
      return { ...startOf(caller, version, input), ...priorityGiven(body), ...labelsGiven(body) };
    };
    return this.started({ tenantId, prepare, ...key });
  }

  async rerun({ caller, headers }: Asking, runId: string, body: RerunRun): Promise<Run> {
    const { tenantId } = caller;
    const key = keyOf(headers, requestFingerprint('rerun', runId, body.input));
    const prepare = async () => {
      const before = await this.parts.reader.run(tenantId, runId);
      const version = await this.parts.workflows.startable(tenantId, before.workflowId, 'live');
      return {
        ...startOf(caller, version, body.input ?? before.input ?? {}),
        ...again(before),
      };
    };
    return this.started({ tenantId, prepare, ...key });
  }

  async replay({ caller, headers }: Asking, runId: string, body: ReplayRun): Promise<Run> {
    const { tenantId } = caller;
    const key = keyOf(
      headers,
      requestFingerprint('replay', runId, body.step, body.mode, body.input),
    );
    const prepare = async () => {
      const replay = await this.parts.replays.confirmed(tenantId, runId, body);
      const { run, input, from, pinned } = replay;
      const version = await this.parts.workflows.startable(tenantId, run.workflowId, run.version);
      return from === undefined
        ? { ...startOf(caller, version, input ?? {}), ...again(run) }
        : { ...requestOf(caller, version, run.input ?? {}), ...again(run), ...pinned, from };
    };
    return this.started({ tenantId, prepare, ...key });
  }

  private async started(start: PreparedStart): Promise<Run> {
    const { runId, change } = await this.parts.engine.startPrepared(start);
    return change === undefined
      ? this.parts.reader.run(start.tenantId, runId)
      : runOfRow(change.row, change.position);
  }
}

/** @throws AppError `invalid-input` */
function startOf(caller: Context, version: StartableVersion, input: Json): StartRequest {
  checkInput(version, input);
  return requestOf(caller, version, input);
}

/** A start of this version on behalf of the caller, without what it says of the run itself. */
export function requestOf(
  { tenantId, principal }: Context,
  { workflowId, workflowName, version, irHash }: StartableVersion,
  input: Json,
): StartRequest {
  return { tenantId, workflowId, workflowName, version, irHash, startedBy: principal, input };
}

/** Whatever runs again is as urgent as it was. */
function again({ id, priority = 'medium' }: Run): Pick<StartRequest, 'rerunOf' | 'priority'> {
  return { rerunOf: id, priority };
}

function keyOf(headers: Asking['headers'], fingerprint: string): Pick<PreparedStart, 'key'> {
  const key = idempotencyKeyOf(headers);
  return key === undefined ? {} : { key: { key, fingerprint } };
}
