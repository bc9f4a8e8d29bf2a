import type { Pool } from '@parley/postgres';
import type { BusPositions, DeadLetterFailure } from './bus.js';

/** A partition of a topic. */
export interface PartitionRef {
  readonly topic: string;
  readonly partition: number;
}

export interface ClaimedPartition extends PartitionRef {
  readonly position: number;
  /** Partitions that a member may keep; what it owns beyond that it has to release. */
  readonly share: number;
}

export interface StoredEvent extends PartitionRef {
  readonly position: number;
  readonly key: string;
  readonly envelope: string;
  readonly failure: string | null;
}

export type At<T extends PartitionRef = PartitionRef> = T & { readonly position: number };

export type Start = 'beginning' | 'now' | BusPositions;

/** The functions of schema `bus` that a member of a group calls. */
export class GroupStore {
  private readonly pool: Pool;
  private readonly group: string;

  constructor(pool: Pool, group: string) {
    this.pool = pool;
    this.group = group;
  }

  async claim(member: number, topics: readonly string[], from: Start): Promise<ClaimedPartition[]> {
    const { rows } = await this.pool.query<ClaimedPartition>(
      'SELECT topic, partition, position, share FROM bus.claim($1, $2, $3, $4, $5)',
      [this.group, member, topics, from === 'now', positionsText(from)],
    );
    return rows;
  }

  async read(
    member: number,
    behind: readonly At[],
    limits: { perPartition: number; total: number },
  ): Promise<StoredEvent[]> {
    const { rows } = await this.pool.query<StoredEvent>(
      'SELECT * FROM bus.read_on($1, $2, $3, $4, $5, $6, $7)',
      [this.group, member, ...columns(behind), limits.perPartition, limits.total],
    );
    return rows;
  }

  /** Answers whether the member still owns all of them. */
  async ack(member: number, handled: readonly At[]): Promise<boolean> {
    const { rows } = await this.pool.query<{ moved: number }>(
      'SELECT bus.ack($1, $2, $3, $4, $5) AS moved',
      [this.group, member, ...columns(handled)],
    );
    return rows[0]?.moved === handled.length;
  }

  /** Attempts so far; undefined when the partition belongs to another member by now. */
  async fail(member: number, event: At): Promise<number | undefined> {
    const { rows } = await this.pool.query<{ attempts: number | null }>(
      'SELECT bus.fail($1, $2, $3, $4, $5) AS attempts',
      [this.group, member, event.topic, event.partition, event.position],
    );
    return rows[0]?.attempts ?? undefined;
  }

  /** Moves an event to the dead letters; false when the partition belongs to another member. */
  async bury(member: number, event: At, failure: DeadLetterFailure): Promise<boolean> {
    const { rows } = await this.pool.query<{ buried: boolean }>(
      'SELECT bus.bury($1, $2, $3, $4, $5, $6) AS buried',
      [this.group, member, event.topic, event.partition, event.position, JSON.stringify(failure)],
    );
    return rows[0]?.buried === true;
  }

  async release(member: number, partitions: readonly PartitionRef[]): Promise<void> {
    await this.pool.query('SELECT bus.release($1, $2, $3, $4)', [
      this.group,
      member,
      partitions.map((each) => each.topic),
      partitions.map((each) => each.partition),
    ]);
  }

  async leave(member: number): Promise<void> {
    await this.pool.query('SELECT bus.leave_group($1, $2)', [this.group, member]);
  }
}

/** JSON text of explicit positions; `{}` otherwise. */
export function positionsText(from: Start): string {
  return JSON.stringify(typeof from === 'string' ? {} : from);
}

function columns(at: readonly At[]): [string[], number[], number[]] {
  return [
    at.map((each) => each.topic),
    at.map((each) => each.partition),
    at.map((each) => each.position),
  ];
}
