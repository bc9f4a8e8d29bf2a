import { Module } from '@nestjs/common';
import { CompiledDefinitions } from './language/compiled-definitions.js';
import { LanguageThreads } from './language/language-threads.js';
import { LanguageController } from './language/language.http.js';
import { Language } from './language/language.js';
import { LockModule } from './lock/lock.module.js';

@Module({
  imports: [LockModule],
  controllers: [LanguageController],
  providers: [
    {
      provide: Language,
      useFactory: () => new Language(new CompiledDefinitions(), new LanguageThreads()),
    },
  ],
})
export class DslCompilerModule {}
