import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import type { Change } from './mutant.js';
import type { Random } from './random.js';
import { added, removed, renamed, replaced, valueAt, type Path, type Site } from './sites.js';

/** Makes one change at a site of a definition, or says that it does not apply there. */
export type Operator = (definition: JsonObject, site: Site, random: Random) => Change | undefined;

const keywords = [
  'call',
  'do',
  'emit',
  'for',
  'fork',
  'listen',
  'raise',
  'run',
  'set',
  'switch',
  'try',
  'wait',
];
const words = [
  ...keywords,
  'with',
  'catch',
  'then',
  'if',
  'input',
  'output',
  'from',
  'as',
  'type',
  'use',
  'name',
];

/** The one kind of change that is made in two places. */
export const twoPlaces = 'values of two members exchanged';

/** By kind. A change that leaves the definition as it was is dropped by the caller. */
export const structural: Readonly<Record<string, Operator>> = {
  'member removed': (definition, { path }) =>
    isMember(definition, path) ? { value: removed(definition, path), touched: [path] } : undefined,
  'key misspelt': (definition, { path }, random) => {
    if (!isMember(definition, path)) return undefined;
    return rename(definition, path, misspelt(String(path.at(-1)), random));
  },
  'key of another member': (definition, { path }, random) =>
    isMember(definition, path) ? rename(definition, path, random.pick(words)) : undefined,
  'unknown key added': (definition, { path, value }, random) => {
    if (!isJsonObject(value)) return undefined;
    const key = random.pick(['foreign', 'x-note', 'comment', 'id']);
    return { value: added(definition, path, key, random.pick(fillers)), touched: [[...path, key]] };
  },
  'type of a scalar': (definition, site) =>
    isScalar(site.value) ? swap(definition, site, otherType(site.value)) : undefined,
  'wrapped in a list': (definition, site) =>
    site.path.length > 0 ? swap(definition, site, [site.value]) : undefined,
  'wrapped in an object': (definition, site, random) =>
    site.path.length > 0
      ? swap(definition, site, { [random.pick(['value', 'do', 'with'])]: site.value })
      : undefined,
  'made nothing': (definition, site) => swap(definition, site, null),
  'made an empty text': (definition, site) => swap(definition, site, ''),
  'made an empty list': (definition, site) => swap(definition, site, []),
  'made an empty object': (definition, site) => swap(definition, site, {}),
  'made a number': (definition, site) => swap(definition, site, 42),
  'made a text': (definition, site) => swap(definition, site, 'some text'),
  'word changed': (definition, site, random) =>
    typeof site.value === 'string' && /^[A-Za-z][\w-]*$/.test(site.value)
      ? swap(definition, site, misspelt(site.value, random))
      : undefined,
  'pattern broken': (definition, site, random) => {
    const broken = typeof site.value === 'string' ? breakPattern(site.value) : undefined;
    return broken === undefined ? undefined : swap(definition, site, random.pick(broken));
  },
  'number out of range': (definition, site, random) =>
    typeof site.value === 'number'
      ? swap(definition, site, random.pick([-1, 1.5, 1e9, 70_000]))
      : undefined,
  'second keyword': (definition, { path, value }, random) => {
    if (!isTask(value, path)) return undefined;
    const [key, member] = random.pick(
      otherKeywords.filter(([word]) => !Object.hasOwn(value, word)),
    );
    return { value: added(definition, path, key, member), touched: [path] };
  },
  'moved one level up': (definition, { path, value }) => {
    const owner = path.slice(0, -1);
    const above = valueAt(definition, path.slice(0, -2));
    if (!isMember(definition, path) || owner.length === 0 || !isJsonObject(above)) return undefined;
    const to = [...path.slice(0, -2), String(path.at(-1))];
    if (valueAt(definition, to) !== undefined) return undefined;
    const moved = added(removed(definition, path), path.slice(0, -2), String(path.at(-1)), value);
    return { value: moved, touched: [path, to] };
  },
  'moved one level down': (definition, { path, value }) => {
    const owner = path.slice(0, -1);
    const inside = valueAt(definition, owner);
    if (!isMember(definition, path) || !isJsonObject(inside)) return undefined;
    const next = Object.entries(inside).find(
      ([key, member]) => key !== path.at(-1) && isJsonObject(member),
    );
    if (next === undefined || Object.hasOwn(next[1] as JsonObject, String(path.at(-1))))
      return undefined;
    const to = [...owner, next[0], String(path.at(-1))];
    const moved = added(removed(definition, path), [...owner, next[0]], String(path.at(-1)), value);
    return { value: moved, touched: [path, to] };
  },
  'item removed': (definition, { path }) =>
    Array.isArray(valueAt(definition, path.slice(0, -1))) && path.length > 0
      ? { value: removed(definition, path), touched: [path] }
      : undefined,
  'two tasks in one item': (definition, { path, value }, random) => {
    if (!isTaskItem(value)) return undefined;
    const key = random.pick(['other', 'wait', 'next']);
    // Either of the two may be the one too many.
    const both = [...Object.keys(value), key].map((name) => [...path, name]);
    return { value: added(definition, path, key, { wait: 'PT1S' }), touched: both };
  },
  [twoPlaces]: (definition, { path, value }, random) => {
    if (!isJsonObject(value) || Object.keys(value).length < 2) return undefined;
    const [a = '', b = ''] = random.sample(Object.keys(value), 2);
    const next = Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        (key === a ? value[b] : key === b ? value[a] : member) as Json,
      ]),
    );
    return {
      value: replaced(definition, path, next),
      touched: [
        [...path, a],
        [...path, b],
      ],
    };
  },
};

const fillers: readonly Json[] = [1, 'text', true, {}, []];
const otherKeywords: readonly (readonly [string, Json])[] = [
  ['wait', 'PT1S'],
  ['set', { a: 1 }],
  ['do', []],
  ['raise', { error: { type: 'https://example.com/e', status: 400 } }],
];

function swap(definition: Json, site: Site, next: Json): Change {
  return { value: replaced(definition, site.path, next), touched: [site.path] };
}

function rename(definition: Json, path: Path, to: string): Change | undefined {
  const sibling = [...path.slice(0, -1), to];
  if (valueAt(definition, sibling) !== undefined) return undefined;
  return { value: renamed(definition, path, to), touched: [sibling, path] };
}

function isMember(definition: Json, path: Path): boolean {
  return path.length > 0 && isJsonObject(valueAt(definition, path.slice(0, -1)));
}

function isScalar(value: Json): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** A task: what a list item or a function names. Data that looks like one is none. */
export function isTask(value: Json, path: Path): value is JsonObject {
  const owner = path.at(-2);
  const named = typeof owner === 'number' || owner === 'functions';
  return named && !path.some((key) => key === 'set' || key === 'body') && looksLikeTask(value);
}

function looksLikeTask(value: Json): value is JsonObject {
  return isJsonObject(value) && keywords.some((word) => Object.hasOwn(value, word));
}

export function isTaskItem(value: Json): value is JsonObject {
  const members = isJsonObject(value) ? Object.values(value) : [];
  return members.length === 1 && looksLikeTask(members[0] ?? null);
}

function otherType(value: string | number | boolean): Json {
  if (typeof value === 'string') return 7;
  return typeof value === 'number' ? String(value) : String(value);
}

/** One typing mistake: two letters exchanged, one left out, one too many. */
function misspelt(word: string, random: Random): string {
  const at = random.below(Math.max(1, word.length - 1));
  const exchanged = word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
  const options = [exchanged, word.slice(0, at) + word.slice(at + 1), `${word}s`];
  return random.pick(options.filter((option) => option !== word && option !== ''));
}

/** Texts of a known form, broken in ways that the form excludes. */
function breakPattern(text: string): string[] | undefined {
  if (/^\d+\.\d+\.\d+/.test(text)) return [`v${text}`, '1.0', `${text}.4`, '01.0.0', 'latest'];
  if (/^P(T?\d)/.test(text))
    return ['P', 'PT', text.toLowerCase(), `${text}X`, '5 minutes', 'T30S'];
  if (/^https?:\/\//.test(text)) return [`${text} x`, ` ${text}`, `${text}/a b`, '', '\t'];
  if (/^\s*\$\{.*\}\s*$/s.test(text)) return [text.replace(/\}\s*$/, ''), text.slice(1)];
  if (/^[a-z]+(-[a-z]+)+$/.test(text))
    return [`${text}-`, `-${text}`, text.replace('-', '_'), 'a b'];
  return undefined;
}
