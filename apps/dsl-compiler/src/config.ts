import { baseConfig, loadConfig, type BaseConfig } from '@parley/nest-kit';

export function dslCompilerConfig(env = process.env): BaseConfig {
  return loadConfig(baseConfig, env);
}
