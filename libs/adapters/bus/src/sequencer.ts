import { databaseError, type Pool } from '@parley/postgres';

/** Rows that one call moves per partition. */
const rowsPerPartition = 100;

/** Channel on which processes tell each other that the log or a group changed. */
export const busChannel = 'parley_bus';

/**
 * Gives positions to committed events and then tells the readers. Any process does it; the database
 * takes one at a time per partition. Calls during a pass count as one more pass.
 */
export class Sequencer {
  private readonly pool: Pool;
  private readonly onError: (error: unknown) => void;
  private wanted = false;
  private running: Promise<void> | undefined;

  constructor(pool: Pool, onError: (error: unknown) => void) {
    this.pool = pool;
    this.onError = onError;
  }

  poke(): void {
    this.wanted = true;
    this.running ??= this.run();
  }

  /** Waits for the pass under way. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      while (this.wanted) {
        this.wanted = false;
        await this.pass();
      }
    } catch (error) {
      this.onError(databaseError(error)); // the next poke or poll tries again
    } finally {
      this.running = undefined;
    }
  }

  private async pass(): Promise<void> {
    const { rows } = await this.pool.query<{ topic: string }>(
      'SELECT DISTINCT topic FROM bus.sequence($1) AS topic',
      [rowsPerPartition],
    );
    if (rows.length === 0) return;
    this.wanted = true; // there may be more than one pass could take
    // After the commit, on a connection without a transaction: NOTIFY inside one would make every
    // commit of the database wait for it.
    const topics = rows.map((row) => row.topic).join(' ');
    await this.pool.query('SELECT pg_notify($1, $2)', [busChannel, `topics ${topics}`]);
  }
}
