import type { Rejection, StimulusBody } from '@parley/engine';
import { AppError, isJsonObject } from '@parley/kernel';
import { answerOf, depthMax, noSuchWorkflow, tooDeep, type StartChildBody } from './child-runs.js';
import type { FindWorkflow, StartRequest } from './engine-options.js';
import type { Flusher } from './flusher.js';
import type { JournalStore } from './journal-store.js';
import type { LiveRuns } from './live-runs.js';
import type { CallOutcome } from './run-calls.js';
import { partitionOfRun } from './run-id.js';
import type { Message } from './turn-record.js';

export interface HearingOptions {
  readonly store: Pick<JournalStore, 'settleMessage'>;
  readonly flusher: Flusher;
  readonly runs: LiveRuns;
  readonly findWorkflow: FindWorkflow;
  /** Lets a run take what it is told; the message goes with the turn. */
  readonly take: (
    message: Message,
    stimulus: StimulusBody,
    hold: object,
  ) => Promise<Rejection | 'no such run' | undefined>;
  /** Starts the run that the message asks for; the message goes with its first turn. */
  readonly start: (request: StartRequest, message: Message) => Promise<unknown>;
  /** Messages that are now durable. */
  readonly said: (messages: readonly Message[]) => void;
}

/** What becomes of a message to a run. */
export class Hearing {
  private readonly options: HearingOptions;

  constructor(options: HearingOptions) {
    this.options = options;
  }

  /** Lets a run hear a message, or starts the run that it asks for. */
  async hear(message: Message, hold: object): Promise<void> {
    const { body } = message;
    if (body.kind === 'startChild') return this.startChild(message, body);
    const taken = await this.options.take(message, body.stimulus, hold);
    if (taken === 'no such run') await this.settle(message);
  }

  private async startChild(message: Message, body: StartChildBody): Promise<void> {
    const { runId, tenantId } = message;
    if (await this.options.runs.load(runId)) return this.settle(message);
    const { parent, startedBy, priority, args } = body;
    if (parent.depth > depthMax) return this.settle(message, tooDeep);
    const version = await this.options.findWorkflow(tenantId, args);
    if (!version.ok) return this.settle(message, noSuchWorkflow(version.error));
    const input = isJsonObject(args) ? (args['input'] ?? {}) : {};
    const facts = { tenantId, startedBy, ...(priority && { priority }), parent };
    const request = { ...version.value, ...facts, input };
    await this.options.start(request, message);
  }

  /** A message that causes no turn is taken away; whoever waits for what it asked for is told. */
  async settle(message: Message, failure?: CallOutcome): Promise<void> {
    const { runId } = message;
    const answer = failure === undefined ? undefined : answerOf(message, failure);
    const id = partitionOfRun(runId) ?? 0;
    const epoch = this.options.flusher.epochOf(id);
    if (!(await this.options.store.settleMessage(message, { id, epoch }, answer))) {
      throw new AppError('unavailable', 'another process owns the run now');
    }
    if (answer !== undefined) this.options.said([answer]);
  }
}
