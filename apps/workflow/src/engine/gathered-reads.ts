const keysMaxDefault = 500;

interface Asking<K, V> {
  readonly key: K;
  readonly resolve: (value: V) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads what many ask for at the same time, in few statements and without keeping anything: while one
 * read is under way the next one gathers. So every answer is from a read that began after it was
 * asked for, and a change that was seen by anybody before is seen by whoever asks afterwards.
 */
export class GatheredReads<K, V> {
  private readonly read: (keys: readonly K[]) => Promise<readonly V[]>;
  private readonly keysMax: number;
  private waiting: Asking<K, V>[] = [];
  private running = false;

  /**
   * @param read answers in the order of its keys
   * @param keysMax that one read may ask for
   */
  constructor(read: (keys: readonly K[]) => Promise<readonly V[]>, keysMax = keysMaxDefault) {
    this.read = read;
    this.keysMax = keysMax;
  }

  ask(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    await Promise.resolve(); // What is asked in the same tick is read together.
    while (this.waiting.length > 0) {
      const asking = this.waiting.splice(0, this.keysMax);
      try {
        const values = await this.read(asking.map(({ key }) => key));
        for (const [at, { resolve }] of asking.entries()) resolve(values[at] as V);
      } catch (error) {
        for (const { reject } of asking) reject(error);
      }
    }
    this.running = false;
  }
}
