import { Body, Controller, Headers, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { timeline, type LabelChange } from '@parley/engine';
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
import { AppError } from '@parley/kernel';
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
import { Engine, type StartRequest } from '../engine/engine.js';
import { WorkflowStore } from '../workflows/workflow-store.pg.js';
import { RunFeed } from './run-feed.js';
import { checkInput } from './run-input.js';
import { labelsGiven } from './run-labels.js';
import { runOfRow, RunReader } from './run-reader.pg.js';
import { RunReplays } from './run-replays.js';
import { runStream } from './run-stream.js';
import { payloadOf, stepView } from './run-view.js';

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
    const version = await this.workflows.version(
      caller.tenantId,
      workflowId,
      body.version ?? 'live',
    );
    const fingerprint = requestFingerprint('start', workflowId, body.version, body.input);
    const labels = labelsGiven(body);
    return this.startVersion(version, body.input ?? {}, {
      caller,
      headers,
      fingerprint,
      ...labels,
    });
  }

  @Endpoint(routes.rerunRun)
  async rerun(
    @Param('run') runId: string,
    @Body() body: RerunRun,
    @Headers() headers: Record<string, string>,
    @Caller() caller: Context,
  ): Promise<Run> {
    const before = await this.reader.run(caller.tenantId, runId);
    const version = await this.workflows.version(caller.tenantId, before.workflowId, 'live');
    const fingerprint = requestFingerprint('rerun', runId, body.input);
    const input = body.input ?? before.input ?? {};
    return this.startVersion(version, input, { caller, headers, fingerprint, rerunOf: runId });
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
    const { run, input, from } = await this.replays.confirmed(tenantId, runId, body);
    const version = await this.workflows.version(tenantId, run.workflowId, run.version);
    const { step, mode } = body;
    const fingerprint = requestFingerprint('replay', runId, step, mode, body.input);
    const given = (from === undefined ? input : run.input) ?? {};
    const start = { caller, headers, fingerprint, rerunOf: runId };
    return this.startVersion(version, given, from === undefined ? start : { ...start, from });
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
    const { run, turns } = await this.reader.journal(caller.tenantId, runId);
    const steps = timeline(turns.flatMap(({ entries }) => entries));
    return { run, steps: steps.map((step) => stepView(run, step)) };
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
    const { turns } = await this.reader.journal(caller.tenantId, runId);
    const entries = turns.flatMap((turn) => turn.entries).slice(0, at);
    const step = timeline(entries).find(({ id }) => id === occurrence);
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

  private async startVersion(
    version: Awaited<ReturnType<WorkflowStore['version']>>,
    input: Run['input'] & {},
    start: {
      caller: Context;
      headers: Record<string, string>;
      fingerprint: string;
      rerunOf?: string;
      labels?: LabelChange;
      from?: StartRequest['from'];
    },
  ): Promise<Run> {
    const { caller, headers, fingerprint, rerunOf, labels, from } = start;
    const key = idempotencyKeyOf(headers);
    const request = {
      tenantId: caller.tenantId,
      workflowId: version.workflowId,
      workflowName: version.workflowName,
      version: version.version,
      irHash: version.irHash,
      startedBy: caller.principal,
      input,
      ...(rerunOf === undefined ? {} : { rerunOf }),
      ...(labels === undefined ? {} : { labels }),
      ...(from === undefined ? {} : { from }),
      ...(key === undefined ? {} : { key: { key, fingerprint } }),
    };
    const admit = from === undefined ? () => checkInput(version, input) : undefined;
    const started = await this.engine.startRun(request, admit);
    const { runId, change } = started;
    return change === undefined
      ? this.reader.run(caller.tenantId, runId)
      : runOfRow(change.row, change.position);
  }
}
