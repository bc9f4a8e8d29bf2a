import type { BaseConfig, ServiceDefinition } from '@parley/nest-kit';
import { DslCompilerModule } from './dsl-compiler.module.js';

export function dslCompilerService(config: BaseConfig): ServiceDefinition {
  return {
    name: 'dsl-compiler',
    module: DslCompilerModule,
    config,
    acceptWorkFrom: ['conversation', 'agent', 'workflow'],
  };
}
