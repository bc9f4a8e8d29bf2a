import { baseConfig, loadConfig } from '@parley/nest-kit';
import { z } from 'zod';

const schema = baseConfig.extend({
  oidcIssuer: z.url(),
  oidcAudience: z.string().min(1).default('parley'),
  oidcClientId: z.string().min(1).default('parley-console'),
  /** Folder of the built console; without it only the API is served. */
  consoleDir: z.string().min(1).optional(),
  /** Host names that a reverse proxy on this machine may pass on, comma-separated. */
  allowedHosts: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((name) => name !== '')),
});
export type GatewayConfig = Readonly<z.infer<typeof schema>>;

export function gatewayConfig(env = process.env): GatewayConfig {
  return loadConfig(schema, env);
}
