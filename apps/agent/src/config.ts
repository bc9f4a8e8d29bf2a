import { baseConfig, databaseConfig, loadConfig } from '@parley/nest-kit';
import { z } from 'zod';

const schema = baseConfig.extend(databaseConfig.shape).extend({
  /** An OpenAI-compatible endpoint, e.g. http://127.0.0.1:11434/v1; without it the planner answers. */
  llmBaseUrl: z.url().optional(),
  /** Model name at that endpoint. */
  llmModel: z.string().min(1).optional(),
  llmApiKey: z.string().min(1).optional(),
});
export type AgentConfig = Readonly<z.infer<typeof schema>>;

export function agentConfig(env = process.env): AgentConfig {
  return loadConfig(
    schema.refine(
      ({ llmBaseUrl, llmModel }) => (llmBaseUrl === undefined) === (llmModel === undefined),
      {
        path: ['llmModel'],
        message: 'PARLEY_LLM_BASE_URL and PARLEY_LLM_MODEL go together',
      },
    ),
    env,
  );
}
