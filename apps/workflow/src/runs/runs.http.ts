import { Body, Controller, Headers, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { timeline } from '@parley/engine';
import {
  routes,
  type ReplayPreview,
  type ReplayQuery,
  type ReplayRun,
  type RerunRun,
  type Run,
  RunStatus,
  type RunCountQuery,
  type RunCounts,
  type RunListQuery,
  type RunSummary,
  type RunTimeline,
  type StartRun,
  type StepPayloadQuery,
} from '@parley/contracts';
import { AppError, type Json } from '@parley/kernel';
import {
  Caller,
  Endpoint,
  idempotencyKeyOf,
  lastEventId,
  pageOf,
  pageTokenOf,
  requestFingerprint,
  sendEvents,
  type Context,
  type Page,
} from '@parley/nest-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Engine, type PreparedStart, type StartRequest } from '../engine/engine.js';
import { WorkflowStore, type StartableVersion } from '../workflows/workflow-store.pg.js';
import { RunFeed } from './run-feed.js';
import { checkInput } from './run-input.js';
import { labelsGiven, priorityGiven } from './run-labels.js';
import { runOfRow, RunReader } from './run-reader.pg.js';
import { RunReplays } from './run-replays.js';
import { runStream } from './run-stream.js';
import { fromEntryOf, payloadOf, stepView } from './run-view.js';

@Controller()
export class RunsHttp {
  constructor(
    @Inject(Engine) private readonly engine: Engine,
    @Inject(RunReader) private readonly reader: RunReader,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(RunReplays) private readonly replays: RunReplays,
    @Inject(WorkflowStore) private readonly workflows: WorkflowStore,
  ) {}

  @Endpoint(routes.startRun)
  async start(
    @Param('workflow') workflowId: string,
    @Body() body: StartRun,
    @Headers() headers: Record<string, string>,
    @Caller() caller: Context,
  ): Promise<Run> {
    const { tenantId } = caller;
    const input = body.input ?? {};
    const key = keyOf(headers, requestFingerprint('start', workflowId, body.version, body.input));
    const prepare = async () => {
      const version = await this.workflows.startable(tenantId, workflowId, body.version ?? 'live');
      return { ...startOf(caller, version, input), ...priorityGiven(body), ...labelsGiven(body) };
    };
    return this.started(caller, { tenantId, prepare, ...key });
  }

  @Endpoint(routes.rerunRun)
  async rerun(
    @Param('run') runId: string,
    @Body() body: RerunRun,
    @Headers() headers: Record<string, string>,
    @Caller() caller: Context,
  ): Promise<Run> {
    const { tenantId } = caller;
    const key = keyOf(headers, requestFingerprint('rerun', runId, body.input));
    const prepare = async () => {
      const before = await this.reader.run(tenantId, runId);
      const version = await this.workflows.startable(tenantId, before.workflowId, 'live');
      return {
        ...startOf(caller, version, body.input ?? before.input ?? {}),
        ...again(before),
      };
    };
    return this.started(caller, { tenantId, prepare, ...key });
  }

  @Endpoint(routes.previewReplay)
  async previewReplay(
    @Param('run') runId: string,
    @Query() query: ReplayQuery,
    @Caller() { tenantId }: Context,
  ): Promise<ReplayPreview> {
    return (await this.replays.plan(tenantId, runId, query)).preview;
  }

  @Endpoint(routes.replayRun)
  async replay(
    @Param('run') runId: string,
    @Body() body: ReplayRun,
    @Headers() headers: Record<string, string>,
    @Caller() caller: Context,
  ): Promise<Run> {
    const { tenantId } = caller;
    const key = keyOf(
      headers,
      requestFingerprint('replay', runId, body.step, body.mode, body.input),
    );
    const prepare = async () => {
      const { run, input, from, pinned } = await this.replays.confirmed(tenantId, runId, body);
      const version = await this.workflows.startable(tenantId, run.workflowId, run.version);
      return from === undefined
        ? { ...startOf(caller, version, input ?? {}), ...again(run) }
        : { ...requestOf(caller, version, run.input ?? {}), ...again(run), ...pinned, from };
    };
    return this.started(caller, { tenantId, prepare, ...key });
  }

  @Endpoint(routes.listRuns)
  async list(@Query() query: RunListQuery, @Caller() caller: Context): Promise<Page<RunSummary>> {
    const items = await this.reader.list(caller.tenantId, {
      query,
      before: pageTokenOf(query.pageToken, /^run_[0-9a-z]+$/),
      limit: query.pageSize + 1,
    });
    return pageOf(items, query.pageSize, { tokenOf: ({ id }) => id });
  }

  @Endpoint(routes.countRuns)
  async count(@Query() query: RunCountQuery, @Caller() { tenantId }: Context): Promise<RunCounts> {
    const counts = await this.reader.counts(tenantId, query);
    const all = RunStatus.options.map((status) => [status, counts.get(status) ?? 0] as const);
    const total = all.reduce((sum, [, count]) => sum + count, 0);
    return { byStatus: Object.fromEntries(all) as RunCounts['byStatus'], total };
  }

  @Endpoint(routes.getRun)
  get(@Param('run') runId: string, @Caller() caller: Context): Promise<Run> {
    return this.reader.run(caller.tenantId, runId);
  }

  @Endpoint(routes.getTimeline)
  async timeline(@Param('run') runId: string, @Caller() caller: Context): Promise<RunTimeline> {
    const { run, before, turns } = await this.reader.journal(caller.tenantId, runId);
    const entries = turns.flatMap((turn) => turn.entries);
    const steps = timeline(entries, before).map((step) => stepView(run, step));
    return { run, steps, ...fromEntryOf(before) };
  }

  @Endpoint(routes.getStepPayload)
  async payload(
    @Param('run') runId: string,
    @Param('occurrence') occurrence: string,
    @Param('part') part: string,
    @Query() { at }: StepPayloadQuery,
    @Caller() caller: Context,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { before, turns } = await this.reader.journal(caller.tenantId, runId, at);
    const wanted = at === undefined ? undefined : at - before.entries;
    const entries = turns.flatMap((turn) => turn.entries).slice(0, wanted);
    const step = timeline(entries, before).find(({ id }) => id === occurrence);
    const isPart = part === 'input' || part === 'output';
    const value = step && isPart ? payloadOf(step, part) : undefined;
    if (value === undefined) {
      throw new AppError('not-found', `step ${occurrence} of run ${runId} has no ${part}`);
    }
    await reply
      .header('content-type', 'application/json')
      .header('content-disposition', `attachment; filename="${runId}-${part}.json"`)
      .send(JSON.stringify(value, null, 2));
  }

  @Endpoint(routes.runEvents)
  async events(
    @Param('run') runId: string,
    @Caller() caller: Context,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.reader.run(caller.tenantId, runId); // Refuses before the stream begins.
    const last = lastEventId(request);
    const { reader, feed } = this;
    const { tenantId } = caller;
    await sendEvents(reply, (ended) =>
      runStream({ reader, feed, tenantId, runId, ended, ...(last ? { seen: Number(last) } : {}) }),
    );
  }

  private async started({ tenantId }: Context, start: PreparedStart): Promise<Run> {
    const { runId, change } = await this.engine.startPrepared(start);
    return change === undefined
      ? this.reader.run(tenantId, runId)
      : runOfRow(change.row, change.position);
  }
}

/** @throws AppError `invalid-input` */
function startOf(caller: Context, version: StartableVersion, input: Json): StartRequest {
  checkInput(version, input);
  return requestOf(caller, version, input);
}

function requestOf(
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

function keyOf(headers: Record<string, string>, fingerprint: string): Pick<PreparedStart, 'key'> {
  const key = idempotencyKeyOf(headers);
  return key === undefined ? {} : { key: { key, fingerprint } };
}
