import type { Rejection, StimulusBody } from '@parley/engine';
import type { Hold } from '../replicas/partitions.js';
import { pauseBefore, type Clock } from './clock.js';
import type { Taking } from './engine-options.js';
import { isDataFault } from './record-turn.js';
import { cannotBeStored } from './run-calls.js';
import type { DueTimer } from './journal-store.js';

/** Between two attempts to apply what nobody else will say again. */
const retryMs = { baseMs: 1_000, maxMs: 60_000 };
/** So often a run is asked to go on with what it cannot; then it waits for somebody who changes it. */
const hopelessMax = 3;

export interface TellingOptions {
  readonly take: (
    runId: string,
    stimulus: StimulusBody,
    taking: Taking,
  ) => Promise<Rejection | 'no such run' | undefined>;
  readonly holdOf: (runId: string) => Hold | undefined;
  readonly onError: (error: unknown, message: string) => void;
  readonly clock: Clock;
}

/** Stimuli that nobody waits for: they will not be said again, so they are not given up. */
export class Telling {
  private readonly options: TellingOptions;
  private readonly stopping = new AbortController();

  constructor(options: TellingOptions) {
    this.options = options;
  }

  /** From now on nobody is told anything. */
  stop(): void {
    this.stopping.abort();
  }

  tell(runId: string, stimulus: StimulusBody, attempt = 1): void {
    const { take, holdOf, onError } = this.options;
    const hold = holdOf(runId);
    if (this.stopping.signal.aborted || hold === undefined) return; // E6
    // Whoever has the partition next goes on from there.
    if (hold.draining && stimulus.kind === 'continue') return;
    take(runId, stimulus, { hold }).catch(async (error: unknown) => {
      if (holdOf(runId) !== hold) return;
      onError(error, `run ${runId} could not take ${stimulus.kind}`);
      const instead = isDataFault(error) ? insteadOf(stimulus, { attempt, error }) : undefined;
      if (instead !== undefined) return this.tell(runId, instead);
      await this.pauseBefore(attempt);
      this.tell(runId, stimulus, attempt + 1);
    });
  }

  /** Rejects when the timer is to fire again. */
  async fire({ runId, occurrence, generation }: DueTimer): Promise<void> {
    const hold = this.workingHoldOf(runId);
    if (this.stopping.signal.aborted || hold === undefined) return; // E6
    try {
      await this.options.take(runId, { kind: 'timerFired', occurrence, generation }, { hold });
    } catch (error) {
      if (this.workingHoldOf(runId) === hold) throw error;
    }
  }

  /** The hold under which something may be begun. */
  workingHoldOf(runId: string): Hold | undefined {
    const hold = this.options.holdOf(runId);
    return hold?.draining === false ? hold : undefined;
  }

  /** Ends early when nobody is to be told anything any more. */
  pauseBefore(attempt: number): Promise<void> {
    return pauseBefore(this.options.clock, attempt, { ...retryMs, signal: this.stopping.signal });
  }
}

/** What a run is told that can never take what it was told. */
function insteadOf(
  stimulus: StimulusBody,
  { attempt, error }: { readonly attempt: number; readonly error: Error },
): StimulusBody | undefined {
  if (stimulus.kind === 'completed') {
    const { occurrence, attempt: called } = stimulus;
    return { ...cannotBeStored, occurrence, attempt: called };
  }
  if (stimulus.kind !== 'continue' || attempt < hopelessMax) return undefined;
  const reason =
    `The run cannot go on as it is: ${error.message}. ` +
    'Change what it does next by an overlay and resume it, or end it.';
  return { kind: 'suspend', by: 'workflow', reason };
}
