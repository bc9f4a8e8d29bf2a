/** What ends a call before it is through: whoever wants it no more, or its time being up. */
export class CallEnd {
  /** Which of them it was; undefined while the call goes on. */
  reason: 'timeout' | 'aborted' | undefined;
  readonly limitMs: number;
  private readonly signal: AbortSignal | undefined;
  private readonly timer: NodeJS.Timeout | undefined;
  private listener: (() => void) | undefined;
  private readonly aborted = () => this.come('aborted');

  constructor(limitMs: number, signal: AbortSignal | undefined) {
    this.limitMs = limitMs;
    this.signal = signal;
    if (signal?.aborted === true) {
      this.reason = 'aborted';
      return;
    }
    signal?.addEventListener('abort', this.aborted);
    this.timer = setTimeout(() => this.come('timeout'), limitMs).unref();
  }

  /** Whoever works on the call now; the one before is not told any more. */
  tell(listener: () => void): void {
    this.listener = listener;
  }

  /** The value of `work`, or undefined when the end comes first. */
  before<T>(work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      work.then(resolve, reject);
      if (this.reason === undefined) this.tell(() => resolve(undefined));
      else resolve(undefined);
    });
  }

  /** The call is through: nothing ends it any more. */
  close(): void {
    clearTimeout(this.timer);
    this.signal?.removeEventListener('abort', this.aborted);
    this.listener = undefined;
  }

  private come(reason: 'timeout' | 'aborted'): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.listener?.();
  }
}
