import { AppError } from '@parley/kernel';
import { z } from 'zod';

/** A CloudEvents 1.0 envelope in JSON with Parley's extension attributes. */
export interface EventEnvelope<T = unknown> {
  readonly specversion: '1.0';
  readonly id: string;
  /** `parley.<context>.<aggregate>.<fact>.v<N>` */
  readonly type: string;
  /** `/services/<service>` */
  readonly source: string;
  /** Hierarchical stream subject, e.g. `workflows.wf_1.executions.run_1.completed`. */
  readonly subject: string;
  /** RFC 3339 */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly tenantid: string;
  /** Events with the same key are delivered in order. */
  readonly partitionkey: string;
  readonly traceparent?: string;
  readonly data: T;
}

/** What makes one event out of a type. */
export interface EventFacts {
  readonly id: string;
  readonly tenantId: string;
  readonly key: string;
  /** Milliseconds since the Unix epoch. */
  readonly timeMs: number;
  readonly traceparent?: string;
}

/** A declared event type. */
export interface EventType<T = unknown> {
  readonly type: string;
  /** Bus topic: the context, e.g. `workflow`; one owner publishes to it. */
  readonly topic: string;
  readonly description: string;
  readonly schema: z.ZodType<T>;
  /** The subject of an event with this data, without a tenant. */
  subject(data: T): string;
  /** Builds the envelope; @throws AppError `internal` when `data` does not fit the schema. */
  create(data: T, facts: EventFacts): EventEnvelope<T>;
  /** Reads an envelope of this type; @throws AppError `invalid` when it does not fit. */
  parse(envelope: EventEnvelope): EventEnvelope<T>;
}

const registry = new Map<string, EventType>();
/** Envelopes that have been checked when they were made. */
const made = new WeakSet<EventEnvelope>();

/**
 * Declares an event type once. `name` is `<context>.<aggregate>.<fact>`; a breaking change is a new
 * version, never an edit. Consumers tolerate members that they do not know.
 */
export function defineEvent<S extends z.ZodType>(
  name: `${string}.${string}.${string}`,
  version: number,
  options: { description: string; schema: S; subject: (data: z.infer<S>) => string },
): EventType<z.infer<S>> {
  type Data = z.infer<S>;
  const type = `parley.${name}.v${version}`;
  if (registry.has(type)) throw new Error(`event type ${type} is declared twice`);
  const topic = name.slice(0, name.indexOf('.'));
  const declared: EventType<Data> = {
    type,
    topic,
    description: options.description,
    schema: options.schema as z.ZodType<Data>,
    subject: options.subject,
    create(data, facts) {
      const parsed = options.schema.safeParse(data);
      if (!parsed.success) {
        throw new AppError('internal', `event ${type} has data that does not fit its schema`, {
          cause: parsed.error,
        });
      }
      const envelope: EventEnvelope<Data> = {
        specversion: '1.0',
        id: facts.id,
        type,
        source: `/services/${topic}`,
        subject: options.subject(data),
        time: new Date(facts.timeMs).toISOString(),
        datacontenttype: 'application/json',
        tenantid: facts.tenantId,
        partitionkey: facts.key,
        ...(facts.traceparent === undefined ? {} : { traceparent: facts.traceparent }),
        data: parsed.data,
      };
      made.add(envelope);
      return envelope;
    },
    parse(envelope) {
      const parsed = options.schema.safeParse(envelope.data);
      if (envelope.type !== type || !parsed.success) {
        throw new AppError('invalid', `not a valid ${type}: ${envelope.id}`, {
          cause: parsed.error,
        });
      }
      return { ...envelope, data: parsed.data };
    },
  };
  registry.set(type, declared);
  return declared;
}

/** What the subject of an event of a type looks like, with the members of its data that it is made of. */
export function subjectPattern(type: EventType): string {
  const named = new Proxy({}, { get: (_target, name) => `{${String(name)}}` });
  return type.subject(named);
}

/** Every declared event type, sorted by name. */
export function eventTypes(): EventType[] {
  return [...registry.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** Whether the envelope is one that `create` made here, and not one that was read or copied. */
export function isMadeHere(envelope: EventEnvelope): boolean {
  return made.has(envelope);
}

/** The declared type with this name, e.g. `parley.workflow.run.completed.v1`. */
export function eventType(type: string): EventType | undefined {
  return registry.get(type);
}

/** Schema of the envelope, for checking what comes off the bus. */
export const EventEnvelopeSchema = z
  .object({
    specversion: z.literal('1.0'),
    id: z.string().min(1),
    type: z.string().regex(/^parley\.[a-z-]+\.[a-z-]+\.[a-z-]+\.v\d+$/),
    source: z.string(),
    subject: z.string(),
    time: z.iso.datetime(),
    datacontenttype: z.literal('application/json'),
    tenantid: z.string().min(1),
    partitionkey: z.string().min(1),
    traceparent: z.string().optional(),
    data: z.unknown(),
  })
  .meta({ id: 'EventEnvelope' });
