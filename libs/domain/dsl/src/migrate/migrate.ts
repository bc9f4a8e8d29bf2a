import type { Diagnostic } from '@parley/contracts';
import { err, ok, type Json, type JsonObject, type Result } from '@parley/kernel';
import { formatDefinition } from '../format/format.js';
import { renderDefinition } from '../render/render.js';
import { parseDefinition, type ParsedSource } from '../source/parse.js';
import { memberOf, textOf } from '../source/tree.js';
import { headOf, scheduleOf, useOf, type Schedule } from './head.js';
import { beginMigration, freeName, type Migration } from './migration.js';
import { Old } from './old.js';
import type { MigrationNote } from './report.js';
import { Routes, type Stop } from './routes.js';
import { stopsOf, targetsOf } from './states.js';
import { scheduleOn } from './waiting.js';

/** A definition of the new language, and what became of the old one. */
export interface MigratedDefinition {
  readonly definition: string;
  readonly report: readonly MigrationNote[];
}

/**
 * Turns a definition of the Serverless Workflow DSL 0.8 (JSON or YAML) into one of the Open Workflow
 * DSL 1.0.3.
 *
 * M1  The states become the tasks of the top level, in the order in which they follow each other; a
 *     transition is a `then`.
 * M2  The data of a state is the input of its task; `output.as` merges results into it.
 * M3  What is not said in the report means the same as before. What cannot be done raises an error at
 *     run time: nothing is left out in silence.
 */
export function migrateDefinition(source: string): Result<MigratedDefinition, Diagnostic[]> {
  const parsed = parseDefinition(source);
  if (parsed.root === undefined) return err(parsed.reporter.diagnostics());
  const wrong = whyNotOld(parsed);
  if (wrong !== undefined) return err(wrong);
  const migration = beginMigration(new Old(parsed.root));
  const definition = migrated(migration);
  reportUnused(migration);
  for (const { pointer, key } of migration.root.leftOver()) {
    migration.report.dropped(pointer, `"${key}" has no counterpart`);
  }
  const text = formatDefinition(renderDefinition(definition));
  return text.ok ? ok({ definition: text.value, report: migration.report.list() }) : text;
}

/** What is defined and not used is not part of the new definition. */
function reportUnused({ functions, events, errors, report }: Migration): void {
  for (const definitions of [functions, events, errors]) {
    for (const [name, old] of definitions) {
      if (!old.isUnused) continue;
      report.dropped(old.pointer, `"${name}" is not used`);
      old.takeAll();
    }
  }
}

/** Definitions of the old language have states. */
function whyNotOld({ root, reporter }: ParsedSource): Diagnostic[] | undefined {
  const states = memberOf(root, 'states');
  const version = textOf(memberOf(root, 'specVersion')) ?? textOf(memberOf(root, 'schemaVersion'));
  const old = states?.kind === 'list' && states.items.length > 0;
  if (old && (version === undefined || /^v?0\.[5-9](\.|$)/.test(version))) return undefined;
  const dsl = memberOf(memberOf(root, 'document'), 'dsl');
  const at = dsl ?? memberOf(root, 'specVersion') ?? { span: { start: 0, end: 0 }, pointer: '' };
  reporter.report('PL1090', at, {
    message:
      dsl === undefined ? 'This is not a definition of version 0.8' : 'This is a newer definition',
    expected: 'an object with "specVersion" 0.8 and "states"',
    actual: version ?? textOf(dsl) ?? 'no version',
  });
  return reporter.diagnostics();
}

function migrated(migration: Migration): JsonObject {
  const { root } = migration;
  const states = root.items('states');
  const taken = new Set<string>();
  const own = new Map(
    states.map((state) => [state, freeName(taken, state.text('name') ?? 'state')]),
  );
  // Of several states with one name, transitions lead to the first.
  const names = new Map(
    [...own].reverse().map(([state, name]) => [state.text('name') ?? '', name]),
  );
  const first = startOf(migration, states);
  const schedule = scheduleOf(migration);
  const isStarted = startedByEvents(states, first, schedule);
  const stops = inOrder(states, first).flatMap((state) => {
    const routes = new Routes(migration, names, taken);
    const name = own.get(state) ?? 'state';
    const started = isStarted && state === first;
    return [...stopsOf({ migration, routes, state, name, names, started }), ...routes.extra];
  });
  const on = isStarted && first !== undefined ? scheduleOn(migration, first) : {};
  const head = headOf(migration, { ...schedule, schedule: { ...schedule.schedule, ...on } });
  return { ...head, ...useOf(migration), do: tasksOf(stops) };
}

function startOf({ root, report }: Migration, states: readonly Old[]): Old | undefined {
  const start = root.member('start');
  const name = start?.words ?? start?.text('stateName');
  const found = states.find((state) => name !== undefined && state.text('name') === name);
  if (start !== undefined && name !== undefined && found === undefined) {
    report.dropped(start.pointer, `There is no state "${name}": the first one is taken`);
  }
  return found ?? states[0];
}

/** A first state that waits for events, and that no other leads back to, starts the run. */
function startedByEvents(
  states: readonly Old[],
  first: Old | undefined,
  { schedule }: Schedule,
): boolean {
  if (first?.text('type') !== 'event' || Object.keys(schedule).length > 0) return false;
  return !states.some((state) => targetsOf(state).includes(first.text('name') ?? ''));
}

/** The states as they follow each other; what nothing leads to comes last. */
function inOrder(states: readonly Old[], first: Old | undefined): Old[] {
  const byName = new Map(states.toReversed().map((state) => [state.text('name') ?? '', state]));
  const order = new Set<Old>();
  const open = first === undefined ? [] : [first];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (order.has(state)) continue;
    order.add(state);
    const next = targetsOf(state).flatMap((name) => byName.get(name) ?? []);
    open.push(...next.reverse());
  }
  return [...order, ...states.filter((state) => !order.has(state))];
}

/** A `then` stands where the next task is not the next of the list. */
function tasksOf(stops: readonly Stop[]): Json[] {
  return stops.map(({ name, task, goto }, index) => {
    const next = stops[index + 1]?.name ?? 'end';
    return { [name]: goto === undefined || goto === next ? task : { ...task, then: goto } };
  });
}
