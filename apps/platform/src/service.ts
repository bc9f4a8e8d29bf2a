import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@parley/nest-kit';
import { migrate } from '@parley/postgres';
import { bootstrap } from './bootstrap.js';
import type { PlatformConfig } from './config.js';
import { PlatformModule } from './platform.module.js';

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

export function platformService(config: PlatformConfig): ServiceDefinition {
  return {
    name: 'platform',
    module: PlatformModule,
    config,
    acceptWorkFrom: ['gateway', 'conversation', 'agent', 'workflow'],
    prepare: async (log) => {
      await migrate({ ownerUrl: config.dbOwnerUrl, schema: 'platform', directory: migrations });
      await bootstrap(config, log);
    },
  };
}
