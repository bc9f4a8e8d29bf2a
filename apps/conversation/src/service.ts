import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@parley/nest-kit';
import { migrate } from '@parley/postgres';
import type { ConversationConfig } from './config.js';
import { ConversationModule } from './conversation.module.js';

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

export function conversationService(config: ConversationConfig): ServiceDefinition {
  return {
    name: 'conversation',
    module: ConversationModule,
    config,
    prepare: async () => {
      await migrate({ ownerUrl: config.dbOwnerUrl, schema: 'conversation', directory: migrations });
    },
  };
}
