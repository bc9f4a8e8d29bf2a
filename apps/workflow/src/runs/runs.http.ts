import { Body, Controller, Headers, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { Timeline, timeline } from '@parley/engine';
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
  lastEventId,
  pageOf,
  pageTokenOf,
  sendEvents,
  type Context,
  type Page,
} from '@parley/nest-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RunFeed } from './run-feed.js';
import { RunReader } from './run-reader.pg.js';
import { RunReplays } from './run-replays.js';
import { runStream } from './run-stream.js';
import { fromEntryOf, payloadOf, stepView, unrecordedOf } from './run-view.js';
import { SingleStarts } from './single-starts.js';

@Controller()
export class RunsHttp {
  constructor(
    @Inject(SingleStarts) private readonly starts: SingleStarts,
    @Inject(RunReader) private readonly reader: RunReader,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(RunReplays) private readonly replays: RunReplays,
  ) {}

  @Endpoint(routes.startRun)
  start(
    @Param('workflow') workflowId: string,
    @Body() body: StartRun,
    @Headers() headers: Record<string, string>,
    @Caller() caller: Context,
  ): Promise<Run> {
    return this.starts.start({ caller, headers }, workflowId, body);
  }

  @Endpoint(routes.rerunRun)
  rerun(
    @Param('run') runId: string,
    @Body() body: RerunRun,
    @Headers() headers: Record<string, string>,
    @Caller() caller: Context,
  ): Promise<Run> {
    return this.starts.rerun({ caller, headers }, runId, body);
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
  replay(
    @Param('run') runId: string,
    @Body() body: ReplayRun,
    @Headers() headers: Record<string, string>,
    @Caller() caller: Context,
  ): Promise<Run> {
    return this.starts.replay({ caller, headers }, runId, body);
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
    const told = new Timeline(before);
    for (const entry of entries) told.apply(entry);
    const steps = told.steps().map((step) => stepView(run, step));
    return { run, steps, ...fromEntryOf(before), ...unrecordedOf(told) };
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
      const why = step?.unrecorded === true ? ' that was recorded: it takes the fast path' : '';
      throw new AppError('not-found', `step ${occurrence} of run ${runId} has no ${part}${why}`);
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
}
