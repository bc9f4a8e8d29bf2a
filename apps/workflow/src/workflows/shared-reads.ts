import { PassingMap } from '@parley/kernel';

interface Reading<V> {
  readonly now: Promise<V>;
  /** The read after it, for those who asked meanwhile. */
  next?: Promise<V>;
}

/**
 * One read at a time of each thing, shared by those who asked before it began. Nothing is kept: every
 * answer is as fresh as a read of one's own would have been.
 */
export class SharedReads<V> {
  private readonly readings = new PassingMap<string, Reading<V>>();

  ask(key: string, read: () => Promise<V>): Promise<V> {
    const reading = this.readings.get(key);
    if (reading === undefined) return this.begin(key, read);
    const again = () => this.begin(key, read);
    reading.next ??= reading.now.then(again, again);
    return reading.next;
  }

  private begin(key: string, read: () => Promise<V>): Promise<V> {
    const reading: Reading<V> = { now: read() };
    this.readings.set(key, reading);
    const ended = () => {
      if (reading.next === undefined) this.readings.delete(key);
    };
    reading.now.then(ended, ended);
    return reading.now;
  }
}
