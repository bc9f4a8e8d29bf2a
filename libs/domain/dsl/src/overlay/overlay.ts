import type { OverlayOperation } from '@parley/contracts';
import { assert, err, isJsonObject, ok, type Json, type Result } from '@parley/kernel';
import { escapeToken } from '../source/tree.js';
import { applyPatch, Misfit, tokensOf, valueAt, type PatchOperation } from './patch.js';

/** Where in its list a task comes; without it, at the end. */
type Beside = Pick<Extract<OverlayOperation, { op: 'add' }>, 'before' | 'after'>;

export interface LoweredOverlay {
  /** The definition with the overlay on it. */
  readonly definition: Json;
  /** With indices, for the base alone: first the tests that it is the base. */
  readonly operations: readonly PatchOperation[];
  /** Static ids of the tasks that it names. */
  readonly tasks: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
    readonly moved: readonly string[];
  };
  /** What the tests look at. */
  readonly tested: readonly { readonly task: string; readonly pointer: string }[];
}

export interface OverlayProblem {
  /** Which operation, from 0. */
  readonly operation: number;
  readonly message: string;
}

/**
 * Lowers an overlay to a JSON Patch for a definition, and applies it. The pointers of an overlay name
 * tasks where a patch has their places in lists (`/do/checkStock/with/endpoint`), so that of a task is
 * its static id.
 *
 * P1  Every task that an operation names, and every one that it puts something beside, is tested to be
 *     what it is in the base, before anything is changed.
 * P2  Only tasks are changed, and under `/use` and `/output` what concerns no task by itself.
 */
export function lowerOverlay(
  definition: Json,
  operations: readonly OverlayOperation[],
): Result<LoweredOverlay, OverlayProblem> {
  const lowering = new Lowering(definition);
  for (const [operation, one] of operations.entries()) {
    try {
      lowering.take(one);
    } catch (thrown) {
      if (thrown instanceof Misfit) return err({ operation, message: thrown.message });
      throw thrown;
    }
  }
  return ok(lowering.finish());
}

/** A pointer of an operation, found in the document. */
interface Place {
  /** With indices. */
  readonly pointer: string;
  /** The innermost task that it is in, or is. */
  readonly task?: { readonly id: string; readonly pointer: string };
  /** The list of tasks that the last token names a task of, there or not. */
  readonly list?: { readonly id: string; readonly pointer: string; readonly name: string };
}

class Lowering {
  private readonly base: Json;
  private document: Json;
  private readonly lowered: PatchOperation[] = [];
  private readonly tests = new Map<string, string>();
  private readonly fresh = new Set<string>();
  private readonly tasks = {
    added: new Set<string>(),
    removed: new Set<string>(),
    changed: new Set<string>(),
    moved: new Set<string>(),
  };

  constructor(base: Json) {
    this.base = base;
    this.document = base;
  }

  take(operation: OverlayOperation): void {
    const { op } = operation;
    if (op === 'move' || op === 'copy') return this.transfer(operation);
    const place = this.placeOf(operation.path);
    if (op === 'add' && place.list !== undefined) return this.addTask(place.list, operation);
    if (op === 'remove' && place.list !== undefined) return this.removeTask(place);
    this.touch(place, operation.path, op === 'test' ? undefined : 'changed');
    const { pointer: path } = place;
    this.emit(op === 'remove' ? { op, path } : { op, path, value: operation.value });
  }

  finish(): LoweredOverlay {
    const { added, removed, changed, moved } = this.tasks;
    const tested = [...this.tests].map(([task, pointer]) => ({ task, pointer }));
    const tests = tested.map(({ pointer }): PatchOperation => {
      return { op: 'test', path: pointer, value: valueAt(this.base, pointer) ?? null };
    });
    const again = [...added].filter((id) => removed.has(id));
    return {
      definition: this.document,
      operations: [...tests, ...this.lowered],
      tasks: {
        added: [...added].filter((id) => !again.includes(id)),
        removed: [...removed].filter((id) => !again.includes(id)),
        changed: [...new Set([...changed, ...again])],
        moved: [...moved].filter((id) => !removed.has(id)),
      },
      tested,
    };
  }

  private addTask(
    list: NonNullable<Place['list']>,
    { value, ...beside }: { readonly value: Json } & Beside,
  ): void {
    const path = `${list.pointer}/${this.placeIn(list, beside)}`;
    this.emit({ op: 'add', path, value: { [list.name]: value } });
    this.added(`${list.id}/${escapeToken(list.name)}`);
  }

  private removeTask(place: Place): void {
    const { task } = place;
    if (task === undefined) throw new Misfit(`there is no task "${place.list?.name ?? ''}"`);
    this.test(task);
    this.emit({ op: 'remove', path: itemOf(task.pointer) });
    this.removed(task.id);
  }

  private transfer({
    op,
    from,
    path,
    ...beside
  }: Extract<OverlayOperation, { op: 'move' | 'copy' }>): void {
    const source = this.placeOf(from);
    const isTask = source.list !== undefined;
    if (isTask !== (this.placeOf(path).list !== undefined)) {
      throw new Misfit('a task goes to a list of tasks, and nothing else does');
    }
    if (!isTask || source.task === undefined) {
      this.touch(source, from, op === 'move' ? 'changed' : undefined);
      const target = this.placeOf(path);
      this.touch(target, path, 'changed');
      return this.emit({ op, from: source.pointer, path: target.pointer });
    }
    this.transferTask(op, source.task, { path, ...beside });
  }

  /** As the RFC has it, where a task goes is looked for when it has been taken away. */
  private transferTask(
    op: 'move' | 'copy',
    { id: from, pointer }: NonNullable<Place['task']>,
    { path, ...beside }: { readonly path: string } & Beside,
  ): void {
    const item = itemOf(pointer);
    const before = this.document;
    const value = valueAt(before, pointer) ?? null;
    this.test({ id: from });
    if (op === 'move') this.document = patched(before, { op: 'remove', path: item });
    const { list } = this.placeOf(path);
    if (list === undefined) throw new Misfit(`${path} is not in a list of tasks`);
    const to = `${list.pointer}/${this.placeIn(list, beside)}`;
    const id = `${list.id}/${escapeToken(list.name)}`;
    this.document = before;
    if (op === 'move' && id === from) {
      this.emit({ op, from: item, path: to });
      this.tasks.moved.add(id);
      return;
    }
    if (op === 'move') {
      this.emit({ op: 'remove', path: item });
      this.removed(from);
    }
    this.emit({ op: 'add', path: to, value: { [list.name]: value } });
    this.added(id);
  }

  /** The index of a task that is put into a list. */
  private placeIn(list: NonNullable<Place['list']>, { before, after }: Beside): number {
    const tasks = namesIn(valueAt(this.document, list.pointer));
    if (tasks.includes(list.name)) throw new Misfit(`there is a task "${list.name}" already`);
    const beside = before ?? after;
    if (beside === undefined) return tasks.length;
    const index = tasks.indexOf(beside);
    if (index < 0) throw new Misfit(`there is no task "${beside}" to be put beside`);
    this.test({ id: `${list.id}/${escapeToken(beside)}` });
    return before === undefined ? index + 1 : index;
  }

  private touch(place: Place, path: string, how: 'changed' | undefined): void {
    if (place.task === undefined) {
      if (/^\/(?:use|output)(?:\/|$)/.test(path)) return; // P2
      const { name } = place.list ?? {};
      throw new Misfit(
        name === undefined ? `${path} is not in a task` : `there is no task "${name}"`,
      );
    }
    this.test(place.task);
    if (how === 'changed' && !this.tasks.added.has(place.task.id)) {
      this.tasks.changed.add(place.task.id);
    }
  }

  /** P1: of what is in the base, not of what an operation before has put there. */
  private test({ id }: { readonly id: string }): void {
    if (this.fresh.has(id) || this.tests.has(id)) return;
    const pointer = placeOf(this.base, `/${id}`).task?.pointer;
    if (pointer !== undefined && valueAt(this.base, pointer) !== undefined) {
      this.tests.set(id, pointer);
    }
  }

  private added(id: string): void {
    this.tasks.added.add(id);
    this.fresh.add(id);
  }

  private removed(id: string): void {
    if (!this.tasks.added.delete(id) || this.tests.has(id)) this.tasks.removed.add(id);
    this.tasks.changed.delete(id);
  }

  private emit(operation: PatchOperation): void {
    this.document = patched(this.document, operation);
    this.lowered.push(operation);
  }

  private placeOf(path: string): Place {
    return placeOf(this.document, path);
  }
}

function patched(document: Json, operation: PatchOperation): Json {
  const result = applyPatch(document, [operation]);
  if (result.ok) return result.value;
  throw new Misfit(result.error.message);
}

/** Follows names through lists of tasks; the last token of a pointer may name what is not there. */
function placeOf(document: Json, path: string): Place {
  let pointer = '';
  let value: Json | undefined = document;
  let place: Omit<Place, 'pointer'> = {};
  const tokens = tokensOf(path);
  for (const [at, token] of tokens.entries()) {
    const escaped = escapeToken(token);
    const isLast = at === tokens.length - 1;
    if (!isTaskList(value, tokens[at - 1])) {
      pointer = `${pointer}/${escaped}`;
      value = valueAt({ value: value ?? null }, `/value/${escaped}`);
      if (value === undefined && !isLast) throw new Misfit(`there is nothing at ${pointer}`);
      place = place.task === undefined ? {} : { task: place.task };
      continue;
    }
    const index = namesIn(value).indexOf(token);
    if (index < 0 && !isLast) throw new Misfit(`there is no task "${token}" in ${pointer}`);
    const id = tokens.slice(0, at).map(escapeToken).join('/');
    const list = { id, pointer, name: token };
    if (index < 0) return { pointer, list };
    pointer = `${pointer}/${index}/${escaped}`;
    value = valueAt(document, pointer);
    place = { list, task: { id: `${id}/${escaped}`, pointer } };
  }
  if (isTaskList(value, tokens.at(-1))) throw new Misfit(`${path} is a list of tasks, not a task`);
  return { pointer, ...place };
}

/** Lists of tasks stand under these keywords, and have an object with one member for each task. */
function isTaskList(value: Json | undefined, key: string | undefined): value is Json[] {
  if (key !== 'do' && key !== 'try' && key !== 'branches') return false;
  return Array.isArray(value) && value.every((item) => nameOf(item) !== undefined);
}

function namesIn(value: Json | undefined): string[] {
  assert(Array.isArray(value), 'a list of tasks');
  return value.map((item) => nameOf(item) ?? '');
}

function nameOf(item: Json): string | undefined {
  const names = isJsonObject(item) ? Object.keys(item) : [];
  return names.length === 1 ? names[0] : undefined;
}

/** Of a task, the item that has it as its only member. */
function itemOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/'));
}
