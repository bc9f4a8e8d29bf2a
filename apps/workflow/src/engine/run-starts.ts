import { priorityOf, type LoadedIr } from '@parley/engine';
import { isAppError, PassingMap, type AppError, type Result } from '@parley/kernel';
import type { Partitions } from '../replicas/partitions.js';
import type { Breaths } from './breaths.js';
import type { PreparedStart, Started, StartRequest } from './engine-options.js';
import type { JournalStore, KnownStart } from './journal-store.js';
import { Places } from './places.js';
import { partitionOfKey } from './run-id.js';
import {
  inFlight,
  keyReused,
  startBatch,
  type StartBatch,
  type StartedOfBatch,
} from './start-batch.js';

interface Pace {
  /**
   * Starts of a tenant's batches that are under way: enough that some are begun while others are written. More
   * would wait for longer, and what outlives two collections of the young garbage makes one of all of it due.
   */
  readonly underWayMax: number;
  /** Runs of a batch that are begun in one breath: between two of them everybody else gets their turn. */
  readonly breathMax: number;
  /** Keys of a batch that are looked up together. */
  readonly keysMax: number;
}

const alone: Pace = { underWayMax: 1_000, breathMax: 50, keysMax: 1_000 };
/** While several tenants are at work. */
const shared: Pace = { underWayMax: 64, breathMax: 10, keysMax: 50 };

export interface RunStartsOptions {
  readonly store: Pick<JournalStore, 'findStartKey' | 'findStartKeys'>;
  readonly partitions: Pick<Partitions, 'anyPartition' | 'ownerOf'>;
  readonly breaths: Pick<Breaths, 'take'>;
  /** @throws AppError `overloaded` */
  readonly refuseOverload: (tenantId: string) => void;
  /** Whether several tenants are at work. */
  readonly isShared: () => boolean;
  /** Reads the definition, so that a batch reads it once. */
  readonly program: (tenantId: string, irHash: string) => Promise<Pick<LoadedIr, 'ir'>>;
  /** Starts a run in a partition; resolves when it is durable. */
  readonly start: (request: StartRequest, partition: number) => Promise<Started>;
}

/** Starts of runs: which partition they go to, and that a key starts one run. */
export class RunStarts {
  private readonly options: RunStartsOptions;
  /** Keys of starts that begin. */
  private readonly inFlight = new PassingMap<string, true>();
  /** For starts of batches, of each tenant. */
  private readonly places = new Map<string, Places>();

  constructor(options: RunStartsOptions) {
    this.options = options;
  }

  /** Starts a run; resolves when the start is durable. */
  async startRun({ tenantId, key, prepare }: PreparedStart): Promise<Started> {
    this.options.refuseOverload(tenantId);
    if (key === undefined) return this.startFresh(await prepare());
    const taken = `${tenantId}\0${key.key}`;
    if (this.inFlight.has(taken)) {
      throw inFlight(key.key);
    }
    this.inFlight.set(taken, true);
    try {
      const prepared = prepare();
      prepared.catch(() => undefined); // A repeated request does not want it.
      const known = await this.startedUnder(tenantId, key);
      // Where two replicas start under one key at the same time, the table of keys decides.
      return known ?? (await this.startFresh({ ...(await prepared), key }));
    } finally {
      this.inFlight.delete(taken);
    }
  }

  /** A start whose key, if it has one, was free a moment ago. */
  private async startFresh(request: StartRequest): Promise<Started> {
    const { tenantId, key } = request;
    if (key === undefined)
      return this.options.start(request, this.options.partitions.anyPartition());
    const due = partitionOfKey(tenantId, key.key);
    const partition = this.options.partitions.ownerOf(due).own
      ? due
      : this.options.partitions.anyPartition();
    try {
      return await this.options.start(request, partition);
    } catch (error) {
      const faster = await this.startedUnder(tenantId, key).catch((other: unknown) => {
        if (isAppError(other) && other.code === 'key-reused') throw other;
        return undefined;
      });
      if (faster === undefined) throw error;
      return faster;
    }
  }

  private async startedUnder(
    tenantId: string,
    { key, fingerprint }: NonNullable<StartRequest['key']>,
  ): Promise<Started | undefined> {
    const known = await this.options.store.findStartKey(tenantId, key);
    if (known === undefined) return undefined;
    if (known.fingerprint !== fingerprint) throw keyReused(key);
    return { runId: known.runId, repeated: true };
  }

  /**
   * Starts many runs of one version of a workflow, in as few flushes as possible; one that is refused
   * holds up no other. Resolves when all are durable, with an answer for each in their order.
   */
  async startRuns(batch: StartBatch): Promise<Result<StartedOfBatch, AppError>[]> {
    const { tenantId, irHash } = batch;
    this.options.refuseOverload(tenantId);
    const usual = priorityOf((await this.options.program(tenantId, irHash)).ir);
    const taken = (key: string) => `${tenantId}\0${key}`;
    return startBatch(batch, usual, {
      find: (keys) => this.startedUnderAny(tenantId, keys),
      reserve: (key) => {
        if (this.inFlight.has(taken(key))) return false;
        this.inFlight.set(taken(key), true);
        return true;
      },
      release: (key) => this.inFlight.delete(taken(key)),
      start: (request) => this.startFresh(request),
      breathe: async (of, most) => {
        const wanted = Math.min(most, this.pace.breathMax);
        await this.placesOf(tenantId).take(wanted, of);
        await this.options.breaths.take(tenantId, of);
        return wanted;
      },
      ended: () => {
        const places = this.placesOf(tenantId);
        places.giveBack();
        if (places.areFree) this.places.delete(tenantId);
      },
    });
  }

  /** Of the keys, those that were used before. */
  private async startedUnderAny(tenantId: string, keys: readonly string[]) {
    const known: (readonly [string, KnownStart])[] = [];
    for (let at = 0; at < keys.length;) {
      await this.options.breaths.take(tenantId);
      const some = keys.slice(at, at + this.pace.keysMax);
      known.push(...(await this.options.store.findStartKeys(tenantId, some)));
      at += some.length;
    }
    return new Map(known);
  }

  private get pace(): Pace {
    return this.options.isShared() ? shared : alone;
  }

  private placesOf(tenantId: string): Places {
    const places = this.places.get(tenantId) ?? new Places(() => this.pace.underWayMax);
    this.places.set(tenantId, places);
    return places;
  }
}
