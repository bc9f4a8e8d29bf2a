import type { Effect } from '../effects.js';
import type { Entry } from '../entries.js';
import type { RunError } from '../errors.js';
import type { OverlaidTasks, TaskTest } from '../overlay-entries.js';

/** An entry as one line of a golden scenario. */
export function describeEntry(entry: Entry): string {
  const { kind, at: _at, ...rest } = entry;
  const { occurrence, ...fields } = rest as { occurrence?: string } & Record<string, unknown>;
  return [kind, occurrence, ...Object.entries(fields).flatMap(describeField)]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}

/** An effect as one line of a golden scenario. */
export function describeEffect(effect: Effect): string {
  const { kind, occurrence, ...fields } = effect as Effect & Record<string, unknown>;
  const shown = Object.entries(fields).flatMap(describeField);
  return [kind, occurrence === '' ? '(run)' : occurrence, ...shown].join(' ');
}

/** Left out: what can be read from the occurrence. */
const implied = new Set(['node', 'parent', 'run', 'first']);

function describeField([name, value]: [string, unknown]): string[] {
  if (implied.has(name) || value === undefined) return [];
  if (name === 'attempt' && value === 1) return [];
  if (name === 'error') return [`error=${errorText(value as RunError)}`];
  if (name === 'next') return [`→ ${targetText(value as { to: string; node?: string })}`];
  if (name === 'tasks') return namedTasks(value as OverlaidTasks);
  if (name === 'tests') return [`tests=${(value as TaskTest[]).map(({ task }) => task).join()}`];
  const text = JSON.stringify(value);
  if (name === 'base' || name === 'revision') return [`${name}=${text.slice(1, 7)}`];
  if (name === 'task') return [text.slice(1, -1)];
  return [name === 'key' ? `key=${text.slice(1, 7)}` : `${name}=${text}`];
}

function namedTasks(tasks: OverlaidTasks): string[] {
  const entries = Object.entries(tasks) as [string, readonly string[]][];
  return entries.flatMap(([how, ids]) => (ids.length === 0 ? [] : [`${how}=${ids.join()}`]));
}

/** The detail of an expression's error is jq's own text, which is not this library's to pin. */
function errorText({ type, status, title, detail, instance }: RunError): string {
  const name = type.slice(type.lastIndexOf('/') + 1);
  const text = [title, name === 'expression' ? undefined : detail]
    .filter((part) => part !== undefined)
    .join(': ');
  return `${name}/${status}(${text})@${instance ?? ''}`;
}

function targetText({ to, node }: { to: string; node?: string }): string {
  return node === undefined ? to : node.slice(node.lastIndexOf('/') + 1);
}
