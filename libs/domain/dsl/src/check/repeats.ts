import type { DiagnosticCode } from '../diagnostics/codes.js';
import {
  diagnosticsMax,
  type Finding,
  type Place,
  type Reporter,
} from '../diagnostics/reporter.js';
import type { Span } from '../source/tree.js';

/** A finding and where it is. */
export interface Found {
  readonly code: DiagnosticCode;
  readonly place: Place;
  readonly finding: Finding;
}

interface Repeated extends Found {
  readonly lines: number[];
  others: number;
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

  /** `key` says what the mistake is about; `describe` is asked only while anybody reads it. */
  add(key: string, describe: () => Found): void {
    const first = this.found.get(key);
    if (first === undefined) {
      if (this.found.size < diagnosticsMax)
        this.found.set(key, { ...describe(), lines: [], others: 0 });
      return;
    }
    if (first.lines.length > linesMax || (first.others += 1) > othersMax) return;
    const { start } = describe().place.span;
    if (start === first.place.span.start) return;
    const { line } = this.reporter.lines.position(start);
    if (!first.lines.includes(line)) first.lines.push(line);
  }

  /** Whether a mistake has been found at a place. */
  has(key: string, { start }: Span): boolean {
    return this.found.get(key)?.place.span.start === start;
  }

  /** More mistakes would not be told. */
  get full(): boolean {
    return this.found.size >= diagnosticsMax;
  }

  report(): void {
    for (const { code, place, finding, lines } of this.found.values()) {
      const more = lines.length > linesMax ? ', …' : '';
      const where = lines.slice(0, linesMax).join(', ') + more;
      const also = lines.length === 0 ? '' : ` (also in line ${where})`;
      this.reporter.report(code, place, { ...finding, message: `${finding.message}${also}` });
    }
  }
}

/** Lines that are named beside the first. */
const linesMax = 5;
/** Places that are looked at for them. */
const othersMax = 50;
