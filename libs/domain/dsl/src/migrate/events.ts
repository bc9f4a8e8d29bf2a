import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { dataOf, program, wrapped, type Around } from './expressions.js';
import type { Migration, Step } from './migration.js';
import type { Old } from './old.js';

/** Which of several events are waited for. */
export type Quantity = 'any' | 'all';

/** What a `listen` or a schedule waits for. */
export function consumptionOf(
  migration: Migration,
  references: readonly Old[],
  quantity: Quantity,
): JsonObject {
  const filters = references.map((reference) => filterOf(migration, reference));
  const [only] = filters;
  return filters.length === 1 && only !== undefined ? { one: only } : { [quantity]: filters };
}

function filterOf(migration: Migration, reference: Old): JsonObject {
  const name = reference.words ?? '';
  const event = migration.events.get(name);
  if (event === undefined) {
    migration.report.approximated(
      reference.pointer,
      `The event "${name}" is not defined: its name is taken as its type`,
    );
    return { with: { type: fixed(name) } };
  }
  event.member('name');
  event.member('kind');
  if (event.member('dataOnly')?.json === false) {
    migration.report.approximated(event.pointer, 'Only the data of the event is merged');
  }
  const attributes: Record<string, Json> = {};
  attributes['type'] = fixed(event.text('type') ?? name);
  const source = event.text('source');
  if (source !== undefined && isAddress(source)) attributes['source'] = source;
  const correlate = correlationOf(migration, event, attributes);
  return { with: attributes, ...(correlate === undefined ? {} : { correlate }) };
}

/** Fixed values become part of the filter; others belong together by their value. */
function correlationOf(
  migration: Migration,
  event: Old,
  attributes: Record<string, Json>,
): JsonObject | undefined {
  const correlate: Record<string, Json> = {};
  for (const item of event.items('correlation')) {
    const name = item.text('contextAttributeName');
    const value = item.text('contextAttributeValue');
    if (name === undefined) continue;
    if (value !== undefined) attributes[name.toLowerCase()] = value;
    else
      correlate[name] = {
        from: `.${/^[A-Za-z_]\w*$/.test(name) ? name : `[${JSON.stringify(name)}]`}`,
      };
  }
  if (Object.keys(correlate).length === 0) return undefined;
  migration.report.approximated(
    event.pointer,
    'Events belong together when the attribute is equal; the first event decides its value',
  );
  return correlate;
}

/** The type of an event, to tell it from others. */
export function typeOfEvent(migration: Migration, name: string): string {
  return fixed(migration.events.get(name)?.text('type') ?? name);
}

/** A text in which nothing is evaluated. */
function fixed(text: string): string {
  return text.replaceAll('${', () => '$${');
}

function isAddress(text: string): boolean {
  return text !== '' && !/[\s{}]/.test(text);
}

/** Sends a produced event. */
export function emitOf(
  migration: Migration,
  produced: Old,
  { eventKey, around }: { readonly eventKey: string; readonly around: Around },
): JsonObject {
  const name = produced.text(eventKey) ?? '';
  const event = migration.events.get(name);
  if (event === undefined) {
    migration.report.approximated(
      produced.pointer,
      `The event "${name}" is not defined: its name is taken as its type`,
    );
  }
  event?.member('kind');
  const source = event?.text('source');
  const data = produced.member('data');
  const extra = produced.member('contextAttributes');
  return {
    emit: {
      event: {
        with: {
          type: fixed(event?.text('type') ?? name),
          ...(source !== undefined && isAddress(source) && { source }),
          ...(data !== undefined && { data: eventData(migration, data, around) }),
          ...attributesOf(migration, extra, around),
        },
      },
    },
  };
}

function attributesOf(migration: Migration, extra: Old | undefined, around: Around): JsonObject {
  const data = extra === undefined ? {} : dataOf(migration, extra.json, around);
  return isJsonObject(data) ? data : {};
}

function eventData(migration: Migration, data: Old, around: Around): Json {
  const text = data.words;
  if (text === undefined) return dataOf(migration, data.json, around);
  return wrapped(program(migration, text, { ...around, pointer: data.pointer }));
}

/** Sends events one after the other. */
export function emitAll(migration: Migration, produced: readonly Old[]): Step[] {
  return produced.map((event) => ({
    name: event.text('eventRef') ?? 'emit',
    task: emitOf(migration, event, { eventKey: 'eventRef', around: { pointer: event.pointer } }),
  }));
}
