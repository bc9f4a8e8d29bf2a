import { limits } from './limits.js';
import type { Pointer } from './document/pointer.js';

/** One fault of a document. */
export interface ImportFault {
  /** JSON Pointer into the document; empty for the document as a whole. */
  readonly pointer: string;
  readonly message: string;
  /** From 1; absent in large documents. */
  readonly line?: number;
  readonly column?: number;
  /** The document passes a ceiling; see `limits`. */
  readonly tooLarge?: boolean;
}

/** What is wrong (stops the import) and what is worth knowing (does not), up to their limits. */
export class Findings {
  readonly faults: ImportFault[] = [];
  readonly notices: string[] = [];
  private readonly seen = new Set<string>();

  fault(pointer: Pointer, message: string): void {
    const key = `${pointer} ${message}`;
    if (this.faults.length >= limits.faultsMax || this.seen.has(key)) return;
    this.seen.add(key);
    this.faults.push({ pointer, message });
  }

  notice(message: string): void {
    if (this.seen.has(message) || this.notices.length > limits.noticesMax) return;
    this.seen.add(message);
    this.notices.push(
      this.notices.length < limits.noticesMax ? message : 'Further notices are left out.',
    );
  }
}
