import type { Catalogue, Diagnostic } from '@parley/contracts';
import { compileDefinition, type Lock } from '@parley/dsl';

/** Something in a valid draft that this version of the platform does not run. */
export interface Hindrance {
  readonly pointer: string;
  /** Counts from 1. */
  readonly line: number;
  /** In the words of the definition, e.g. `listen`. */
  readonly what: string;
}

export interface HindranceOptions {
  readonly catalogue: Catalogue;
  readonly timezone: string;
  readonly lock?: Lock;
}

/** What keeps a draft from being approved although it is valid. */
export function hindrancesIn(source: string, options: HindranceOptions): Hindrance[] {
  return hindrancesAmong(compileDefinition(source, options).diagnostics);
}

export function hindrancesAmong(diagnostics: readonly Diagnostic[]): Hindrance[] {
  return diagnostics.flatMap(({ code, pointer, range, actual, message }) =>
    code === unavailableCode ? [{ pointer, line: range.start.line, what: actual ?? message }] : [],
  );
}

const unavailableCode = 'PL1060';

/** The hindrances that an earlier text did not have; where they stand does not matter. */
export function newHindrances(
  now: readonly Hindrance[],
  before: readonly Hindrance[],
): Hindrance[] {
  const left = before.map(({ what }) => what);
  return now.filter(({ what }) => {
    const at = left.indexOf(what);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** For whoever wants the draft approved; empty when nothing stands in the way. */
export function hindrancesInWords(found: readonly Hindrance[]): string {
  if (found.length === 0) return '';
  const lines = found.map(({ line, what }) => `- line ${String(line)}: \`${what}\``);
  return `The draft is valid, but it cannot be approved as it is: this version of Parley does not run everything in it yet. Put another step in the place of each of these, or remove it:\n${lines.join('\n')}`;
}

const withoutInputCode = 'PL1064';

/** For whoever gives a draft a schedule that can start no run; empty when it can. */
export function idleScheduleInWords(diagnostics: readonly Diagnostic[]): string {
  const found = diagnostics.find(({ code }) => code === withoutInputCode);
  if (found === undefined) return '';
  return `${found.message}. So it cannot be approved as it is: tell me what to use instead of these, or say "remove the schedule".`;
}
