import type { JsonObject } from '@parley/kernel';
import { inputOf, labelOf, versionOf } from './actions.js';
import { emitAll } from './events.js';
import { freeName, type Migration, type Step } from './migration.js';
import type { Old } from './old.js';

/** A task of the top level and where it leads. */
export interface Stop extends Step {
  /** The name of another one, or `end`; undefined when the task says so itself. */
  readonly goto?: string;
}

/** Finds where transitions and ends lead; those that do something on the way get a task of their own. */
export class Routes {
  readonly extra: Stop[] = [];
  private readonly migration: Migration;
  /** Names of the new tasks by the names of the states. */
  private readonly names: ReadonlyMap<string, string>;
  private readonly taken: Set<string>;

  constructor(migration: Migration, names: ReadonlyMap<string, string>, taken: Set<string>) {
    this.migration = migration;
    this.names = names;
    this.taken = taken;
  }

  name(wanted: string): string {
    return freeName(this.taken, wanted);
  }

  /** Where a state, a condition or a handler leads. */
  of(holder: Old, from: string): string {
    const transition = holder.member('transition');
    const end = holder.member('end');
    if (transition !== undefined) return this.through(transition, this.target(transition), from);
    return end === undefined ? 'end' : this.ended(end, from);
  }

  private target(transition: Old): string {
    const wanted = transition.words ?? transition.text('nextState') ?? '';
    const name = this.names.get(wanted);
    if (name !== undefined) return name;
    this.migration.report.dropped(
      transition.pointer,
      `There is no state "${wanted}": the run ends`,
    );
    return 'end';
  }

  private ended(end: Old, from: string): string {
    if (end.isMap) end.member('terminate');
    const next = end.isMap ? end.member('continueAs') : undefined;
    if (next === undefined) return this.through(end, 'end', from);
    const continued = {
      name: this.name(`${from}Continued`),
      task: continuation(this.migration, next),
    };
    const target = this.through(end, continued.name, from);
    this.extra.push({ ...continued, goto: 'end' });
    return target;
  }

  /** Events that are produced on the way. */
  private through(way: Old, target: string, from: string): string {
    if (!way.isMap) return target;
    if (way.flag('compensate')) {
      this.migration.report.dropped(way.pointer, 'Compensation is not triggered by a transition');
    }
    const steps = emitAll(this.migration, way.items('produceEvents'));
    const [first] = steps;
    if (first === undefined) return target;
    const taken = new Set<string>();
    const task: JsonObject =
      steps.length === 1
        ? first.task
        : { do: steps.map((step) => ({ [freeName(taken, step.name)]: step.task })) };
    const name = this.name(`${from}Events`);
    this.extra.push({ name, task: keepingData(task), goto: target });
    return name;
  }
}

/** Sending events changes no data. */
function keepingData(task: JsonObject): JsonObject {
  return { ...task, output: { as: '${ $input }' } };
}

function continuation(migration: Migration, next: Old): JsonObject {
  const name = next.words ?? next.text('workflowId') ?? '';
  const version = next.text('version');
  const timeout = next.member('workflowExecTimeout');
  migration.report.approximated(
    next.pointer,
    `The run starts the workflow "${name}" of the namespace "default" and ends`,
  );
  if (timeout !== undefined) {
    migration.report.dropped(timeout.pointer, 'The other workflow has a timeout of its own');
  }
  return {
    run: {
      workflow: {
        namespace: 'default',
        name: labelOf(name),
        version: version === undefined ? 'latest' : versionOf(version),
        input: inputOf(migration, next.member('data')),
      },
      await: false,
    },
  };
}
