import { failure } from '../errors.js';
import { codepoints } from '../values/codepoints.js';
import { compilePattern, matchAt, type Matcher, type Region, type SearchBudget } from './match.js';
import { isAscii, nativeOf } from './native.js';
import { parseRegex } from './parse.js';

/** A regular expression with the flags that jq gives to its functions. */
export interface Regex {
  readonly groups: readonly (string | undefined)[];
  readonly global: boolean;
  /** All matches when `global`, else the first. Positions are in code points. */
  search(text: readonly number[], budget: SearchBudget, global: boolean): Match[];
  /** Whether there is a match, for the texts that this is simple for; else undefined. */
  quickTest(text: string, budget: SearchBudget): boolean | undefined;
}

export interface Match extends Region {
  readonly groups: readonly (Region | undefined)[];
}

/** Compiled expressions kept; the oldest goes first. */
const CACHE_SIZE_MAX = 500;
const cache = new Map<string, Regex>();

/** The one that was asked for last: most often it is the same expression again. */
let last: { readonly source: string; readonly flags: string; readonly regex: Regex } | undefined;

export function regexOf(source: string, flags: string): Regex {
  if (last?.source === source && last.flags === flags) return last.regex;
  const regex = lookUp(source, flags);
  last = { source, flags, regex };
  return regex;
}

function lookUp(source: string, flags: string): Regex {
  const key = `${flags}/${source}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const regex = build(source, flags);
  cache.set(key, regex);
  if (cache.size > CACHE_SIZE_MAX) {
    const oldest = cache.keys().next();
    if (oldest.done !== true) cache.delete(oldest.value);
  }
  return regex;
}

interface SearchFlags {
  readonly longest: boolean;
  readonly notEmpty: boolean;
}

function build(source: string, flags: string): Regex {
  const unknown = codepoints(flags).some((flag) => !'gixmspln'.includes(flag));
  if (unknown) throw failure(`${flags} is not a valid modifier string`);
  const has = (flag: string): boolean => flags.includes(flag);
  const { pattern, groups } = parseRegex(source, {
    ignoreCase: has('i'),
    extended: has('x'),
    dotAll: has('m') || has('p'),
    perLine: false,
  });
  const matcher = compilePattern(pattern);
  const search: SearchFlags = { longest: has('l'), notEmpty: has('n') };
  const native = search.notEmpty ? undefined : nativeOf(pattern);
  return {
    groups,
    global: has('g'),
    search: (text, budget, global) => findAll(matcher, search, { text, budget, global }),
    quickTest: (text, budget) => {
      if (native === undefined || text.length > native.lengthMax || !isAscii(text)) {
        return undefined;
      }
      budget.spend(text.length);
      return native.regex.test(text);
    },
  };
}

interface Search {
  readonly text: readonly number[];
  readonly budget: SearchBudget;
  readonly global: boolean;
}

function findAll(matcher: Matcher, flags: SearchFlags, { text, budget, global }: Search): Match[] {
  const found: Match[] = [];
  let from = 0;
  while (from <= text.length) {
    const match = findFrom(matcher, flags, { text, budget, from });
    if (match === undefined) break;
    const isEmpty = match.end === match.start;
    found.push(isEmpty ? emptyMatch(match.start, match.groups) : match);
    if (!global) break;
    if (isEmpty) found.push(...insideCharacter(matcher, { text, budget, at: match.start }));
    from = isEmpty ? match.end + 1 : match.end;
  }
  return found;
}

/** Stands for a byte that is a piece of a character. */
const PIECE = 0xfffd;

/**
 * After an empty match jq goes on with the next byte. So the bytes of one character are each tried,
 * and what matches there counts as being behind the character.
 */
function insideCharacter(
  matcher: Matcher,
  { text, budget, at }: Omit<Search, 'global'> & { readonly at: number },
): Match[] {
  const code = text[at] ?? 0;
  if (code < 0x80) return [];
  const bytes = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  const found: Match[] = [];
  for (let start = at + 1; start < at + bytes; start += 1) {
    budget.spend(text.length);
    const before = new Array<number>(start - at).fill(code);
    const behind = new Array<number>(at + bytes - start).fill(PIECE);
    const pieces = [...text.slice(0, at), ...before, ...behind, ...text.slice(at + 1)];
    const accept = (): boolean => true;
    const result = matchAt(matcher, start, { text: pieces, budget, searchStart: start, accept });
    if (result?.end === start) found.push(emptyMatch(at + 1, result.groups));
  }
  return found;
}

/** In an empty match jq takes all groups to be empty, too, also those of a look-ahead. */
function emptyMatch(at: number, groups: readonly (Region | undefined)[]): Match {
  const here: Region = { start: at, end: at };
  return { ...here, groups: groups.map((group) => group && here) };
}

/** The first match from `from` on; with the flag for it, the longest. */
function findFrom(
  matcher: Matcher,
  { longest, notEmpty }: SearchFlags,
  { text, budget, from }: Omit<Search, 'global'> & { readonly from: number },
): Match | undefined {
  let best: Match | undefined;
  for (let start = from; start <= text.length; start += 1) {
    budget.spend(0.2);
    const isWanted = (end: number): boolean => !notEmpty || end > start;
    const result = matchAt(matcher, start, {
      text,
      budget,
      searchStart: from,
      accept: (end) => !longest && isWanted(end),
    });
    if (result === undefined || !isWanted(result.end)) continue;
    const match = { start, end: result.end, groups: result.groups };
    if (!longest) return match;
    if (best === undefined || bytesIn(text, match) > bytesIn(text, best)) best = match;
  }
  return best;
}

/** The longest match is the one of the most bytes of UTF-8. */
function bytesIn(text: readonly number[], { start, end }: Region): number {
  let bytes = 0;
  for (let at = start; at < end; at += 1) {
    const code = text[at] ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
