import { readFileSync, writeFileSync } from 'node:fs';

import type { Pool } from '@parley/postgres';

import type { Platform } from '../../dev/platform.ts';
import { sampleTree, secondsBetween, type ProcessSample } from '../process-tree.ts';

/** What a stretch of time cost. */
export interface Cost {
  readonly seconds: number;
  /** Processor seconds by process of the platform; `client` is the bench with the supervisor. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  readonly walBytes: number;
}

export interface Lag {
  /** Turns of the journal that the relay has not published. */
  readonly relay: number;
  /** Events that `platform` has not recorded. */
  readonly audit: number;
}

interface Mark {
  readonly at: number;
  readonly tree: ReadonlyMap<number, ProcessSample>;
  readonly wal: string;
}

/** Looks at the processes and the database of a platform. */
export class Watch {
  private readonly platform: Platform;
  private readonly admin: Pool;

  constructor(platform: Platform, admin: Pool) {
    this.platform = platform;
    this.admin = admin;
  }

  async mark(): Promise<Mark> {
    const { rows } = await this.admin.query<{ wal: string }>(
      'SELECT pg_current_wal_insert_lsn()::text AS wal',
    );
    return { at: performance.now(), tree: sampleTree(process.pid), wal: rows[0]?.wal ?? '0/0' };
  }

  async costSince(since: Mark): Promise<Cost> {
    const now = await this.mark();
    const { rows } = await this.admin.query<{ bytes: number }>(
      'SELECT pg_wal_lsn_diff($1::pg_lsn, $2::pg_lsn)::float8 AS bytes',
      [now.wal, since.wal],
    );
    const cpuSeconds: Record<string, number> = {};
    for (const [pid, seconds] of secondsBetween(since.tree, now.tree)) {
      const name = this.nameOf(pid, now.tree);
      cpuSeconds[name] = (cpuSeconds[name] ?? 0) + seconds;
    }
    return {
      seconds: (now.at - since.at) / 1000,
      cpuSeconds,
      walBytes: rows[0]?.bytes ?? 0,
    };
  }

  /** Resident memory of the engine's process. */
  engineMib(): number {
    return this.engineStatus('VmRSS');
  }

  /** The most that it was since the last `forgetPeak`. */
  enginePeakMib(): number {
    return this.engineStatus('VmHWM');
  }

  forgetPeak(): void {
    writeFileSync(`/proc/${this.enginePid()}/clear_refs`, '5');
  }

  private engineStatus(name: string): number {
    const text = readFileSync(`/proc/${this.enginePid()}/status`, 'utf8');
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) / 1024;
  }

  private enginePid(): number {
    return this.platform.state().services['workflow']?.pid ?? 0;
  }

  async lag(): Promise<Lag> {
    const { rows } = await this.admin.query<Lag>(
      `SELECT (SELECT count(*) FROM workflow.relay_cursor c JOIN workflow.journal j
                 ON j.partition = c.partition AND j.seq > c.seq AND j.notable) AS relay,
         (SELECT coalesce(sum(h.position - c.position), 0)::int8
            FROM bus.head h JOIN bus.consumer c ON (c.topic, c.partition) = (h.topic, h.partition)
            WHERE c.group_name = 'platform') AS audit`,
    );
    return rows[0] ?? { relay: 0, audit: 0 };
  }

  /** Mebibytes of the tables of the engine, with their indexes. */
  async tableMib(): Promise<number> {
    const { rows } = await this.admin.query<{ mib: number }>(
      `SELECT (sum(pg_total_relation_size(oid)) / 1048576)::float8 AS mib FROM pg_class
       WHERE relkind = 'r' AND relnamespace = 'workflow'::regnamespace`,
    );
    return rows[0]?.mib ?? 0;
  }

  private nameOf(pid: number, tree: ReadonlyMap<number, ProcessSample>): string {
    const services = Object.entries(this.platform.state().services);
    const names = new Map(services.map(([name, { pid: own }]) => [own, name]));
    for (let at = tree.get(pid); at !== undefined; at = tree.get(at.parent)) {
      const name = names.get(at.pid);
      if (name !== undefined) return name;
    }
    return pid === process.pid ? 'client' : 'peers';
  }
}
