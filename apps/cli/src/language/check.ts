import type { Diagnostic } from '@parley/contracts';
import { suggestImprovements, validateDefinition } from '@parley/dsl';
import { dslExitCodes, type LanguageContext } from './context.js';
import { findingsText, numbered, summaryText } from './show-findings.js';
import { readOptions, readSources, type ReadingOptions, type SourceFile } from './sources.js';

/** Shows what is wrong with definitions. */
export async function validate(
  context: LanguageContext,
  files: readonly string[],
  options: ReadingOptions,
): Promise<void> {
  const { terminal, print, outcome } = context;
  const given = await readOptions(terminal, options);
  const sources = await readSources(terminal, files);
  const results = sources.map((one) => ({ ...one, ...validateDefinition(one.source, given) }));
  if (results.some(({ valid }) => !valid)) outcome.exitCode = dslExitCodes.invalid;
  const answers = results.map(({ file, valid, diagnostics }) => ({
    file,
    valid,
    diagnostics: diagnostics.map(ordered),
  }));
  print.value(alone(answers), () =>
    results.map((one) => diagnosticsText(one, one.diagnostics, print.colours)).join('\n'),
  );
}

/** One file: its answer; several: a list in which each answer names its file. */
export function alone<T extends { readonly file: string }>(
  answers: readonly T[],
): Omit<T, 'file'> | readonly T[] {
  const [only] = answers;
  if (answers.length !== 1 || only === undefined) return answers;
  const { file: _, ...answer } = only;
  return answer;
}

/** The members of a diagnostic in the order in which people read them. */
export function ordered(one: Diagnostic): Diagnostic {
  const { code, severity, message, pointer, range, expected, actual, suggestions, fix } = one;
  return { code, severity, message, pointer, range, expected, actual, suggestions, fix };
}

export function diagnosticsText(
  source: SourceFile,
  diagnostics: readonly Diagnostic[],
  hasColours: boolean,
): string {
  const findings = findingsText(source, diagnostics, hasColours);
  return [findings, summaryText(source.file, diagnostics)].filter((text) => text !== '').join('\n');
}

/** Refuses a definition that has to be right for what is asked. */
export function refuse(
  { print, terminal, outcome }: LanguageContext,
  source: SourceFile,
  diagnostics: readonly Diagnostic[],
): void {
  outcome.exitCode = dslExitCodes.invalid;
  if (print.format === 'json') {
    print.value({ valid: false, diagnostics: diagnostics.map(ordered) }, () => '');
  } else terminal.err(`${diagnosticsText(source, diagnostics, false)}\n`);
}

/** Shows what would make definitions better. */
export async function suggest(
  context: LanguageContext,
  files: readonly string[],
  options: ReadingOptions,
): Promise<void> {
  const { terminal, print, outcome } = context;
  const given = await readOptions(terminal, options);
  const results = (await readSources(terminal, files)).map((one) => {
    const { valid, diagnostics } = validateDefinition(one.source, given);
    return {
      ...one,
      diagnostics,
      suggestions: valid ? suggestImprovements(one.source, given) : [],
      valid,
    };
  });
  if (results.some(({ valid }) => !valid)) outcome.exitCode = dslExitCodes.invalid;
  const answers = results.map(({ file, suggestions, diagnostics }) => ({
    file,
    suggestions,
    diagnostics: diagnostics.map(ordered),
  }));
  print.value(alone(answers), () =>
    results
      .map((one) => {
        if (!one.valid) return diagnosticsText(one, one.diagnostics, print.colours);
        const advice = one.suggestions.map((found) => ({ ...found, severity: 'advice' as const }));
        const count =
          advice.length === 0 ? 'nothing to suggest' : numbered(advice.length, 'suggestion');
        return [findingsText(one, advice, print.colours), `${one.file}: ${count}.`]
          .filter((text) => text !== '')
          .join('\n');
      })
      .join('\n'),
  );
}
