import type { DiagnosticCode } from '../diagnostics/codes.js';
import type { Finding, Place, Reporter } from '../diagnostics/reporter.js';
import type { Span } from '../source/tree.js';

interface Repeated {
  readonly code: DiagnosticCode;
  readonly place: Place;
  readonly finding: Finding;
  readonly lines: number[];
}

/**
 * Findings that one mistake causes in several places: a name that is not declared is missed wherever
 * it is used. Such a finding is told once, at the first place, with the lines of the others.
 */
export class Repeats {
  private readonly found = new Map<string, Repeated>();
  private readonly reporter: Reporter;

  constructor(reporter: Reporter) {
    this.reporter = reporter;
  }

  /** `key` says what the mistake is about. */
  add(key: string, found: Omit<Repeated, 'lines'>): void {
    const first = this.found.get(key);
    if (first === undefined) {
      this.found.set(key, { ...found, lines: [] });
    } else if (first.place.span.start !== found.place.span.start) {
      first.lines.push(this.reporter.lines.position(found.place.span.start).line);
    }
  }

  /** Whether a mistake has been found at a place. */
  has(key: string, { start }: Span): boolean {
    return this.found.get(key)?.place.span.start === start;
  }

  report(): void {
    for (const { code, place, finding, lines } of this.found.values()) {
      const others = [...new Set(lines)];
      const more = others.length > linesMax ? ', …' : '';
      const where = others.slice(0, linesMax).join(', ') + more;
      const also = others.length === 0 ? '' : ` (also in line ${where})`;
      this.reporter.report(code, place, { ...finding, message: `${finding.message}${also}` });
    }
  }
}

const linesMax = 5;
