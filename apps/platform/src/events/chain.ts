import { hash } from 'node:crypto';
import type { EventEnvelope } from '@parley/contracts';
import { canonicalJson, type Json } from '@parley/kernel';

/** The end of a tenant's stream. */
export interface StreamHead {
  readonly position: number;
  readonly hash: string;
}

/** A row of the stream: its last event, and those directly before it. */
export interface StreamRow {
  readonly tenantId: string;
  /** Of the last event. */
  readonly position: number;
  readonly last: EventEnvelope;
  readonly hash: string;
  /** The fields of those before it, one after the other; see `fieldsOf`. */
  readonly earlier: readonly string[];
}

/** Between fields of events on their way into the database. */
export const fieldSeparator = '\u001f';
/** Nobody has to read much to find one event. */
const eventsPerRowMax = 100;

/** The start of every stream. */
export const emptyStream: StreamHead = { position: 0, hash: '' };

/**
 * Chains events to the ends of their tenants' streams, and puts those into one row that come one after
 * the other about the same thing.
 * @param events of one key in their order; those of different keys have none
 */
export function chain(
  events: readonly EventEnvelope[],
  headOf: (tenantId: string) => StreamHead,
): { readonly rows: StreamRow[]; readonly heads: Map<string, StreamHead> } {
  const heads = new Map<string, StreamHead>();
  const rows: StreamRow[] = [];
  for (const bundle of bundles(events)) {
    const { tenantid: tenantId } = bundle[0] as EventEnvelope;
    let head = heads.get(tenantId) ?? headOf(tenantId);
    const earlier: string[] = [];
    for (const [index, event] of bundle.entries()) {
      head = after(head, event);
      if (index < bundle.length - 1) earlier.push(...fieldsOf(event, head.hash));
      else rows.push({ tenantId, ...head, last: event, earlier });
    }
    heads.set(tenantId, head);
  }
  return { rows, heads };
}

function after(head: StreamHead, event: EventEnvelope): StreamHead {
  const position = head.position + 1;
  return { position, hash: hash('sha256', `${head.hash}/${position}/${eventDigest(event)}`) };
}

/**
 * What the chain's hash covers of an event: SHA-256 of its canonical JSON. A digest, because the
 * database's text cannot hold every character that JSON can.
 */
export function eventDigest(
  event: Pick<EventEnvelope, 'id' | 'type' | 'source' | 'subject' | 'time' | 'data'>,
): string {
  const { id, type, source, subject, time, data } = event;
  const text = (value: string) => JSON.stringify(value);
  return hash(
    'sha256',
    // The keys of canonical JSON are in order.
    `{"data":${canonicalJson(data as Json)},"id":${text(id)},"source":${text(source)},` +
      `"subject":${text(subject)},"time":${text(time)},"type":${text(type)}}`,
  );
}

/** What `earlier` has of each event. */
function fieldsOf({ id, type, source, subject, time, data }: EventEnvelope, eventHash: string) {
  return [id, type, source, subject, time, JSON.stringify(data), eventHash];
}

/** Events of one key are together, so that those about the same thing are, too. */
function bundles(events: readonly EventEnvelope[]): EventEnvelope[][] {
  const made: EventEnvelope[][] = [];
  for (const ofKey of Map.groupBy(events, keyOf).values()) {
    let about: string | undefined;
    let bundle: EventEnvelope[] = [];
    for (const event of ofKey) {
      const next = aboutOf(event);
      if (next === undefined || next !== about || bundle.length === eventsPerRowMax) {
        made.push((bundle = []));
      }
      bundle.push(event);
      about = next;
    }
  }
  return made;
}

function keyOf({ tenantid, partitionkey }: EventEnvelope): string {
  return `${tenantid}/${partitionkey}`;
}

/**
 * What an event is about: its subject up to the last dot, or all of it. Undefined for one that has to
 * stand alone.
 */
function aboutOf({ id, source, subject }: EventEnvelope): string | undefined {
  if ([id, source, subject].some((text) => text.includes(fieldSeparator))) return undefined;
  const dot = subject.lastIndexOf('.');
  return dot < 0 ? subject : subject.slice(0, dot + 1);
}
