import type { Json } from '@parley/kernel';
import type { Changed, FrameChange, ItemChange, MemberChanges } from '../changed-entries.js';
import type { Draft } from '../draft.js';
import type { Entry, EntryBody } from '../entries.js';
import { jsonSize } from '../json-size.js';
import type { FrameChanges } from '../live-frames.js';
import type { Frame, Ready, RunState } from '../state.js';

type Members = Readonly<Record<string, Json | undefined>>;

/**
 * Entries that follow one another and that the fast path does not record one by one.
 *
 * FP1  Only steps that tell nobody anything are left out: what was started, called, asked, answered,
 *      emitted, failed, retried, undone or said by somebody is recorded whole.
 * FP2  What stands in their place is the difference that they made to the state, so folding gives the
 *      state that the steps gave. Where that is longer than the steps are, these are recorded.
 */
export class Stretch {
  readonly entries: Entry[] = [];
  private readonly draft: Draft;
  private readonly before: RunState;
  private readonly ready: readonly Ready[];
  private readonly changes: FrameChanges;
  private bytes = 0;

  constructor(draft: Draft) {
    this.draft = draft;
    this.before = { ...draft.state };
    this.ready = [...draft.state.ready];
    this.changes = draft.watch();
  }

  add(entry: Entry, bytes: number): void {
    this.entries.push(entry);
    this.bytes += bytes;
  }

  /**
   * What is recorded.
   * @param over the next entry ends the run
   */
  end(over: boolean): readonly Entry[] {
    this.draft.unwatch();
    const [first] = this.entries;
    if (first === undefined) return [];
    const entry = { ...this.difference(over), at: first.at } as Entry;
    if (jsonSize(entry as unknown as Json) >= this.bytes) return this.entries;
    const { state } = this.draft;
    state.entries = this.before.entries + 1;
    state.unrecorded = (this.before.unrecorded ?? 0) + this.entries.length;
    return [entry];
  }

  private difference(over: boolean): Changed {
    const { before, changes, ready, entries } = this;
    const { state } = this.draft;
    const closed = [...changes.closed];
    const frames = over ? [] : [...changes.edited].flatMap((pair) => this.changeOf(...pair));
    const opened = over ? [] : [...changes.opened].flatMap((name) => state.frames.get(name) ?? []);
    const members = membersChanged(rest(before), rest(state));
    return {
      kind: 'changed',
      count: entries.length,
      ...(closed.length > 0 && { closed }),
      ...(frames.length > 0 && { frames }),
      ...(opened.length > 0 && { opened }),
      ...(!over && !isSame(ready, state.ready) && { ready: [...state.ready] }),
      ...(members !== undefined && { state: members }),
      ...(over && { over }),
    };
  }

  private changeOf(occurrence: string, before: Frame): FrameChange[] {
    const after = this.draft.state.frames.get(occurrence);
    if (after === undefined) return [];
    const lists: Record<string, readonly ItemChange[]> = {};
    for (const [name, value] of Object.entries(after) as [string, Json][]) {
      const old = (before as unknown as Members)[name];
      if (value === old || !Array.isArray(value) || !Array.isArray(old)) continue;
      const items = itemsChanged(old, value);
      if (items !== undefined) lists[name] = items;
    }
    const members = membersChanged(
      before as unknown as Members,
      after as unknown as Members,
      Object.keys(lists),
    );
    const items = Object.keys(lists).length > 0 ? { items: lists } : undefined;
    if (members === undefined && items === undefined) return [];
    return [{ occurrence, ...members, ...items }];
  }
}

/** The members of a state that are not told in another way. */
function rest(state: RunState): Members {
  const { frames: _frames, ready: _ready, entries: _entries, ...others } = state;
  const { at: _at, unrecorded: _unrecorded, ...members } = others;
  return members as unknown as Members;
}

function membersChanged(
  before: Members,
  after: Members,
  told: readonly string[] = [],
): MemberChanges | undefined {
  const set: Record<string, Json> = {};
  for (const [name, value] of Object.entries(after)) {
    if (value !== undefined && value !== before[name] && !told.includes(name)) set[name] = value;
  }
  const unset = Object.keys(before).filter((name) => after[name] === undefined);
  const isSet = Object.keys(set).length > 0;
  if (!isSet && unset.length === 0) return undefined;
  return { ...(isSet && { set }), ...(unset.length > 0 && { unset }) };
}

/** Where a list has other items than before; undefined when it is shorter to say what it is. */
function itemsChanged(before: readonly Json[], after: readonly Json[]): ItemChange[] | undefined {
  if (after.length < before.length) return undefined;
  const changes: ItemChange[] = [];
  for (let index = 0; index < after.length; index += 1) {
    const value = after[index] ?? null;
    if (index >= before.length || value !== before[index]) changes.push([index, value]);
  }
  return changes;
}

function isSame(before: readonly Ready[], after: readonly Ready[]): boolean {
  return before.length === after.length && before.every((item, index) => item === after[index]);
}

/** FP1 */
export function isLeftOut(body: EntryBody): boolean {
  switch (body.kind) {
    case 'ran':
    case 'skipped':
    case 'entered':
    case 'iterated':
    case 'invoked':
    case 'completed':
    case 'mapped':
    case 'itemStarted':
      return true;
    case 'itemEnded':
      return body.failed !== true;
    default:
      return false;
  }
}
