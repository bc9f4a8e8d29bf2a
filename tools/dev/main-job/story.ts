import { setTimeout as sleep } from 'node:timers/promises';

/** One thing that is done and checked; says in a few words what it saw. */
export interface Step<T> {
  readonly name: string;
  readonly run: (job: T) => Promise<string>;
  /** @default 60000 */
  readonly msMax?: number;
}

export interface Told {
  readonly name: string;
  readonly ms: number;
}

const stepMsMax = 60_000;
const pollMs = 100;

/** A step that did not do what it should; `cause` says why. */
class StepFailed extends Error {
  override readonly name = 'StepFailed';

  constructor(step: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`"${step}" failed: ${reason}`, { cause });
  }
}

/** Does the steps in order and prints each with its duration. @throws StepFailed */
export async function tell<T>(steps: readonly Step<T>[], job: T): Promise<Told[]> {
  const told: Told[] = [];
  for (const { name, run, msMax = stepMsMax } of steps) {
    const since = performance.now();
    let seen: string;
    try {
      seen = await within(msMax, run(job));
    } catch (cause) {
      throw new StepFailed(name, cause);
    }
    const ms = performance.now() - since;
    told.push({ name, ms });
    console.log(line(ms, `${name}: ${seen}`));
  }
  return told;
}

export function line(ms: number, text: string): string {
  const duration = ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
  return `${duration.padStart(8)}  ${text}`;
}

/** Asks until there is an answer; the step's own limit ends it. */
export async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(pollMs);
  }
}

async function within<T>(msMax: number, work: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = sleep(msMax, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`it takes longer than ${msMax / 1000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    limit.abort();
    late.catch(() => undefined); // Ended by the line above.
  }
}
