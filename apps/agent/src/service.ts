import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@parley/nest-kit';
import { migrate } from '@parley/postgres';
import { AgentModule } from './agent.module.js';
import type { AgentConfig } from './config.js';

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

export function agentService(config: AgentConfig): ServiceDefinition {
  return {
    name: 'agent',
    module: AgentModule,
    config,
    acceptWorkFrom: ['conversation'],
    prepare: async () => {
      await migrate({ ownerUrl: config.dbOwnerUrl, schema: 'agent', directory: migrations });
    },
  };
}
