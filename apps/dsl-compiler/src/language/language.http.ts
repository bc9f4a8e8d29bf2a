import { Body, Controller, type OnModuleDestroy } from '@nestjs/common';
import {
  routes,
  type AtPosition,
  type BreakingReport,
  type CheckBreaking,
  type CompileDefinition,
  type CompileResult,
  type CompletionResult,
  type DefinitionDiff,
  type DefinitionGraph,
  type DiffDefinitions,
  type FormatDefinition,
  type HoverResult,
  type ImprovementList,
  type MigratedDefinition,
  type MigrateDefinition,
  type RenameInDefinition,
  type RewrittenDefinition,
  type SuggestImprovements,
  type ValidateDefinition,
  type ValidationResult,
} from '@parley/contracts';
import { isTimezone } from '@parley/dsl';
import { AppError } from '@parley/kernel';
import { Endpoint } from '@parley/nest-kit';
import { LockResolver, type LockResolution } from '../lock/lock-resolver.js';
import { Language } from './language.js';

/** The language over HTTP; what is wrong with a definition is an answer, where there is room for one. */
@Controller()
export class LanguageController implements OnModuleDestroy {
  constructor(
    private readonly language: Language,
    private readonly locks: LockResolver,
  ) {}

  @Endpoint(routes.validateDefinition)
  async validate(@Body() body: ValidateDefinition): Promise<ValidationResult> {
    return this.language.validate((await this.resolved(body)).body);
  }

  @Endpoint(routes.compileDefinition)
  async compile(@Body() given: CompileDefinition): Promise<CompileResult> {
    const { body, resolution } = await this.resolved(given);
    const compiled = await this.language.compile(body);
    return { ...(compiled as CompileResult), ...(resolution as Partial<CompileResult>) };
  }

  @Endpoint(routes.formatDefinition)
  format(@Body() body: FormatDefinition): Promise<RewrittenDefinition> {
    return this.language.run('format', body);
  }

  @Endpoint(routes.diffDefinitions)
  diff(@Body() body: DiffDefinitions): Promise<DefinitionDiff> {
    return this.language.run('diff', checked(body));
  }

  @Endpoint(routes.checkBreaking)
  breaking(@Body() body: CheckBreaking): Promise<BreakingReport> {
    return this.language.run('breaking', checked(body));
  }

  /** Only a definition that compiles has a picture. */
  @Endpoint(routes.graphDefinition)
  async graph(@Body() body: ValidateDefinition): Promise<DefinitionGraph> {
    return this.language.run('graph', (await this.resolved(body)).body);
  }

  @Endpoint(routes.completeDefinition)
  complete(@Body() body: AtPosition): Promise<CompletionResult> {
    return this.language.run('complete', checked(body));
  }

  @Endpoint(routes.hoverDefinition)
  hover(@Body() body: AtPosition): Promise<HoverResult> {
    return this.language.run('hover', checked(body));
  }

  @Endpoint(routes.renameInDefinition)
  rename(@Body() body: RenameInDefinition): Promise<RewrittenDefinition> {
    return this.language.run('rename', body);
  }

  @Endpoint(routes.migrateDefinition)
  migrate(@Body() body: MigrateDefinition): Promise<MigratedDefinition> {
    return this.language.run('migrate', body);
  }

  @Endpoint(routes.suggestImprovements)
  suggest(@Body() body: SuggestImprovements): Promise<ImprovementList> {
    return this.language.run('suggest', checked(body));
  }

  async onModuleDestroy(): Promise<void> {
    await this.language.close();
  }

  /** Adds what is not in the lock yet, when that is asked for. */
  private async resolved<T extends ValidateDefinition>(
    given: T,
  ): Promise<{ readonly body: T; readonly resolution?: LockResolution }> {
    const { resolve, ...rest } = checked(given);
    if (resolve !== true) return { body: rest as T };
    const resolution = await this.locks.resolve(given.source, given.lock);
    return { body: { ...rest, lock: resolution.lock } as unknown as T, resolution };
  }
}

function checked<T extends { readonly timezone?: string }>(body: T): T {
  if (body.timezone === undefined || isTimezone(body.timezone)) return body;
  const message = `There is no time zone "${body.timezone.slice(0, 100)}".`;
  throw new AppError('invalid', message, { errors: [{ pointer: '/timezone', message }] });
}
