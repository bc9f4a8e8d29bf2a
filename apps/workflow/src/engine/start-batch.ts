import { runPriorities, type RunPriority } from '@parley/ir';
import { AppError, err, isAppError, ok, type Json, type Result } from '@parley/kernel';
import type { RunStatus } from '@parley/engine';
import type { Started, StartRequest } from './engine.js';

/** Runs of one version of a workflow. */
export interface StartBatch extends Pick<StartRequest, 'tenantId' | 'irHash'> {
  readonly items: readonly BatchItem[];
  /** Throws when no new run is to start with this input; it is not asked about repeated requests. */
  readonly admit?: (input: Json) => void;
}

/** One run of a batch. */
export interface BatchItem {
  /** Idempotency key of the request. */
  readonly key?: string | undefined;
  /** @default what the definition says */
  readonly priority?: RunPriority | undefined;
  /**
   * Made when its turn comes: until then as little of it waits as can be. Throws only AppErrors, which refuse
   * this item alone.
   */
  readonly request: () => Omit<StartRequest, 'priority'>;
}

/** A run of a batch. Nothing more is kept of it: the batch is answered when the last one has started. */
export interface StartedOfBatch extends Pick<Started, 'runId' | 'repeated'> {
  /** Of a new run, after its first turn. */
  readonly status?: RunStatus;
}

export interface BatchPort {
  /** Of the keys, those that were used before. */
  find(
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly fingerprint: string; readonly runId: string }>>;
  /** Takes a key for a start that begins; false while another one has it. */
  reserve(key: string): boolean;
  release(key: string): void;
  start(request: StartRequest): Promise<Started>;
  /**
   * Resolves when it is this batch's turn again, with runs of this priority, and there is room for more.
   * @param most as many as it has still to begin
   * @returns how many it may begin now; each is ended when it has an answer
   */
  breathe(priority: RunPriority, most: number): Promise<number>;
  ended(): void;
}

/**
 * Starts many runs of one tenant, those of a higher priority first; a refused one holds up no other.
 * Answers in the order of the items.
 * @param usual the priority of items that have none
 */
export async function startBatch(
  { items, admit }: Pick<StartBatch, 'items' | 'admit'>,
  usual: RunPriority,
  port: BatchPort,
): Promise<Result<StartedOfBatch, AppError>[]> {
  const keys = items.flatMap(({ key }) => key ?? []);
  // Reserved before they are looked up: whoever has a key now may have used it a moment later.
  const mine = new Set(keys.filter((key) => port.reserve(key)));
  try {
    const known = mine.size === 0 ? new Map() : await port.find([...mine]);
    return await new Batch({ port, mine, known, usual, admit }).start(items);
  } finally {
    for (const key of mine) port.release(key);
  }
}

type Known = ReadonlyMap<string, { readonly fingerprint: string; readonly runId: string }>;
type Outcome = Promise<Result<StartedOfBatch, AppError>>;

interface BatchParts extends Pick<StartBatch, 'admit'> {
  readonly port: BatchPort;
  readonly mine: ReadonlySet<string>;
  readonly known: Known;
  readonly usual: RunPriority;
}

class Batch {
  private readonly parts: BatchParts;
  /** The first item of this batch with a key, and what becomes of it. */
  private readonly begun = new Map<string, { fingerprint: string; outcome: Outcome }>();

  constructor(parts: BatchParts) {
    this.parts = parts;
  }

  async start(items: readonly BatchItem[]): Promise<Result<StartedOfBatch, AppError>[]> {
    const { port, usual } = this.parts;
    const outcomes: Outcome[] = [];
    const ended = () => port.ended();
    let breath = 0;
    for (const [begun, { at, item, priority }] of byPriority(items, usual).entries()) {
      if (breath === 0) breath = await port.breathe(priority, items.length - begun);
      breath -= 1;
      const outcome = this.one(item);
      outcomes[at] = outcome;
      outcome.then(ended, ended); // Whoever waits for all of them hears of errors.
    }
    return Promise.all(outcomes);
  }

  private async one(item: BatchItem): Outcome {
    try {
      const { priority = this.parts.usual } = item;
      return await this.startOrRepeat({ ...item.request(), priority });
    } catch (error) {
      if (isAppError(error)) return err(error);
      throw error;
    }
  }

  private startOrRepeat(request: StartRequest): Outcome {
    const { key } = request;
    if (key === undefined) return this.begin(request);
    const { fingerprint } = key;
    const before = this.begun.get(key.key);
    if (before !== undefined) return this.repeat(key, before);
    if (!this.parts.mine.has(key.key)) throw inFlight(key.key);
    const used = this.parts.known.get(key.key);
    const outcome =
      used === undefined
        ? this.begin(request)
        : Promise.resolve(
            used.fingerprint === fingerprint
              ? ok({ runId: used.runId, repeated: true })
              : err(keyReused(key.key)),
          );
    this.begun.set(key.key, { fingerprint, outcome });
    return outcome;
  }

  private async repeat(
    { key, fingerprint }: { readonly key: string; readonly fingerprint: string },
    before: { readonly fingerprint: string; readonly outcome: Outcome },
  ): Outcome {
    if (before.fingerprint !== fingerprint) return err(keyReused(key));
    const first = await before.outcome;
    return first.ok ? ok({ runId: first.value.runId, repeated: true }) : first;
  }

  private async begin(request: StartRequest): Outcome {
    const { port, admit } = this.parts;
    admit?.(request.input);
    const { runId, repeated, change } = await port.start(request);
    return ok({ runId, repeated, ...(change && { status: change.row.status }) });
  }
}

/** What has one key belongs together: the first item says what is started, and when. */
function byPriority(items: readonly BatchItem[], usual: RunPriority) {
  const ofKeys = new Map<string, RunPriority>();
  const ranked = items.map((item, at) => {
    const { key, priority = usual } = item;
    const first = key === undefined ? priority : (ofKeys.get(key) ?? priority);
    if (key !== undefined) ofKeys.set(key, first);
    return { at, item, priority: first };
  });
  const rank = new Map(runPriorities.map((priority, at) => [priority, at]));
  return ranked.toSorted((a, b) => (rank.get(a.priority) ?? 0) - (rank.get(b.priority) ?? 0));
}

export function inFlight(key: string): AppError {
  return new AppError('in-flight', `a request with the idempotency key ${key} is under way`, {
    retryAfterSeconds: 1,
  });
}

export function keyReused(key: string): AppError {
  return new AppError('key-reused', `the idempotency key ${key} was used for another request`);
}
