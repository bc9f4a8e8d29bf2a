import {
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { createPool, type Pool } from '@parley/postgres';
import type { BaseConfig, DatabaseConfig } from './config.js';
import { Health } from './health.js';
import { CONFIG, LOG } from './kit.module.js';
import type { Log } from './logging.js';

/** Injects the pool of the app role: `withTenant(pool, tenantId, …)` in request handlers. */
export const APP_POOL = Symbol('app pool');
/** Injects the pool of the system role: work across tenants, never in a request handler. */
export const SYSTEM_POOL = Symbol('system pool');

/** The service's two pools, open from before the first request until after the last one. */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    @Inject(APP_POOL) private readonly appPool: Pool,
    @Inject(SYSTEM_POOL) private readonly systemPool: Pool,
    health: Health,
  ) {
    health.register('database', () => appPool.query('SELECT 1'));
  }

  static of(options: { appMax?: number; systemMax?: number } = {}): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        poolProvider(APP_POOL, 'dbAppUrl', options.appMax ?? 10),
        poolProvider(SYSTEM_POOL, 'dbSystemUrl', options.systemMax ?? 5),
      ],
      exports: [APP_POOL, SYSTEM_POOL],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.appPool.end(), this.systemPool.end()]);
  }
}

function poolProvider(provide: symbol, url: 'dbAppUrl' | 'dbSystemUrl', max: number) {
  return {
    provide,
    inject: [CONFIG, LOG],
    useFactory: (config: BaseConfig & DatabaseConfig, log: Log) =>
      createPool(config[url], {
        applicationName: `${config.service} ${url === 'dbAppUrl' ? 'app' : 'system'}`,
        max,
        onConnectionError: (error) => log.warn({ err: error }, 'database connection lost'),
      }),
  };
}
