/** A coalesced signal: many calls before a wait count as one. */
export class WakeUp {
  private pending = false;
  private resume: (() => void) | undefined;

  /** Ends the wait under way, or the next one. */
  poke(): void {
    this.pending = true;
    this.resume?.();
  }

  /** Waits until poked, `timeoutMs` at most. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.resume = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.resume = undefined;
    }
    this.pending = false;
  }
}
