import type { Result } from '@parley/kernel';
import type { Diagnostic } from '@parley/contracts';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import { Reporter, type Place } from '../diagnostics/reporter.js';
import type { ParsedSource } from '../source/parse.js';
import type { SourceNode } from '../source/tree.js';

/** Why an edit is refused. */
export interface Refusal {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly suggestions?: readonly string[];
  readonly at?: Place;
}

/** The text after an edit. */
export type Edited = Result<string, Refusal>;

/** A document with its root at hand. */
export interface Readable extends ParsedSource {
  readonly root: SourceNode;
}

/** A refusal in the form of what the compiler says. */
export function diagnosticsOf(source: string, refusal: Refusal): Diagnostic[] {
  const reporter = new Reporter(source);
  const place = refusal.at ?? { span: { start: 0, end: 0 }, pointer: '' };
  reporter.report(refusal.code, place, refusal);
  return reporter.diagnostics();
}
