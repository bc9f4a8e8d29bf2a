/** State of one thing that the service cannot work without. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly detail?: string;
}

const checkTimeoutMs = 2000;
const reuseMs = 500;

/**
 * Whether the service can work. A check is about what the service owns (database, migrations, bus),
 * never about another service: else one that is down would take all the others with it.
 */
export class Health {
  private readonly checks = new Map<string, () => Promise<unknown>>();
  private latest: { atMs: number; results: Promise<CheckResult[]> } | undefined;
  private stopping = false;

  /** `check` rejects while the service cannot work. */
  register(name: string, check: () => Promise<unknown>): void {
    this.checks.set(name, check);
    this.latest = undefined;
  }

  /** From now on the service is not ready, so that no new work is sent to it. */
  stop(): void {
    this.stopping = true;
  }

  async report(): Promise<{ ready: boolean; checks: CheckResult[] }> {
    const now = Date.now();
    if (!this.latest || now - this.latest.atMs > reuseMs) {
      const results = Promise.all([...this.checks].map(([name, check]) => run(name, check)));
      this.latest = { atMs: now, results };
    }
    const checks = await this.latest.results;
    if (this.stopping) return { ready: false, checks: [...checks, stoppingResult] };
    return { ready: checks.every((check) => check.ok), checks };
  }
}

const stoppingResult: CheckResult = { name: 'process', ok: false, detail: 'stopping' };

async function run(name: string, check: () => Promise<unknown>): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer in ${checkTimeoutMs} ms`)),
      checkTimeoutMs,
    );
  });
  try {
    await Promise.race([check(), late]);
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
