import { fold, isWord } from './characters.js';
import type { Anchor, CharacterTest, Pattern } from './pattern.js';

/** Pays for the search: each step of backtracking takes a little of the fuel. */
export interface SearchBudget {
  spend(steps: number): void;
}

/** A backtracking step takes longer than a step of a program. */
const STEP_COST = 4;

/** Where a group begins and ends, in code points; undefined when it took no part. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

interface State {
  readonly text: readonly number[];
  readonly searchStart: number;
  readonly groups: (Region | undefined)[];
  readonly budget: SearchBudget;
}

type Continue = (at: number) => boolean;

/** Matches from `at` and then goes on with `next`; restores the groups when that fails. */
export type Matcher = (at: number, state: State, next: Continue) => boolean;

/** One attempt at one position. Returns the end and the groups, or undefined. */
export function matchAt(
  matcher: Matcher,
  at: number,
  search: Omit<State, 'groups'> & { readonly accept: (end: number) => boolean },
): { readonly end: number; readonly groups: readonly (Region | undefined)[] } | undefined {
  const state: State = { ...search, groups: [] };
  let result: { end: number; groups: (Region | undefined)[] } | undefined;
  matcher(at, state, (end) => {
    if (result === undefined || end > result.end) result = { end, groups: [...state.groups] };
    return search.accept(end);
  });
  return result;
}

export function compilePattern(pattern: Pattern): Matcher {
  switch (pattern.kind) {
    case 'empty':
      return (at, _state, next) => next(at);
    case 'character':
      return character(pattern.test);
    case 'anchor':
      return anchor(pattern.at);
    case 'sequence':
      return pattern.parts.map(compilePattern).reduceRight(followedBy);
    case 'choice': {
      const parts = pattern.parts.map(compilePattern);
      return (at, state, next) => parts.some((part) => part(at, state, next));
    }
    case 'capture':
      return capture(pattern.index, compilePattern(pattern.body));
    case 'atomic':
      return atomic(compilePattern(pattern.body));
    case 'look':
      return look(pattern, compilePattern(pattern.body));
    case 'back-reference':
      return backReference(pattern.index, pattern.ignoreCase);
    case 'repeat':
      return pattern.body.kind === 'character'
        ? repeatCharacter(pattern, pattern.body.test)
        : repeat(pattern, compilePattern(pattern.body));
  }
}

function followedBy(rest: Matcher, first: Matcher): Matcher {
  return (at, state, next) => first(at, state, (middle) => rest(middle, state, next));
}

function character(test: CharacterTest): Matcher {
  return (at, state, next) => {
    state.budget.spend(STEP_COST);
    const code = state.text[at];
    return code !== undefined && test(code) && next(at + 1);
  };
}

const NEWLINE = 10;

function anchor(kind: Anchor): Matcher {
  return (at, state, next) => holds(kind, at, state) && next(at);
}

function holds(kind: Anchor, at: number, { text, searchStart }: State): boolean {
  switch (kind) {
    case 'text-start':
      return at === 0;
    case 'text-end':
      return at === text.length;
    case 'last-line-end':
      return at === text.length || (at === text.length - 1 && text[at] === NEWLINE);
    case 'line-start':
      return at === 0 || (text[at - 1] === NEWLINE && at < text.length);
    case 'line-end':
      return at === text.length || text[at] === NEWLINE;
    case 'word-boundary':
      return isWordAt(text, at - 1) !== isWordAt(text, at);
    case 'not-word-boundary':
      return isWordAt(text, at - 1) === isWordAt(text, at);
    case 'search-start':
      return at === searchStart;
  }
}

function isWordAt(text: readonly number[], at: number): boolean {
  const code = text[at];
  return code !== undefined && isWord(code);
}

function capture(index: number, body: Matcher): Matcher {
  return (start, state, next) => {
    const { groups } = state;
    return body(start, state, (end) => {
      const before = groups[index];
      groups[index] = { start, end };
      if (next(end)) return true;
      groups[index] = before;
      return false;
    });
  };
}

/** The first way in which the body matches counts; there is no going back into it. */
function atomic(body: Matcher): Matcher {
  return (at, state, next) => {
    const before = [...state.groups];
    let end = -1;
    const matched = body(at, state, (found) => {
      end = found;
      return true;
    });
    if (matched && next(end)) return true;
    state.groups.splice(0, state.groups.length, ...before);
    return false;
  };
}

function look(
  { behind, negative }: { readonly behind: boolean; readonly negative: boolean },
  body: Matcher,
): Matcher {
  const found = behind
    ? (at: number, state: State) => {
        for (let start = at; start >= 0; start -= 1) {
          if (body(start, state, (end) => end === at)) return true;
        }
        return false;
      }
    : (at: number, state: State) => body(at, state, () => true);
  return (at, state, next) => {
    const before = [...state.groups];
    const matched = found(at, state);
    if (negative || !matched) state.groups.splice(0, state.groups.length, ...before);
    return matched !== negative && next(at);
  };
}

function backReference(index: number, ignoreCase: boolean): Matcher {
  return (at, { text, groups, budget }, next) => {
    const group = groups[index];
    if (group === undefined) return false;
    const length = group.end - group.start;
    budget.spend(1 + length * STEP_COST);
    for (let i = 0; i < length; i += 1) {
      const wanted = text[group.start + i] ?? -1;
      const found = text[at + i] ?? -1;
      const same = wanted === found || (ignoreCase && found >= 0 && fold(wanted) === fold(found));
      if (!same) return false;
    }
    return next(at + length);
  };
}

type Repetition = Extract<Pattern, { kind: 'repeat' }>;

/** Single characters are counted in a loop: no recursion for `.*` over a long text. */
function repeatCharacter({ min, max, mode }: Repetition, test: CharacterTest): Matcher {
  return (at, state, next) => {
    const { text, budget } = state;
    const last = Math.min(text.length, at + max);
    const matches = (position: number): boolean =>
      position < last && test(text[position] as number);
    let end = at;
    const least = at + min;
    while (end < least && matches(end)) end += 1;
    if (end < least) return false;
    if (mode === 'lazy') {
      for (; ; end += 1) {
        budget.spend(STEP_COST);
        if (next(end)) return true;
        if (!matches(end)) return false;
      }
    }
    while (matches(end)) end += 1;
    budget.spend((1 + end - at) * STEP_COST);
    if (mode === 'possessive') return next(end);
    for (; end >= least; end -= 1) {
      budget.spend(STEP_COST);
      if (next(end)) return true;
    }
    return false;
  };
}

function repeat(repetition: Repetition, body: Matcher): Matcher {
  const { min, max, mode } = repetition;
  if (mode === 'possessive') return atomic(repeat({ ...repetition, mode: 'greedy' }, body));
  return (start, state, next) => {
    const attempt = (count: number, at: number): boolean => {
      state.budget.spend(STEP_COST);
      const again = (): boolean =>
        count < max &&
        // A round that took nothing ends the repetition: it would go on for ever.
        body(at, state, (end) => (end === at ? next(end) : attempt(count + 1, end)));
      if (count < min) return again();
      return mode === 'lazy' ? next(at) || again() : again() || next(at);
    };
    return attempt(0, start);
  };
}
