import type { JsonObject } from '@parley/kernel';
import type { Old } from './old.js';
import { Report } from './report.js';

/** A named task of the new definition. */
export interface Step {
  readonly name: string;
  readonly task: JsonObject;
}

/** Everything that the parts of a migration share. */
export interface Migration {
  readonly root: Old;
  readonly report: Report;
  readonly functions: ReadonlyMap<string, Old>;
  readonly events: ReadonlyMap<string, Old>;
  readonly errors: ReadonlyMap<string, Old>;
  readonly retries: ReadonlyMap<string, Old>;
  readonly authentications: ReadonlySet<string>;
  /** Default timeouts of states, actions, branches and events. */
  readonly timeouts: Old | undefined;
  readonly constants: Old | undefined;
  readonly retriesByItself: boolean;
  /** Secrets that expressions turned out to use. */
  readonly secrets: Set<string>;
}

export function beginMigration(root: Old): Migration {
  const report = new Report();
  const named = (key: string) => {
    const member = root.member(key);
    if (member !== undefined && member.node.kind !== 'list') {
      report.dropped(member.pointer, `"${key}" in a file of its own cannot be read: write it out`);
    }
    return new Map(root.items(key).map((item) => [item.text('name') ?? '', item]));
  };
  const timeouts = root.member('timeouts');
  const constants = root.member('constants');
  return {
    root,
    report,
    functions: named('functions'),
    events: named('events'),
    errors: named('errors'),
    retries: named('retries'),
    authentications: new Set(named('auth').keys()),
    timeouts: timeouts?.isMap === true ? timeouts : undefined,
    constants: constants?.isMap === true ? constants : undefined,
    retriesByItself: root.flag('autoRetries'),
    secrets: new Set(root.texts('secrets')),
  };
}

/** A name that is not taken, and takes it. */
export function freeName(taken: Set<string>, wanted: string): string {
  const base = wanted.trim() === '' ? 'task' : wanted.slice(0, nameLengthMax);
  let name = base;
  for (let count = 2; taken.has(name) || directives.has(name); count += 1) name = `${base}${count}`;
  taken.add(name);
  return name;
}

/** Longer names are cut. */
const nameLengthMax = 190;
const directives: ReadonlySet<string> = new Set(['continue', 'exit', 'end']);

/** The task that says at run time what could not be migrated. */
export function impossible(what: string): JsonObject {
  return {
    raise: {
      error: {
        type: 'https://open-workflow-specification.org/spec/1.0.0/errors/configuration',
        status: 501,
        title: what.replaceAll('${', () => '$${'),
      },
    },
  };
}
