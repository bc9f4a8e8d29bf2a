import { err, ok, type Json, type JsonObject, type Result } from '@parley/kernel';
import { orderTask, taskOrder } from '../render/order.js';
import { renderStep } from '../render/render.js';
import { toJson, type ListNode, type MapNode } from '../source/tree.js';
import type { AddStep, MoveStep, Placement, RemoveStep, ReplaceStep, WrapSteps } from './edits.js';
import { insertLines, insertStep, removeStep, type NewStep } from './list-edits.js';
import { findList, findListOwner, findStep, pathsLike, type FoundStep } from './locate.js';
import type { Edited, Readable, Refusal } from './refusal.js';
import { nextChange, setMember } from './member-edits.js';
import { applyPatches, columnOf, itemLines, reindent, startsItsLine, type Patch } from './text.js';

export function addStep(parsed: Readable, edit: AddStep): Edited {
  return insertAt(parsed, edit.at ?? { in: 'do' }, { name: edit.name, task: edit.task });
}

export function removeStepAt(parsed: Readable, edit: RemoveStep): Edited {
  const found = stepAt(parsed, edit.step);
  if (!found.ok) return found;
  return patched(parsed, [removeStep(parsed, found.value.list, found.value.index)]);
}

/** Member by member, so that what stays equal keeps its bytes and comments. */
export function replaceStep(
  parsed: Readable,
  edit: ReplaceStep,
  reparse: (source: string) => Readable | undefined,
): Edited {
  const wanted = orderTask(edit.task) as JsonObject;
  let current: Readable = parsed;
  for (let round = 0; round < replaceRoundsMax; round += 1) {
    const found = stepAt(current, edit.step);
    if (!found.ok) return found;
    const { entry, item } = found.value;
    const patch =
      entry.value.kind === 'map'
        ? nextChange(current, entry.value, wanted, taskOrder(wanted))
        : setMember(current, item, { key: entry.key, value: wanted });
    if (patch === undefined) return ok(current.source);
    const next = reparse(applyPatches(current.source, [patch]));
    if (next === undefined) break;
    current = next;
  }
  return err({
    code: 'PL1083',
    message: `The step "${edit.step}" cannot be replaced as it is written`,
  });
}

/** A replacement changes at most this many members. */
const replaceRoundsMax = 1000;

export function moveStep(
  parsed: Readable,
  edit: MoveStep,
  reparse: (source: string) => Readable | undefined,
): Edited {
  const found = stepAt(parsed, edit.step);
  if (!found.ok) return found;
  const target = placeOf(edit.at);
  if (target === edit.step || target.startsWith(`${edit.step}/`)) {
    return err({
      code: 'PL1081',
      message: `The step "${edit.step}" cannot be put beside or into itself`,
    });
  }
  const { entry } = found.value;
  const raw = rawStep(parsed, found.value);
  const without = removeStepAt(parsed, { kind: 'removeStep', step: edit.step });
  const rest = without.ok ? reparse(without.value) : undefined;
  if (!without.ok || rest === undefined) return without.ok ? cannotMove(edit.step) : without;
  return insertAt(rest, edit.at, { name: entry.key, task: toJson(entry.value) }, raw);
}

function cannotMove(step: string): Edited {
  return err({ code: 'PL1083', message: `The step "${step}" cannot be moved as it is written` });
}

const wrapMark = 'the-steps-go-here';

export function wrapSteps(parsed: Readable, edit: WrapSteps): Edited {
  const run = neighbours(parsed, edit.steps);
  if (!run.ok) return run;
  const { list, first, last } = run.value;
  const taken = nameTaken(list, edit.name, edit.steps);
  if (taken !== undefined) return err(taken);
  const into = (edit.into ?? 'do').split('/');
  if (list.flow) return wrapFlow(parsed, run.value, edit, into);
  const start = itemLines(parsed, list, first).start;
  const end = itemLines(parsed, list, last).end;
  const raw = parsed.source.slice(start, end);
  const column = columnOf(parsed, list.dashes[first] ?? 0);
  const wrapper = renderStep(edit.name, withList(edit.task, into, [wrapMark]), column);
  const mark = new RegExp(`^( *)- ${wrapMark}\n`, 'm').exec(wrapper);
  if (mark === null) return err({ code: 'PL1083', message: 'The new task cannot hold steps' });
  const inner = reindent(raw.endsWith('\n') ? raw : `${raw}\n`, (mark[1]?.length ?? 0) - column);
  const text = wrapper.slice(0, mark.index) + inner + wrapper.slice(mark.index + mark[0].length);
  const newText = raw.endsWith('\n') ? text : text.replace(/\n$/, '');
  return ok(applyPatches(parsed.source, [{ start, end, newText }]));
}

interface Run {
  readonly list: ListNode;
  readonly first: number;
  readonly last: number;
}

function neighbours(parsed: Readable, paths: readonly string[]): Result<Run, Refusal> {
  const found: FoundStep[] = [];
  for (const path of paths) {
    const step = stepAt(parsed, path);
    if (!step.ok) return step;
    found.push(step.value);
  }
  const indices = found.map((step) => step.index).sort((a, b) => a - b);
  const [first] = indices;
  const last = indices.at(-1);
  const list = found[0]?.list;
  const together =
    first !== undefined &&
    last !== undefined &&
    found.every((step) => step.list === list) &&
    new Set(indices).size === last - first + 1;
  if (!together || list === undefined) {
    return err({ code: 'PL1081', message: 'Only neighbouring steps of one list can be wrapped' });
  }
  return ok({ list, first, last });
}

function wrapFlow(parsed: Readable, run: Run, edit: WrapSteps, into: readonly string[]): Edited {
  const inner = run.list.items.slice(run.first, run.last + 1);
  const start = inner[0]?.span.start ?? 0;
  const end = inner.at(-1)?.span.end ?? start;
  const task = orderTask(withList(edit.task, into, inner.map(toJson)));
  const newText = JSON.stringify({ [edit.name]: task });
  return patched(parsed, [{ start, end, newText }]);
}

/** A task with a list at the end of a path of members. */
function withList(task: JsonObject, path: readonly string[], list: Json[]): JsonObject {
  const [key = 'do', ...rest] = path;
  if (rest.length === 0) return { ...task, [key]: list };
  const inner = task[key];
  const object = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...task, [key]: withList(object, rest, list) };
}

function insertAt(parsed: Readable, at: Placement, step: NewStep, raw?: RawStep): Edited {
  const place = placeAt(parsed, at);
  if (!place.ok) return place;
  if ('map' in place.value) {
    const { map, key } = place.value;
    const value = [{ [step.name]: orderTask(step.task) }];
    return patched(parsed, [setMember(parsed, map, { key, value }, taskOrder(toJson(map)))]);
  }
  const { list, index } = place.value;
  const taken = nameTaken(list, step.name);
  if (taken !== undefined) return err(taken);
  if (raw === undefined || list.flow || list.items.length === 0) {
    return patched(parsed, [insertStep(parsed, list, index, step)]);
  }
  const column = columnOf(parsed, list.dashes[0] ?? 0);
  return patched(parsed, [
    insertLines(parsed, list, index, reindent(raw.text, column - raw.column)),
  ]);
}

type Place =
  | { readonly list: ListNode; readonly index: number }
  | { readonly map: MapNode; readonly key: string };

function placeAt(parsed: Readable, at: Placement): Result<Place, Refusal> {
  if ('in' in at) {
    const list = findList(parsed.root, at.in);
    if (list !== undefined) return ok({ list, index: at.first === true ? 0 : list.items.length });
    const owner = findListOwner(parsed.root, at.in);
    if (owner !== undefined) return ok(owner);
    return err({
      code: 'PL1080',
      message: `There is no list "${at.in}"`,
      suggestions: pathsLike(parsed.root, at.in),
    });
  }
  const found = stepAt(parsed, placeOf(at));
  if (!found.ok) return found;
  const { list, index } = found.value;
  return ok({ list, index: 'after' in at ? index + 1 : index });
}

function placeOf(at: Placement): string {
  if ('in' in at) return at.in;
  return 'after' in at ? at.after : at.before;
}

/** The step that an edit names. */
export function stepAt(parsed: Readable, path: string): Result<FoundStep, Refusal> {
  const found = findStep(parsed.root, path);
  if (found !== undefined) return ok(found);
  const suggestions = pathsLike(parsed.root, path);
  return err({ code: 'PL1080', message: `There is no step "${path}"`, suggestions });
}

interface RawStep {
  readonly text: string;
  readonly column: number;
}

/** The lines of a block step as they are, or undefined where it has none of its own. */
function rawStep(parsed: Readable, step: FoundStep): RawStep | undefined {
  const dash = step.list.dashes[step.index];
  if (step.list.flow || dash === undefined || !startsItsLine(parsed, dash)) return undefined;
  const { start, end } = itemLines(parsed, step.list, step.index);
  const text = parsed.source.slice(start, end);
  return { text: text.endsWith('\n') ? text : `${text}\n`, column: columnOf(parsed, dash) };
}

function nameTaken(
  list: ListNode,
  name: string,
  except: readonly string[] = [],
): Refusal | undefined {
  const names = list.items.flatMap((item) =>
    item.kind === 'map' ? (item.entries[0]?.key ?? []) : [],
  );
  const leaving = except.some((path) => path.endsWith(`/${name}`));
  if (!names.includes(name) || leaving) return undefined;
  let count = 2;
  while (names.includes(`${name}${count}`)) count += 1;
  return {
    code: 'PL1082',
    message: `The list has a step "${name}" already`,
    suggestions: [`${name}${count}`],
    at: list,
  };
}

/** The text with patches applied. */
export function patched(parsed: Readable, patches: readonly Patch[]): Edited {
  return ok(applyPatches(parsed.source, patches));
}
