import { pauseBefore, type Clock } from './clock.js';
import type { Message } from './turn-record.js';

const retryMs = { baseMs: 500, maxMs: 30_000 };
/** Only for what nobody hinted at: what another process said, what came while nobody owned the run. */
const lookMs = 5_000;
const lookMax = 1_000;

export interface InboxOptions {
  /** Messages to runs that this process owns, that are not settled, in the order they were said. */
  readonly load: (limit: number) => Promise<readonly Message[]>;
  /** Whether the run is in a partition of this process. */
  readonly isMine: (message: Message) => boolean;
  /** Lets the run hear it; resolves when what follows from it is durable and the message is gone. */
  readonly hear: (message: Message) => Promise<void>;
  readonly onError: (error: unknown, message: string) => void;
  readonly clock: Clock;
}

/**
 * Messages on their way to runs.
 *
 * M1  A message is in a table from the turn that says it to the turn that it causes; what is here is
 *     only a copy, and may be lost.
 * M2  A run hears one message at a time, in the order in which they were said.
 * M3  Nothing is heard twice: a look that began before a message was settled cannot bring it back.
 */
export class Inbox {
  private readonly options: InboxOptions;
  /** The end of what each run is still to hear. */
  private readonly lines = new Map<string, Promise<void>>();
  private readonly known = new Set<string>();
  private settledMeanwhile: Set<string> | undefined;
  private looking: Promise<void> | undefined;
  private callOff: (() => void) | undefined;
  private readonly stopping = new AbortController();

  constructor(options: InboxOptions) {
    this.options = options;
  }

  /** Looks now, and from then on from time to time. */
  async start(): Promise<void> {
    await this.look();
    if (this.stopping.signal.aborted) return;
    this.callOff = this.options.clock.after(lookMs, () => void this.start());
  }

  /** Hears no more; what is being heard is given up with the process and heard by the next. */
  stop(): void {
    this.stopping.abort();
    this.callOff?.();
  }

  /** Messages that have just become durable, in the order in which they were said. */
  accept(messages: readonly Message[]): void {
    for (const message of messages) if (this.options.isMine(message)) this.queue(message);
  }

  /** Looks for messages that nobody brought: after a hint, a takeover, or from time to time. */
  look(): Promise<void> {
    this.looking ??= this.read().finally(() => {
      this.looking = undefined;
      this.settledMeanwhile = undefined;
    });
    return this.looking;
  }

  private async read(): Promise<void> {
    this.settledMeanwhile = new Set(); // M3
    try {
      const found = await this.options.load(lookMax);
      for (const message of found) {
        if (!this.settledMeanwhile.has(message.id)) this.queue(message);
      }
    } catch (error) {
      this.options.onError(error, 'messages could not be read; they are read again soon');
    }
  }

  private queue(message: Message): void {
    if (this.stopping.signal.aborted || this.known.has(message.id)) return;
    this.known.add(message.id);
    const before = this.lines.get(message.runId) ?? Promise.resolve();
    const line = before.then(() => this.hear(message)); // M2
    this.lines.set(message.runId, line);
    void line.then(() => {
      if (this.lines.get(message.runId) === line) this.lines.delete(message.runId);
    });
  }

  /** Never rejects: what cannot be heard now is tried again, or left to the next process. */
  private async hear(message: Message): Promise<void> {
    for (let attempt = 1; !this.stopping.signal.aborted; attempt++) {
      try {
        await this.options.hear(message);
        this.settledMeanwhile?.add(message.id);
        break;
      } catch (error) {
        if (this.stopping.signal.aborted) break;
        this.options.onError(error, `run ${message.runId} could not hear ${message.id}`);
        const { signal } = this.stopping;
        await pauseBefore(this.options.clock, attempt, { ...retryMs, signal });
      }
    }
    this.known.delete(message.id);
  }
}
