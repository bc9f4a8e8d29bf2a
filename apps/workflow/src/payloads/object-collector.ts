import type { ObjectRows } from './object-rows.pg.js';

const everyMs = 3_600_000;

/** Looks for objects that nobody needs, now and then. */
export class ObjectCollector {
  private readonly rows: Pick<ObjectRows, 'collect'>;
  private readonly onError: (error: unknown, message: string) => void;
  private timer: NodeJS.Timeout | undefined;
  private collecting: Promise<void> | undefined;
  private stopped = false;

  constructor(
    rows: Pick<ObjectRows, 'collect'>,
    onError: (error: unknown, message: string) => void,
  ) {
    this.rows = rows;
    this.onError = onError;
  }

  start(): void {
    this.timer = setInterval(() => this.collect(), everyMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.collecting;
  }

  private collect(): void {
    this.collecting ??= this.rows
      .collect(new Date(), () => this.stopped)
      .then(
        () => undefined,
        (error: unknown) =>
          this.onError(error, 'objects could not be collected; tried again later'),
      )
      .finally(() => {
        this.collecting = undefined;
      });
  }
}
