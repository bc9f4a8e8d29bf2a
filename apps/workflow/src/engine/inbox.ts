import { PassingMap } from '@parley/kernel';
import { pauseBefore, type Clock } from './clock.js';
import type { Message } from './turn-record.js';

const retryMs = { baseMs: 500, maxMs: 30_000 };
/** Only for what nobody hinted at: what another process said, what came while nobody owned the run. */
const lookMs = 5_000;
const lookMax = 1_000;

export interface InboxOptions {
  /** Messages to runs that this process owns, that are not settled, in the order they were said. */
  readonly load: (limit: number) => Promise<readonly Message[]>;
  /** Lets the run hear it; resolves when what follows from it is durable and the message is gone. */
  readonly hear: (message: Message, hold: object) => Promise<void>;
  /** What this process holds a run by, from one takeover of its partition to its end. */
  readonly holdOf: (runId: string) => object | undefined;
  /** Runs that others have were told something. */
  readonly elsewhere?: (runIds: readonly string[]) => void;
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
 * M4  A copy is good for as long as its run is held: another process may hear the message afterwards.
 */
export class Inbox {
  private readonly options: InboxOptions;
  /** The end of what each run is still to hear. */
  private readonly lines = new PassingMap<string, Promise<void>>();
  /** Messages that are to be heard, each with the hold of its run (M4). */
  private readonly known = new PassingMap<string, object>();
  private settledMeanwhile: Set<string> | undefined;
  private looking: Promise<void> | undefined;
  private lookingNext: Promise<void> | undefined;
  private isStale = false;
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
    if (messages.length === 0) return;
    const others = messages.filter((message) => !this.queue(message));
    if (others.length > 0) this.options.elsewhere?.(others.map(({ runId }) => runId));
  }

  /** Some runs are not held any more: a look under way may have found what another hears now (M4). */
  forget(): void {
    this.isStale = true;
  }

  /** Looks for messages that nobody brought: after a hint, a takeover, or from time to time. */
  look(): Promise<void> {
    if (this.looking !== undefined) {
      // What it reads may be older than the reason to look.
      this.lookingNext ??= this.looking.then(() => {
        this.lookingNext = undefined;
        return this.look();
      });
      return this.lookingNext;
    }
    this.looking = this.read().finally(() => {
      this.looking = undefined;
      this.settledMeanwhile = undefined;
    });
    return this.looking;
  }

  private async read(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.settledMeanwhile = new Set(); // M3
    this.isStale = false;
    try {
      const found = await this.options.load(lookMax);
      if (this.isStale) return;
      for (const message of found) {
        if (!this.settledMeanwhile.has(message.id)) this.queue(message);
      }
    } catch (error) {
      this.options.onError(error, 'messages could not be read; they are read again soon');
    }
  }

  /** @returns whether the run is this process's */
  private queue(message: Message): boolean {
    const hold = this.options.holdOf(message.runId);
    if (hold === undefined) return false;
    if (this.stopping.signal.aborted || this.known.get(message.id) === hold) return true;
    this.known.set(message.id, hold);
    const before = this.lines.get(message.runId) ?? Promise.resolve();
    const line = before.then(() => this.hear(message, hold)); // M2
    this.lines.set(message.runId, line);
    void line.then(() => {
      if (this.lines.get(message.runId) === line) this.lines.delete(message.runId);
    });
    return true;
  }

  /** Never rejects: what cannot be heard now is tried again, or left to whoever has the run next. */
  private async hear(message: Message, hold: object): Promise<void> {
    const isHeld = () =>
      !this.stopping.signal.aborted && this.options.holdOf(message.runId) === hold; // M4
    for (let attempt = 1; isHeld(); attempt++) {
      try {
        await this.options.hear(message, hold);
        this.settledMeanwhile?.add(message.id);
        break;
      } catch (error) {
        if (!isHeld()) break;
        this.options.onError(error, `run ${message.runId} could not hear ${message.id}`);
        const { signal } = this.stopping;
        await pauseBefore(this.options.clock, attempt, { ...retryMs, signal });
      }
    }
    if (this.known.get(message.id) === hold) this.known.delete(message.id);
  }
}
