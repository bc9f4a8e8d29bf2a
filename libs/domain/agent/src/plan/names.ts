import type { Token } from '../language/tokens.js';
import { isStopWord } from '../language/lexicon.js';
import { wordsOf } from '../language/stem.js';
import { capital } from '../catalogue/operation.js';
import { isAuxiliary, isDeterminer } from '../request/cursor.js';

const nameLengthMax = 40;
const wordsMax = 4;

/** `Check the upper level!` → `checkUpperLevel`. */
export function camelName(words: readonly string[], fallback: string): string {
  const kept = words.flatMap(wordsOf).slice(0, wordsMax);
  let name = '';
  for (const word of kept) {
    const next = name === '' ? word : name + capital(word);
    if (next.length > nameLengthMax) break;
    name = next;
  }
  return /^[a-z]/.test(name) ? name : name === '' ? fallback : `${fallback}${capital(name)}`;
}

/** The words of a phrase that a name is made of. */
export function namingWords(tokens: readonly Token[]): string[] {
  return tokens
    .filter(
      (token) =>
        (token.kind === 'word' || token.kind === 'number') &&
        !isDeterminer(token) &&
        !isAuxiliary(token) &&
        (token.kind === 'number' || !isStopWord(token.stem)),
    )
    .map((token) => token.lower);
}

const reserved = new Set(['continue', 'exit', 'end']);

/** Gives every step a name of its own. */
export class Names {
  private readonly used: Set<string>;

  constructor(used: Iterable<string> = []) {
    this.used = new Set([...used, ...reserved]);
  }

  /** A name that is about to become free. */
  release(name: string): void {
    this.used.delete(name);
  }

  take(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.used.has(name); count += 1) name = `${wanted}${count}`;
    this.used.add(name);
    return name;
  }
}
