import { Worker } from 'node:worker_threads';
import type { Order, Result } from './worker.ts';

/** A thread that plays one order after another. */
export class Crew {
  private readonly worker = new Worker(new URL('worker.ts', import.meta.url));

  ask(order: Order): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.worker.once('error', reject);
      this.worker.once('message', (result: Result) => {
        this.worker.off('error', reject);
        resolve(result);
      });
      this.worker.postMessage(order);
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
