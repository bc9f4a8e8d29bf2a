import { Body, Controller, Inject, Param } from '@nestjs/common';
import {
  routes,
  type CancelRun,
  type QueryRun,
  type Run,
  type RunAnswer,
  type SkipStep,
  type SuspendRun,
  type TerminateRun,
} from '@parley/contracts';
import { Caller, Endpoint, type Context } from '@parley/nest-kit';
import { RunCommands } from './run-commands.js';
import { RunQueries } from './run-queries.js';

/** What operators do with runs that there are. */
@Controller()
export class RunControlHttp {
  constructor(
    @Inject(RunCommands) private readonly commands: RunCommands,
    @Inject(RunQueries) private readonly queries: RunQueries,
  ) {}

  @Endpoint(routes.queryRun)
  query(
    @Param('run') runId: string,
    @Body() body: QueryRun,
    @Caller() { tenantId }: Context,
  ): Promise<RunAnswer> {
    return this.queries.answer(tenantId, runId, body);
  }

  @Endpoint(routes.cancelRun)
  cancel(
    @Param('run') runId: string,
    @Body() body: CancelRun,
    @Caller() caller: Context,
  ): Promise<Run> {
    return this.commands.give(caller, runId, { kind: 'cancel', by: caller.principal, ...body });
  }

  @Endpoint(routes.terminateRun)
  terminate(
    @Param('run') runId: string,
    @Body() body: TerminateRun,
    @Caller() caller: Context,
  ): Promise<Run> {
    return this.commands.give(caller, runId, { kind: 'terminate', by: caller.principal, ...body });
  }

  @Endpoint(routes.suspendRun)
  suspend(
    @Param('run') runId: string,
    @Body() body: SuspendRun,
    @Caller() caller: Context,
  ): Promise<Run> {
    return this.commands.give(caller, runId, { kind: 'suspend', by: caller.principal, ...body });
  }

  @Endpoint(routes.resumeRun)
  resume(@Param('run') runId: string, @Caller() caller: Context): Promise<Run> {
    return this.commands.give(caller, runId, { kind: 'resume', by: caller.principal });
  }

  @Endpoint(routes.retryRun)
  retry(@Param('run') runId: string, @Caller() caller: Context): Promise<Run> {
    return this.commands.give(caller, runId, { kind: 'retryStep', by: caller.principal });
  }

  @Endpoint(routes.skipStep)
  skip(
    @Param('run') runId: string,
    @Body() { step, output, reason }: SkipStep,
    @Caller() caller: Context,
  ): Promise<Run> {
    return this.commands.give(caller, runId, {
      kind: 'skipStep',
      by: caller.principal,
      ...(step === undefined ? {} : { occurrence: step }),
      ...(output === undefined ? {} : { output }),
      ...(reason === undefined ? {} : { reason }),
    });
  }
}
