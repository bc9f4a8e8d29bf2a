import { Readable } from 'node:stream';
import { Controller, Inject, Param, Query, Res } from '@nestjs/common';
import {
  routes,
  type HistoryEntry,
  type HistoryQuery,
  type RunStateAt,
  type RunStateQuery,
} from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { Caller, Endpoint, type Context, type Page } from '@parley/nest-kit';
import type { FastifyReply } from 'fastify';
import { RunHistory } from './run-history.js';

@Controller()
export class RunHistoryHttp {
  constructor(@Inject(RunHistory) private readonly history: RunHistory) {}

  @Endpoint(routes.getRunHistory)
  list(
    @Param('run') runId: string,
    @Query() query: HistoryQuery,
    @Caller() { tenantId }: Context,
  ): Promise<Page<HistoryEntry>> {
    return this.history.page({ tenantId, runId }, query);
  }

  @Endpoint(routes.getHistoryEntry)
  async entry(
    @Param('run') runId: string,
    @Param('entry') number: string,
    @Caller() { tenantId }: Context,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!/^[1-9]\d{0,8}$/.test(number)) {
      throw new AppError('not-found', `run ${runId} has no entry ${number}`);
    }
    const entry = await this.history.entry({ tenantId, runId }, Number(number));
    await reply
      .header('content-type', 'application/json')
      .header('content-disposition', `attachment; filename="${runId}-${number}.json"`)
      .send(JSON.stringify(entry, null, 2));
  }

  @Endpoint(routes.getRunState)
  state(
    @Param('run') runId: string,
    @Query() { at }: RunStateQuery,
    @Caller() { tenantId }: Context,
  ): Promise<RunStateAt> {
    return this.history.stateAt({ tenantId, runId }, at);
  }

  @Endpoint(routes.exportRun)
  async export(
    @Param('run') runId: string,
    @Caller() { tenantId }: Context,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const pieces = await this.history.export({ tenantId, runId });
    await reply
      .header('content-type', 'application/json')
      .header('content-disposition', `attachment; filename="${runId}.parley-run.json"`)
      .header('cache-control', 'no-store')
      .send(Readable.from(pieces, { objectMode: false }));
  }
}
