import { AppError } from '@parley/kernel';

const failuresMax = 5;
const openMs = 1000;

/**
 * Spares a service that is down: after some failures in a row calls are refused at once; after a
 * pause one call is let through, and its outcome decides.
 */
export class CircuitBreaker {
  private failures = 0;
  private openUntilMs = 0;
  private probing = false;

  constructor(
    private readonly target: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws AppError `unavailable` while the circuit is open. */
  enter(): void {
    if (this.failures < failuresMax) return;
    if (this.now() >= this.openUntilMs && !this.probing) {
      this.probing = true;
      return;
    }
    throw new AppError('unavailable', `The service ${this.target} does not answer at the moment.`, {
      retryAfterSeconds: 1,
    });
  }

  succeeded(): void {
    this.failures = 0;
    this.probing = false;
  }

  failed(): void {
    this.failures++;
    this.probing = false;
    if (this.failures >= failuresMax) this.openUntilMs = this.now() + openMs;
  }

  /** The call ended without telling anything about the service, e.g. its caller left. */
  left(): void {
    this.probing = false;
  }
}
