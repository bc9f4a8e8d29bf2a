import { fileURLToPath } from 'node:url';
import {
  ContextTokens,
  gatheredPlugin,
  LOG,
  STOPPING,
  type Log,
  type ServiceDefinition,
} from '@parley/nest-kit';
import { migrate } from '@parley/postgres';
import type { WorkflowConfig } from './config.js';
import { Forwarding } from './replicas/forwarding.js';
import { gatheredStarts } from './runs/gathered-starts.js';
import { SingleStarts } from './runs/single-starts.js';
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
      const server = app.getHttpAdapter().getInstance();
      const forwarding = app.get(Forwarding);
      forwarding.attach(server);
      server.register(
        gatheredPlugin({
          tokens: app.get(ContextTokens),
          log: app.get<Log>(LOG),
          stopping: app.get<AbortSignal>(STOPPING),
          routes: [gatheredStarts(forwarding, app.get(SingleStarts))],
        }),
      );
    },
  };
}
