import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Diagnostic } from '@parley/contracts';
import {
  formatDefinition,
  LineIndex,
  parseDefinition,
  renameAt,
  renameStep,
  stepPaths,
} from '@parley/dsl';
import type { Result } from '@parley/kernel';
import { exitCodes, Failure } from '../exit-codes.js';
import { alone, ordered, refuse } from './check.js';
import { dslExitCodes, type LanguageContext } from './context.js';
import { parsePosition } from './position.js';
import { findingsText } from './show-findings.js';
import { readSource, readSources, type SourceFile } from './sources.js';

export interface FormatOptions {
  readonly check?: boolean;
  readonly write?: boolean;
}

type Formatted = SourceFile & { readonly formatted: string };

/** Brings definitions into the usual order and layout. */
export async function format(
  context: LanguageContext,
  files: readonly string[],
  options: FormatOptions,
): Promise<void> {
  const { terminal, outcome } = context;
  const formatted: Formatted[] = [];
  for (const one of await readSources(terminal, files)) {
    const result = formatDefinition(one.source);
    if (result.ok) formatted.push({ ...one, formatted: result.value });
    else refuse(context, one, result.error);
  }
  if (outcome.exitCode !== dslExitCodes.ok) return;
  const different = formatted.filter((one) => one.formatted !== one.source);
  if (options.check === true && different.length > 0) outcome.exitCode = dslExitCodes.invalid;
  if (options.write === true)
    for (const one of different) await write(context, one.file, one.formatted);
  showFormatted(context, formatted, options);
}

function showFormatted(
  { terminal, print }: LanguageContext,
  formatted: readonly Formatted[],
  { check, write: writes }: FormatOptions,
): void {
  if (print.format === 'json') {
    const answers = formatted.map(({ file, source, formatted: text }) => ({
      file,
      source: text,
      changed: text !== source,
    }));
    print.value(alone(answers), () => '');
    return;
  }
  for (const { file, source, formatted: text } of formatted) {
    if (check !== true && writes !== true) terminal.out(text);
    else if (text !== source)
      terminal.out(`${file} ${writes === true ? 'formatted' : 'is not formatted'}\n`);
  }
}

async function write({ terminal }: LanguageContext, file: string, text: string): Promise<void> {
  if (file === '<stdin>') {
    throw new Failure(
      exitCodes.usage,
      'What was piped in cannot be written back; leave --write out.',
    );
  }
  try {
    await writeFile(resolve(terminal.cwd, file), text);
  } catch (error) {
    const { message } = error as Error;
    throw new Failure(exitCodes.usage, `Cannot write ${file}: ${message}.`, error);
  }
}

export interface RenameOptions {
  readonly write?: boolean;
}

/** Gives a step, or what stands at a position, another name wherever it is named. */
export async function rename(
  context: LanguageContext,
  { file, what, name }: { readonly file: string; readonly what: string; readonly name: string },
  options: RenameOptions,
): Promise<void> {
  const { terminal, print } = context;
  const source = await readSource(terminal, file);
  const result = renamed(source.source, what, name);
  if (!result.ok) {
    if (parseDefinition(source.source).root === undefined) refuse(context, source, result.error);
    else refuseRequest(context, source, result.error);
    return;
  }
  if (options.write === true) await write(context, source.file, result.value);
  const answer = { source: result.value, changed: result.value !== source.source };
  if (print.format === 'json') print.value(answer, () => '');
  else terminal.out(options.write === true ? `${source.file} changed\n` : result.value);
}

/** It is what was asked for that is wrong, and nothing is said about the definition. */
function refuseRequest(
  { print, terminal, outcome }: LanguageContext,
  source: SourceFile,
  diagnostics: readonly Diagnostic[],
): void {
  outcome.exitCode = dslExitCodes.invalid;
  if (print.format === 'json') {
    print.value({ changed: false, diagnostics: diagnostics.map(ordered) }, () => '');
  } else terminal.err(`${findingsText(source, diagnostics, false)}\n`);
}

function renamed(source: string, what: string, name: string): Result<string, Diagnostic[]> {
  if (!/^\d+:\d+$/.test(what)) return renameStep(source, pathOf(source, what), name);
  return renameAt(source, new LineIndex(source).offset(parsePosition(what)), name);
}

/** A name alone means the step that has it, when there is one. */
function pathOf(source: string, what: string): string {
  const { root } = parseDefinition(source);
  if (what.includes('/') || root === undefined) return what;
  const [only, ...others] = stepPaths(root).filter((path) => path.endsWith(`/${what}`));
  return only !== undefined && others.length === 0 ? only : what;
}
