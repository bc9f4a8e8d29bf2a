import { migrateDefinition } from '@parley/dsl';
import { safeText } from '../output/text.js';
import { alone, refuse } from './check.js';
import { dslExitCodes, type LanguageContext } from './context.js';
import { readSources } from './sources.js';

/** Brings a definition of DSL 0.8 to 1.0; what could not be brought is said on the other stream. */
export async function migrate(context: LanguageContext, files: readonly string[]): Promise<void> {
  const { terminal, print, outcome } = context;
  const answers: Migrated[] = [];
  for (const one of await readSources(terminal, files)) {
    const result = migrateDefinition(one.source);
    if (result.ok) answers.push({ file: one.file, ...result.value });
    else refuse(context, one, result.error);
  }
  if (outcome.exitCode !== dslExitCodes.ok) return;
  if (print.format === 'json') {
    print.value(alone(answers), () => '');
    return;
  }
  for (const { file, definition, report } of answers) {
    terminal.out(definition);
    for (const { severity, pointer, message } of report) {
      terminal.err(
        `${safeText(`${file}: ${severity}: ${pointer === '' ? '/' : pointer}: ${message}`)}\n`,
      );
    }
  }
}

type Migrated = { readonly file: string } & Extract<
  ReturnType<typeof migrateDefinition>,
  { ok: true }
>['value'];
