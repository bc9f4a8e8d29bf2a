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

/** A row of the log: the events of one publication for one partition. */
interface StoredRow extends PartitionRef {
  /** Of its last event. */
  readonly position: number;
  readonly keys: string;
  readonly envelopes: string;
  readonly failure: string | null;
}

/** Between the envelopes of a row; no JSON text has it in it. */
const separator = '\u001e';

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

  /** @param perPartition most events of each partition, at least as many as a row can have */
  async read(member: number, behind: readonly At[], perPartition: number): Promise<StoredEvent[]> {
    const { rows } = await this.pool.query<StoredRow>({
      name: 'bus.read',
      text: `SELECT topic, partition, position, keys, envelopes, failure
             FROM bus.read_rows($1, $2, $3, $4, $5, $6)`,
      values: [this.group, member, ...columns(behind), perPartition],
    });
    rows.sort((a, b) => a.position - b.position);
    const from = new Map(behind.map((at) => [partitionId(at), at.position]));
    return rows.flatMap((row) => eventsBehind(row, from.get(partitionId(row)) ?? 0));
  }

  /** Answers whether the member still owns all of them. */
  async ack(member: number, handled: readonly At[]): Promise<boolean> {
    const { rows } = await this.pool.query<{ moved: number }>({
      name: 'bus.ack',
      text: 'SELECT bus.ack($1, $2, $3, $4, $5) AS moved',
      values: [this.group, member, ...columns(handled)],
    });
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

export function partitionId({ topic, partition }: PartitionRef): string {
  return `${topic}/${partition}`;
}

/**
 * Takes a row apart. Whoever published a text that is no JSON may have made more or fewer pieces than
 * there are keys: then an event gets another piece, or none, and is judged by it.
 */
function eventsBehind(row: StoredRow, behind: number): StoredEvent[] {
  const { topic, partition, failure } = row;
  const keys = JSON.parse(row.keys) as string[];
  const envelopes = row.envelopes.split(separator);
  const before = row.position - keys.length;
  const skipped = Math.max(0, behind - before);
  return keys.slice(skipped).map((key, index) => {
    const envelope = envelopes[skipped + index] ?? '';
    return { topic, partition, position: before + skipped + index + 1, key, envelope, failure };
  });
}

function columns(at: readonly At[]): [string[], number[], number[]] {
  return [
    at.map((each) => each.topic),
    at.map((each) => each.partition),
    at.map((each) => each.position),
  ];
}
