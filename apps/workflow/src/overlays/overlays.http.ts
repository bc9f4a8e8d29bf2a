import { Body, Controller, Inject, Param } from '@nestjs/common';
import { internalRoutes, type ApplyOverlay, type RunOverlay } from '@parley/contracts';
import { Caller, Endpoint, type Context } from '@parley/nest-kit';
import { RunOverlays } from './run-overlays.js';

/** How other services change runs that are going on. */
@Controller()
export class OverlaysHttp {
  constructor(@Inject(RunOverlays) private readonly overlays: RunOverlays) {}

  @Endpoint(internalRoutes.applyOverlay)
  apply(
    @Param('run') runId: string,
    @Body() body: ApplyOverlay,
    @Caller() caller: Context,
  ): Promise<RunOverlay> {
    return this.overlays.apply(runId, body, caller);
  }
}
