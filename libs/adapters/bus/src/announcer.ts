import { databaseError, type Pool } from '@parley/postgres';

/** Channel on which processes tell each other that the log or a group changed. */
export const busChannel = 'parley_bus';

/**
 * Tells the readers of topics that there is something new, after the commit and on a connection
 * without a transaction: NOTIFY inside one would make every commit of the database wait for it. One
 * statement at a time; what is announced meanwhile goes with the next one.
 */
export class Announcer {
  private readonly pool: Pool;
  private readonly onError: (error: unknown) => void;
  private readonly waiting = new Set<string>();
  private running: Promise<void> | undefined;

  constructor(pool: Pool, onError: (error: unknown) => void) {
    this.pool = pool;
    this.onError = onError;
  }

  announce(topics: Iterable<string>): void {
    for (const topic of topics) this.waiting.add(topic);
    if (this.waiting.size > 0) this.running ??= this.run();
  }

  /** Waits until everything is told. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      while (this.waiting.size > 0) {
        const topics = [...this.waiting].join(' ');
        this.waiting.clear();
        await this.pool.query({
          name: 'bus.announce',
          text: 'SELECT pg_notify($1, $2)',
          values: [busChannel, `topics ${topics}`],
        });
      }
    } catch (error) {
      this.onError(databaseError(error)); // the readers find it at their next poll
    } finally {
      this.running = undefined;
    }
  }
}
