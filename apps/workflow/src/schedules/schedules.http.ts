import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import {
  backfillTimesMax,
  routes,
  type BackfillSchedule,
  type PageQuery,
  type Schedule,
  type ScheduleBackfill,
  type ScheduleTimes,
  type ScheduleTimesQuery,
} from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { Caller, Endpoint, pageOf, type Context, type Page } from '@parley/nest-kit';
import { ScheduleReader } from './schedule-reader.pg.js';
import { firingsFrom } from './schedule-times.js';

@Controller()
export class SchedulesHttp {
  constructor(@Inject(ScheduleReader) private readonly schedules: ScheduleReader) {}

  @Endpoint(routes.listSchedules)
  async list(@Query() query: PageQuery, @Caller() caller: Context): Promise<Page<Schedule>> {
    const items = await this.schedules.list(caller.tenantId, {
      ...(query.pageToken === undefined ? {} : { after: query.pageToken }),
      limit: query.pageSize + 1,
    });
    return pageOf(items, query.pageSize, { tokenOf: ({ workflowId }) => workflowId });
  }

  @Endpoint(routes.getSchedule)
  get(@Param('workflow') workflowId: string, @Caller() caller: Context): Promise<Schedule> {
    return this.schedules.get(caller.tenantId, workflowId);
  }

  @Endpoint(routes.nextTimes)
  async next(
    @Param('workflow') workflowId: string,
    @Query() query: ScheduleTimesQuery,
    @Caller() caller: Context,
  ): Promise<ScheduleTimes> {
    const { spec, timezone } = await this.schedules.spec(caller.tenantId, workflowId);
    const from = query.from === undefined ? new Date() : new Date(query.from);
    const times = firingsFrom(spec, { timezone, from, limit: query.count });
    return { timezone, times: times.map((time) => time.toISOString()) };
  }

  @Endpoint(routes.pauseSchedule)
  pause(@Param('workflow') workflowId: string, @Caller() caller: Context): Promise<Schedule> {
    return this.schedules.pause(scheduleOf(workflowId, caller));
  }

  @Endpoint(routes.resumeSchedule)
  resume(@Param('workflow') workflowId: string, @Caller() caller: Context): Promise<Schedule> {
    return this.schedules.resume(scheduleOf(workflowId, caller));
  }

  @Endpoint(routes.backfillSchedule)
  async backfill(
    @Param('workflow') workflowId: string,
    @Body() body: BackfillSchedule,
    @Caller() caller: Context,
  ): Promise<ScheduleBackfill> {
    const { spec, timezone } = await this.schedules.spec(caller.tenantId, workflowId);
    const [from, to] = [new Date(body.from), new Date(body.to)];
    if (to < from) throw new AppError('invalid', 'the range ends before it begins');
    if (to.getTime() > Date.now()) throw new AppError('invalid', 'the range ends in the future');
    if (spec.cron === undefined && spec.every === undefined) {
      throw new AppError('invalid', 'this schedule has no times by the clock to make up for');
    }
    const times = firingsFrom(spec, { timezone, from, to, limit: backfillTimesMax + 1 });
    if (times.length > backfillTimesMax) {
      const most = backfillTimesMax.toLocaleString('en');
      throw new AppError('invalid', `the range has more than ${most} times; ask for it in parts`);
    }
    const started = await this.schedules.backfill(scheduleOf(workflowId, caller), times);
    return { times: times.length, started, queued: times.length - started };
  }
}

function scheduleOf(workflowId: string, { tenantId, principal }: Context) {
  return { tenantId, workflowId, by: principal };
}
