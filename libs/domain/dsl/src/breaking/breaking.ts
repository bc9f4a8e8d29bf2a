import type { BreakingChange, BreakingReport, Diagnostic } from '@parley/contracts';
import { hashJson, type Ir } from '@parley/ir';
import { err, ok, type Json, type Result } from '@parley/kernel';
import { compileDefinition, type CompileOptions } from '../compile/compile.js';
import { eventChanges } from './events.js';
import { inputChanges, outputChanges } from './interface.js';
import { scheduleChanges } from './schedule.js';
import { isAtLeast, nextVersion, type Bump } from './version.js';

/** What is wrong with the one or the other definition. */
export interface NotComparable {
  readonly before: Diagnostic[];
  readonly after: Diagnostic[];
}

/**
 * What others notice when one definition takes the place of another: those who start its runs, use
 * its outputs, send it events or listen to its events. What cannot be decided counts as breaking.
 */
export function breakingChanges(
  before: string,
  after: string,
  options: CompileOptions = {},
): Result<BreakingReport, NotComparable> {
  const [a, b] = [compileDefinition(before, options), compileDefinition(after, options)];
  if (a.ir === undefined || b.ir === undefined)
    return err({ before: errorsOf(a.diagnostics), after: errorsOf(b.diagnostics) });
  return ok(breakingReport(a.ir, b.ir));
}

/** The same for definitions that are compiled already. */
export function breakingReport(before: Ir, after: Ir): BreakingReport {
  const changes = [
    ...documentChanges(before, after),
    ...inputChanges(before, after),
    ...outputChanges(before, after),
    ...eventChanges(before, after),
    ...scheduleChanges(before, after),
  ];
  const bump = bumpOf(changes, before, after);
  const version = nextVersion(before.document.version, bump);
  return {
    breaking: bump === 'major',
    bump,
    ...(version === undefined ? {} : { version }),
    sufficient: version === undefined || isAtLeast(after.document.version, version),
    changes,
  };
}

/** Runs are started by namespace and name. */
function documentChanges({ document: a }: Ir, { document: b }: Ir): BreakingChange[] {
  return (['namespace', 'name'] as const)
    .filter((name) => a[name] !== b[name])
    .map((name) => ({
      area: 'document',
      pointer: `/document/${name}`,
      message: `The ${name} of the workflow was ${a[name]} and is ${b[name]}: it is another workflow`,
      breaking: true,
    }));
}

function bumpOf(changes: readonly BreakingChange[], before: Ir, after: Ir): Bump {
  if (changes.some(({ breaking }) => breaking)) return 'major';
  if (changes.length > 0) return 'minor';
  return fingerprint(before) === fingerprint(after) ? 'none' : 'patch';
}

/** Everything that runs, without the version number itself. */
function fingerprint({ hash: _, definition: ___, document, ...ir }: Ir): string {
  const { version: __, ...rest } = document;
  return hashJson({ ...ir, document: rest } as unknown as Json);
}

function errorsOf(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error');
}
