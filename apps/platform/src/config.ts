import { baseConfig, databaseConfig, loadConfig } from '@parley/nest-kit';
import { z } from 'zod';

const schema = baseConfig.extend(databaseConfig.shape).extend({
  /** Adds the people of the development issuer and a second tenant at the first start. */
  devSeed: z
    .enum(['0', '1'])
    .default('0')
    .transform((flag) => flag === '1'),
  /** Who owns the first tenant; needed to sign in where there is no development issuer. */
  ownerEmail: z.email().optional(),
});
export type PlatformConfig = Readonly<z.infer<typeof schema>>;

export function platformConfig(env = process.env): PlatformConfig {
  return loadConfig(schema, env);
}
