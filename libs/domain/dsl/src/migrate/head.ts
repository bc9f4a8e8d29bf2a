import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { parseCron } from '../values/cron.js';
import { parseDuration } from '../values/duration.js';
import { isTimezone } from '../values/timezone.js';
import { labelOf, versionOf } from './actions.js';
import { authenticationsOf } from './authentications.js';
import { durationOf } from './data.js';
import type { Migration } from './migration.js';
import type { Old } from './old.js';
import { retriesOf } from './retries.js';

/** `document`, `input`, `timeout` and `evaluate` of the new definition. */
export function headOf(migration: Migration, schedule: Schedule): JsonObject {
  const { root, report } = migration;
  const language = root.member('expressionLang');
  if (language !== undefined && language.words !== 'jq') {
    report.dropped(language.pointer, `Expressions in "${language.words ?? ''}" are read as jq`);
  }
  const timeout = workflowTimeout(migration);
  const input = inputSchema(migration);
  return {
    document: documentOf(migration, schedule.timezone),
    ...(Object.keys(schedule.schedule).length > 0 && { schedule: schedule.schedule }),
    ...(input !== undefined && { input: { schema: input } }),
    ...(timeout !== undefined && { timeout: { after: timeout } }),
  };
}

function documentOf(migration: Migration, timezone: string | undefined): JsonObject {
  const { root, report } = migration;
  root.member('specVersion');
  root.member('schemaVersion');
  const id = root.member('id') ?? root.member('key');
  const title = root.text('name');
  const name = labelOf(id?.words ?? title ?? 'workflow');
  if (id !== undefined && id.words !== name)
    report.approximated(id.pointer, `The name is "${name}"`);
  const old = root.member('version');
  const version = versionOf(old?.words ?? '0.1.0');
  if (old !== undefined && old.words !== version) {
    report.mapped(old.pointer, `The version is "${version}"`);
  }
  const summary = root.text('description');
  const annotations = root.member('annotations')?.json;
  const own = root.member('metadata')?.json;
  const metadata: JsonObject = {
    ...(own !== undefined && isJsonObject(own) && own),
    ...(annotations !== undefined && { annotations }),
    ...(timezone !== undefined && { timezone }),
  };
  return {
    dsl: '1.0.3',
    namespace: 'default',
    name,
    version,
    ...(title !== undefined && { title }),
    ...(summary !== undefined && { summary }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
}

function workflowTimeout(migration: Migration): string | undefined {
  const { timeouts, report } = migration;
  const value = timeouts?.member('workflowExecTimeout');
  if (value?.isMap !== true) return durationOf(migration, timeouts, 'workflowExecTimeout');
  const before = value.member('runBefore');
  if (before !== undefined) report.dropped(before.pointer, 'No state is run before the timeout');
  const interrupt = value.member('interrupt');
  if (interrupt?.json === false) {
    report.approximated(interrupt.pointer, 'A run that takes too long is interrupted');
  }
  return durationOf(migration, value, 'duration');
}

function inputSchema(migration: Migration): JsonObject | undefined {
  const schema = migration.root.member('dataInputSchema');
  if (schema === undefined) return undefined;
  const inner = schema.isMap ? schema.member('schema') : schema;
  if (schema.isMap && schema.member('failOnValidationErrors')?.json === false) {
    migration.report.dropped(schema.pointer, 'An input that does not fit its schema ends the run');
    return undefined;
  }
  if (inner === undefined) return { document: schema.json };
  if (inner.words === undefined) return { document: inner.json };
  if (!/^https?:/i.test(inner.words)) {
    migration.report.approximated(inner.pointer, `"${inner.words}" is no web address`);
  }
  const uri = /^[a-z][a-z\d+.-]*:/i.test(inner.words) ? inner.words : `file:///${inner.words}`;
  return { resource: { endpoint: uri } };
}

/** When runs start by themselves. */
export interface Schedule {
  readonly schedule: JsonObject;
  readonly timezone: string | undefined;
}

export function scheduleOf(migration: Migration): Schedule {
  const start = migration.root.member('start');
  const member = start?.isMap === true ? start.member('schedule') : undefined;
  if (member === undefined) return { schedule: {}, timezone: undefined };
  const zone = member.member('timezone');
  const timezone = zone?.words !== undefined && isTimezone(zone.words) ? zone.words : undefined;
  if (zone !== undefined && timezone === undefined) {
    migration.report.dropped(zone.pointer, 'There is no such time zone');
  }
  const cron = member.member('cron');
  const interval = member.isMap ? member.member('interval') : member;
  const schedule = cron === undefined ? everyOf(migration, interval) : cronOf(migration, cron);
  return { schedule, timezone };
}

/** `R/PT15M`, possibly with a number of repetitions and a time to begin. */
function everyOf(migration: Migration, interval: Old | undefined): JsonObject {
  const text = interval?.words;
  if (interval === undefined || text === undefined) return {};
  const parts = text.split('/');
  const every = parts.find((part) => /^P/.test(part) && parseDuration(part).ok);
  if (every === undefined) {
    migration.report.dropped(interval.pointer, `"${text}" is not an interval`);
    return {};
  }
  if (parts.some((part) => /^\d{4}-|^R\d/.test(part))) {
    migration.report.approximated(interval.pointer, 'The interval has no beginning, end or count');
  }
  return { every };
}

function cronOf(migration: Migration, cron: Old): JsonObject {
  const text = cron.words ?? cron.text('expression') ?? '';
  const until = cron.isMap ? cron.member('validUntil') : undefined;
  if (until !== undefined) migration.report.dropped(until.pointer, 'The schedule has no end');
  const fields = text.trim().replaceAll('?', '*').split(/\s+/);
  // Seconds first and a year last are what Quartz adds.
  const five = fields.length > 5 ? fields.slice(1, 6) : fields;
  const expression = five.join(' ');
  if (!parseCron(expression).ok) {
    migration.report.dropped(cron.pointer, `"${text}" is not a cron expression`);
    return {};
  }
  if (expression !== text.trim()) {
    migration.report.approximated(
      cron.pointer,
      `The schedule is "${expression}": seconds are not told`,
    );
  }
  return { cron: expression };
}

/** `use` of the new definition. */
export function useOf(migration: Migration): JsonObject {
  const { root, report } = migration;
  const secrets = root.member('secrets');
  if (secrets?.words !== undefined) {
    report.dropped(secrets.pointer, 'The names of secrets in a file of their own cannot be read');
  }
  const authentications = authenticationsOf(migration);
  const retries = retriesOf(migration);
  const names: Json[] = [...migration.secrets];
  const use: JsonObject = {
    ...(Object.keys(authentications).length > 0 && { authentications }),
    ...(Object.keys(retries).length > 0 && { retries }),
    ...(names.length > 0 && { secrets: names }),
  };
  return Object.keys(use).length === 0 ? {} : { use };
}
