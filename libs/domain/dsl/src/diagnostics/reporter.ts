import type { Diagnostic } from '@parley/contracts';
import { LineIndex } from '../source/positions.js';
import type { Span } from '../source/tree.js';
import { codes, type DiagnosticCode } from './codes.js';

/** What a diagnostic says besides its code and place. */
export interface Finding {
  readonly message: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly suggestions?: readonly string[];
  /** Where it is not that of the code. */
  readonly severity?: 'error' | 'warning';
  readonly fix?: { readonly title: string; readonly span: Span; readonly newText: string };
}

/** Anything that can be pointed at. */
export interface Place {
  readonly span: Span;
  readonly pointer: string;
}

/**
 * Findings beyond this many are dropped: nobody reads them, and they would be a payload. Errors are
 * never dropped for warnings.
 */
export const diagnosticsMax = 200;

/** Collects the diagnostics of one source text. */
export class Reporter {
  readonly source: string;
  readonly lines: LineIndex;
  private readonly found: { readonly at: number; readonly diagnostic: Diagnostic }[] = [];
  private errors = 0;
  private warnings = 0;

  constructor(source: string) {
    this.source = source;
    this.lines = new LineIndex(source);
  }

  get hasErrors(): boolean {
    return this.errors > 0;
  }

  get errorCount(): number {
    return this.errors;
  }

  /** More errors would be dropped: there is no use in looking at them closely. */
  get exhausted(): boolean {
    return this.errors >= diagnosticsMax;
  }

  report(code: DiagnosticCode, place: Place, finding: Finding): void {
    const severity = finding.severity ?? codes[code].severity;
    const count = severity === 'error' ? (this.errors += 1) : (this.warnings += 1);
    if (count > diagnosticsMax) return;
    this.found.push({
      at: place.span.start,
      diagnostic: {
        code,
        severity,
        message: shortened(finding.message),
        pointer: place.pointer,
        range: this.lines.range(place.span),
        ...(finding.expected === undefined ? {} : { expected: shortened(finding.expected) }),
        ...(finding.actual === undefined ? {} : { actual: shortened(finding.actual) }),
        ...suggested(finding.suggestions),
        ...(finding.fix === undefined ? {} : { fix: this.fixOf(finding.fix) }),
      },
    });
  }

  /** Every finding in the order of the text. */
  diagnostics(): Diagnostic[] {
    const inOrder = this.found.toSorted((a, b) => a.at - b.at).map((entry) => entry.diagnostic);
    let room = diagnosticsMax - Math.min(this.errors, diagnosticsMax);
    return inOrder.filter(({ severity }) => severity === 'error' || (room -= 1) >= 0);
  }

  private fixOf(fix: NonNullable<Finding['fix']>): NonNullable<Diagnostic['fix']> {
    return { title: fix.title, range: this.lines.range(fix.span), newText: fix.newText };
  }
}

/** Names and values of any length get into findings; nobody reads more of them than this. */
const textLengthMax = 600;
const headLength = 450;
const tailLength = 120;

function shortened(text: string): string {
  if (text.length <= textLengthMax) return text;
  return `${text.slice(0, headLength)} … ${text.slice(-tailLength)}`;
}

/** A suggestion that was cut would be none. */
function suggested(names: readonly string[] = []): Pick<Diagnostic, 'suggestions'> {
  const suggestions = names.filter((name) => name.length <= textLengthMax);
  return suggestions.length === 0 ? {} : { suggestions };
}
