import { Module } from '@nestjs/common';
import { CompiledDefinitions } from './definitions/compiled-definitions.js';
import { DefinitionsController } from './definitions/definitions.http.js';

@Module({
  controllers: [DefinitionsController],
  providers: [{ provide: CompiledDefinitions, useFactory: () => new CompiledDefinitions() }],
})
export class DslCompilerModule {}
