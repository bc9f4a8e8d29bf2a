import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@parley/nest-kit';
import { migrate } from '@parley/postgres';
import type { WorkflowConfig } from './config.js';
import { Forwarding } from './replicas/forwarding.js';
import { WorkflowModule } from './workflow.module.js';

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

export function workflowService(config: WorkflowConfig): ServiceDefinition {
  return {
    name: 'workflow',
    module: WorkflowModule,
    config,
    acceptWorkFrom: ['conversation', 'agent', 'workflow'],
    prepare: async () => {
      await migrate({ ownerUrl: config.dbOwnerUrl, schema: 'workflow', directory: migrations });
    },
    extend: (app) => {
      app.get(Forwarding).attach(app.getHttpAdapter().getInstance());
    },
  };
}
