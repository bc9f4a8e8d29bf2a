import { pino, type DestinationStream } from 'pino';

/** How long a line may wait for others; a line for every request must not cost a write for each. */
const waitMs = 20;
const charactersMax = 65_536;

type Output = DestinationStream & { readonly flushSync?: () => void };

/**
 * Writes the lines of a moment in one piece. Nothing waits for the reader of the log; what has not
 * been written when the process ends by itself, or says its last word (`fatal`), is written then.
 */
export class LogLines implements DestinationStream {
  private readonly output: Output;
  private waiting = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(output: Output) {
    this.output = output;
  }

  write(line: string): void {
    this.waiting += line;
    if (this.waiting.length >= charactersMax) this.pass();
    else this.timer ??= setTimeout(() => this.pass(), waitMs);
  }

  flushSync(): void {
    this.pass();
    this.output.flushSync?.();
  }

  private pass(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const lines = this.waiting;
    this.waiting = '';
    if (lines !== '') this.output.write(lines);
  }
}

/** The log's lines to standard output. */
export function standardOutput(): LogLines {
  const lines = new LogLines(pino.destination({ fd: 1, sync: false }));
  process.once('exit', () => lines.flushSync());
  return lines;
}
