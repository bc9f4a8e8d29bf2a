import { databaseError } from '@parley/postgres';
import type { JournalStore } from '../../src/engine/journal-store.js';
import type { ArchiveStore } from '../../src/journal/archive-store.js';
import { asError, type VirtualTime } from './virtual-time.js';

/** The database server, seen as something that fails. */
export interface Server {
  /** Another number after every restart: connections do not outlive one. */
  readonly incarnation: number;
  readonly isDown: boolean;
  /** How often a statement meets one of the faults below. */
  readonly faultRate: number;
  /** Runs of which nothing can be written for a while. */
  readonly unwritable: ReadonlySet<string>;
}

export interface Caller {
  /** Answers do not reach a process that has died, and reach one that is stopped later. */
  deliver(work: () => void): void;
}

/**
 * What can happen to a statement: it never arrives (`torn`: it ends in the middle and is undone,
 * which is the same); it is done and the answer is lost (`unseen`); the connection is lost and it is
 * done afterwards, nobody knows when (`late`); it is done twice.
 */
const faults = ['lost', 'torn', 'unseen', 'late', 'twice'] as const;
type Fault = (typeof faults)[number];

/** A store behind a network, so that every one of its answers takes time and may fail to come. */
export class DistantStore {
  readonly injected: Partial<Record<Fault, number>> = {};
  private readonly time: VirtualTime;
  private readonly server: Server;

  constructor(time: VirtualTime, server: Server) {
    this.time = time;
    this.server = server;
  }

  for(caller: Caller, store: JournalStore): JournalStore {
    const ask = <T>(work: () => Promise<T>) => this.ask(caller, work);
    const { replicas } = store;
    return {
      replicas: {
        id: replicas.id,
        join: (url, leaseMs) => ask(() => replicas.join(url, leaseMs)),
        renew: (leaseMs) => ask(() => replicas.renew(leaseMs)),
        view: () => ask(() => replicas.view()),
        switchOn: (level) => ask(() => replicas.switchOn(level)),
        expire: (seen) => ask(() => replicas.expire(seen)),
        leaving: () => ask(() => replicas.leaving()),
        leave: () => ask(() => replicas.leave()),
        take: (seen) => ask(() => replicas.take(seen)),
        takeAgain: (partitions) => ask(() => replicas.takeAgain(partitions)),
        free: (partitions) => ask(() => replicas.free(partitions)),
      },
      flush: (epochs, turns) => {
        if (turns.some(({ runId }) => this.server.unwritable.has(runId))) {
          return Promise.reject(new RangeError('this turn cannot be sent now'));
        }
        return ask(() => store.flush(epochs, turns));
      },
      loadRun: (runId) => ask(() => store.loadRun(runId)),
      loadIr: (tenantId, irHash) => ask(() => store.loadIr(tenantId, irHash)),
      findStartKey: (tenantId, key) => ask(() => store.findStartKey(tenantId, key)),
      findStartKeys: (tenantId, keys) => ask(() => store.findStartKeys(tenantId, keys)),
      busyRuns: (partitions) => ask(() => store.busyRuns(partitions)),
      tenantsWithTimers: (timeMs) => ask(() => store.tenantsWithTimers(timeMs)),
      timersDueBefore: (timeMs, limit, partitions, after) =>
        ask(() => store.timersDueBefore(timeMs, limit, partitions, after)),
      notableTurns: (limit, partitions) => ask(() => store.notableTurns(limit, partitions)),
      passTurns: (passages) => ask(() => store.passTurns(passages)),
      messagesFor: (partitions, limit) => ask(() => store.messagesFor(partitions, limit)),
      settleMessage: (heard, owned, answer) => ask(() => store.settleMessage(heard, owned, answer)),
    };
  }

  archivesFor(caller: Caller, store: ArchiveStore): ArchiveStore {
    const ask = <T>(work: () => Promise<T>) => this.ask(caller, work);
    return {
      passQuiet: (partitions) => ask(() => store.passQuiet(partitions)),
      sweep: (partition, sweep) => ask(() => store.sweep(partition, sweep)),
      longRuns: (page) => ask(() => store.longRuns(page)),
      tail: (runIds, range) => ask(() => store.tail(runIds, range)),
      archivedUntil: (run) => ask(() => store.archivedUntil(run)),
      cutPoints: (run, after) => ask(() => store.cutPoints(run, after)),
      stateAfter: (run, position) => ask(() => store.stateAfter(run, position)),
      move: (tenantId, archive, ranges) => ask(() => store.move(tenantId, archive, ranges)),
      endedRuns: (page) => ask(() => store.endedRuns(page)),
      remove: (runIds, beforeMs) => ask(() => store.remove(runIds, beforeMs)),
    };
  }

  private ask<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
    const { time, server } = this;
    const { incarnation } = server;
    const fault = this.draw();
    return new Promise((resolve, reject) => {
      const answer = (give: () => void) => {
        time.in(time.between(0, 4), () =>
          caller.deliver(() => {
            if (server.incarnation === incarnation) give();
            else reject(connectionLost());
          }),
        );
      };
      time.in(time.between(0, 4), () => {
        const isGone = server.isDown || server.incarnation !== incarnation;
        if (isGone || fault === 'lost' || fault === 'torn')
          return answer(() => reject(connectionLost()));
        if (fault === 'late') {
          time.in(
            time.between(0, 1_500),
            () => void (server.isDown || work().catch(() => undefined)),
          );
          return answer(() => reject(connectionLost()));
        }
        if (fault === 'twice')
          time.in(time.between(0, 50), () => void work().catch(() => undefined));
        work().then(
          (result) =>
            answer(() => (fault === 'unseen' ? reject(connectionLost()) : resolve(result))),
          (error: unknown) => answer(() => reject(asError(error))),
        );
      });
    });
  }

  private draw(): Fault | undefined {
    if (!this.time.random.chance(this.server.faultRate)) return undefined;
    const fault = faults[this.time.random.below(faults.length)];
    if (fault !== undefined) this.injected[fault] = (this.injected[fault] ?? 0) + 1;
    return fault;
  }
}

/** As the pool maps it. */
export function connectionLost(): Error {
  const message = 'Connection terminated unexpectedly';
  return databaseError(Object.assign(new Error(message), { code: 'ECONNRESET' })) as Error;
}
