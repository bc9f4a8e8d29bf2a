import { Controller, Inject } from '@nestjs/common';
import { internalRoutes, type Executors } from '@parley/contracts';
import { CONFIG, Endpoint } from '@parley/nest-kit';
import type { WorkflowConfig } from '../config.js';

/** Whoever shows drafts says beforehand what would be refused when one is approved. */
@Controller()
export class ExecutorsHttp {
  constructor(@Inject(CONFIG) private readonly config: WorkflowConfig) {}

  @Endpoint(internalRoutes.executors)
  executors(): Executors {
    return { enabled: [...(this.config.executors ?? [])] };
  }
}
