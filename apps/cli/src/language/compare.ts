import { breakingChanges, diffDefinitions } from '@parley/dsl';
import { safeText } from '../output/text.js';
import { diagnosticsText, ordered } from './check.js';
import { dslExitCodes, type LanguageContext } from './context.js';
import { readOptions, readSources, type ReadingOptions, type SourceFile } from './sources.js';

export interface DiffOptions extends ReadingOptions {
  readonly text?: boolean;
}

/** Shows what is different between two definitions, in words. */
export async function diff(
  { terminal, print }: LanguageContext,
  files: readonly [before: string, after: string],
  options: DiffOptions,
): Promise<void> {
  const given = await readOptions(terminal, options);
  const [before, after] = await readTwo(terminal, files);
  const found = diffDefinitions(before.source, after.source, given);
  print.value(found, () => {
    const words = found.changes.map(({ summary }) => summary);
    const same =
      found.text === '' ? 'The two are equal.' : 'No step is different, only the text is.';
    const lines = words.length === 0 ? [same] : words;
    return [...lines, ...(found.effects ?? []), ...(options.text === true ? [found.text] : [])]
      .map(safeText)
      .join('\n');
  });
}

/** Shows what others notice when one definition takes the place of another. */
export async function breaking(
  context: LanguageContext,
  files: readonly [before: string, after: string],
  options: ReadingOptions,
): Promise<void> {
  const { terminal, print, outcome } = context;
  const given = await readOptions(terminal, options);
  const [before, after] = await readTwo(terminal, files);
  const compared = breakingChanges(before.source, after.source, given);
  if (!compared.ok) {
    outcome.exitCode = dslExitCodes.invalid;
    const { before: a, after: b } = compared.error;
    if (print.format === 'json') {
      print.value({ valid: false, before: a.map(ordered), after: b.map(ordered) }, () => '');
    } else {
      if (a.length > 0) terminal.err(`${diagnosticsText(before, a, false)}\n`);
      if (b.length > 0) terminal.err(`${diagnosticsText(after, b, false)}\n`);
    }
    return;
  }
  const report = compared.value;
  if (report.breaking) outcome.exitCode = dslExitCodes.invalid;
  print.value(report, () =>
    [
      ...report.changes.map(
        ({ area, message, breaking: breaks }) =>
          `${breaks ? 'breaking' : 'harmless'}  ${area}: ${message}`,
      ),
      verdict(report),
    ]
      .map(safeText)
      .join('\n'),
  );
}

type Report = Extract<ReturnType<typeof breakingChanges>, { ok: true }>['value'];

function verdict({ breaking: breaks, bump, version, sufficient }: Report): string {
  if (bump === 'none') return 'Nothing that runs is different.';
  const what = breaks ? 'This breaks what others rely on' : 'Nothing breaks';
  if (version === undefined) return `${what}: a ${bump} version.`;
  const enough = sufficient
    ? 'the version number says so'
    : `raise the version number to ${version}`;
  return `${what}: a ${bump} version; ${enough}.`;
}

async function readTwo(
  terminal: LanguageContext['terminal'],
  files: readonly [string, string],
): Promise<[SourceFile, SourceFile]> {
  const sources = await readSources(terminal, files);
  return sources as [SourceFile, SourceFile];
}
