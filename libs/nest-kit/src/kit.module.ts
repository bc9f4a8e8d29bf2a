import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { BaseConfig } from './config.js';
import { ContextTokens } from './context-tokens.js';
import { Health } from './health.js';
import type { Log } from './logging.js';
import { Services } from './services.js';

/** Injects the service's configuration: `@Inject(CONFIG) config: MyConfig`. */
export const CONFIG = Symbol('config');
/** Injects the log: `@Inject(LOG) log: Log`. */
export const LOG = Symbol('log');
/** Injects a signal that is aborted when the process stops. */
export const STOPPING = Symbol('stopping');

export interface KitParts {
  readonly config: BaseConfig;
  readonly log: Log;
  readonly tokens: ContextTokens;
  readonly services: Services;
  readonly health: Health;
  readonly stopping: AbortSignal;
}

/** What every service has, for injection everywhere in it. */
@Global()
@Module({})
export class KitModule {
  static of(parts: KitParts): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: parts.config },
      { provide: LOG, useValue: parts.log },
      { provide: STOPPING, useValue: parts.stopping },
      { provide: ContextTokens, useValue: parts.tokens },
      { provide: Services, useValue: parts.services },
      { provide: Health, useValue: parts.health },
    ];
    return { module: KitModule, providers, exports: providers };
  }
}
