import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@parley/nest-kit';
import { migrate } from '@parley/postgres';
import type { WorkflowConfig } from './config.js';
import { WorkflowModule } from './workflow.module.js';

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

export function workflowService(config: WorkflowConfig): ServiceDefinition {
  return {
    name: 'workflow',
    module: WorkflowModule,
    config,
    acceptWorkFrom: ['conversation', 'agent'],
    prepare: async () => {
      await migrate({ ownerUrl: config.dbOwnerUrl, schema: 'workflow', directory: migrations });
    },
  };
}
