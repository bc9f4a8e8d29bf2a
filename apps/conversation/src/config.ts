import { baseConfig, databaseConfig, loadConfig } from '@parley/nest-kit';
import type { z } from 'zod';

const schema = baseConfig.extend(databaseConfig.shape);
export type ConversationConfig = Readonly<z.infer<typeof schema>>;

export function conversationConfig(env = process.env): ConversationConfig {
  return loadConfig(schema, env);
}
