import { isKnownVerb, isNounLike } from '../language/lexicon.js';
import type { Token } from '../language/tokens.js';

const determiners = new Set(
  'a an the this that these those my your our his her its their each every all any some no it them him us me both one'.split(
    ' ',
  ),
);
const prepositions = new Set(
  'to of for in on at by with from into onto about as per via without within between under over through during against'.split(
    ' ',
  ),
);
const auxiliaries = new Set(
  'is are was were be been am do does did has have had will would should can could may might must shall'.split(
    ' ',
  ),
);

export function isDeterminer(token: Token | undefined): boolean {
  return token !== undefined && determiners.has(token.lower);
}

export function isPronoun(token: Token | undefined): boolean {
  return (
    token !== undefined &&
    /^(?:it|them|him|her|me|us|one|both|this|that|these|those)$/.test(token.lower)
  );
}

export function isPreposition(token: Token | undefined): boolean {
  return token !== undefined && prepositions.has(token.lower);
}

export function isAuxiliary(token: Token | undefined): boolean {
  return token !== undefined && auxiliaries.has(token.lower);
}

export function isMark(token: Token | undefined, marks: string): boolean {
  return token?.kind === 'mark' && marks.includes(token.text);
}

/** "payment" and "reservation" have the stems of verbs and are none. */
function isNominal(token: Token): boolean {
  if (/^(?:document|implement|comment|mention|question|balance|supplement)$/.test(token.lower))
    return false;
  return /(?:ment|tion|sion|ance|ity|ness)s?$/.test(token.lower);
}

/** Reads tokens from left to right. */
export class Cursor {
  readonly tokens: readonly Token[];
  /** Verbs that the catalogue's operations begin with. */
  readonly catalogueVerbs: ReadonlySet<string>;
  at = 0;

  constructor(tokens: readonly Token[], verbs: ReadonlySet<string>) {
    this.tokens = tokens;
    this.catalogueVerbs = verbs;
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead];
  }

  /** How many tokens the first of `phrases` that stands here takes; 0 when none does. */
  sees(phrases: readonly string[], from = this.at): number {
    for (const phrase of phrases) {
      const words = phrase.split(' ');
      if (words.every((word, index) => this.tokens[from + index]?.lower === word)) {
        return words.length;
      }
    }
    return 0;
  }

  takes(phrases: readonly string[]): boolean {
    const length = this.sees(phrases);
    this.at += length;
    return length > 0;
  }

  slice(from: number, to: number): readonly Token[] {
    return this.tokens.slice(from, to);
  }

  isVerb(token: Token | undefined): boolean {
    if (token?.kind !== 'word' || isNominal(token)) return false;
    return isKnownVerb(token.stem) || this.catalogueVerbs.has(token.stem);
  }

  /** Whether an imperative clause can begin at `index`. */
  startsClause(index: number): boolean {
    const token = this.tokens[index];
    if (token?.kind !== 'word') return false;
    if (clauseOpeners.has(token.lower)) return true;
    if (
      /(?:ed|[^s]s)$/.test(token.lower) &&
      !/^(?:proceed|feed|need|embed|ed)$/.test(token.lower)
    ) {
      if (!this.isImperativeInS(token)) return false;
    }
    if (isAuxiliary(token) || isPreposition(token) || isDeterminer(token)) return false;
    if (/^(?:not|no|so|now|too|out|in|up|off)$/.test(token.lower)) return false;
    if (!this.isVerb(token)) return false;
    if (!isNounLike(token.stem)) return true;
    const next = this.tokens[index + 1];
    if (next === undefined) return false;
    if (next.kind === 'quote' || next.kind === 'number') return true;
    if (next.kind === 'mark') return false;
    return (
      !isAuxiliary(next) &&
      !(isPreposition(next) && !['for', 'to', 'in', 'about'].includes(next.lower)) &&
      next.lower !== 'and'
    );
  }

  /** "process" and "dismiss" end in s and are imperatives all the same; "things" is not. */
  private isImperativeInS(token: Token): boolean {
    return /ss$/.test(token.lower) || this.catalogueVerbs.has(token.lower);
  }
}

/** Words that begin a clause although they are no verbs of the lexicon. */
const clauseOpeners = new Set([
  'ask',
  'wait',
  'retry',
  'try',
  'require',
  'get',
  'have',
  'let',
  'escalate',
  'pause',
  'request',
  'go',
  'use',
  'handle',
  'do',
  'skip',
  'proceed',
  'continue',
  'loop',
  'repeat',
]);
