import { tokenize, type Token } from '../language/tokens.js';
import { BlockParser } from './block.js';
import { Cursor, isMark } from './cursor.js';
import type { Condition, Intent, Request } from './intents.js';
import { findSchedule } from './schedule.js';

const openers =
  /^(?:(?:hi|hello|hey|ok|okay)[,!. ]+)?(?:(?:please|kindly)[, ]+)?(?:(?:(?:can|could|would) you|i(?:'d| would) like (?:you )?to|i (?:want|need)(?: you)? to|i (?:want|need)|we (?:want|need|have) to|let'?s|you should|make|build|create|set up|design|draft|write)\s+)?(?:please\s+)?(?:(?:(?:build|create|make|set up|design|draft|write|have)\s+)?(?:me\s+)?(?:us\s+)?(?:a|an|the)?\s*(?:new\s+)?(?:workflow|process|automation|flow)\s+(?:that|which|to|where|for(?= )|so that|:)\s*)/i;
const polite =
  /^(?:(?:hi|hello|hey)[,!. ]+)?(?:(?:please|kindly)[, ]+|(?:(?:can|could|would) you (?:please )?|i(?:'d| would) like (?:you )?to |i (?:want|need) you to |we (?:want|need|have) to |i (?:want|need) to |you should )(?:please )?)/i;

/** Reads a request into a tree of intents; nothing is looked up yet. */
export function parseRequest(text: string, verbs: ReadonlySet<string>): Request {
  const normal = normalise(text);
  const found = findSchedule(normal);
  const parser = new RequestParser(verbs);
  const body = found === undefined ? normal : found.rest;
  const intents = parser.parse(body);
  return {
    text,
    intents,
    ...(parser.trigger === undefined ? {} : { trigger: parser.trigger }),
    ...(found === undefined
      ? {}
      : {
          schedule: {
            schedule: found.schedule,
            words: found.words,
            ...(found.assumed === undefined ? {} : { assumed: found.assumed }),
          },
        }),
  };
}

/** Lists become sentences; what is said to be polite goes. */
function normalise(text: string): string {
  return text
    .replace(/\r/g, '')
    .replace(/^[ \t]*(?:\d{1,2}[.)]|[-*•])[ \t]+/gm, '\n')
    .replace(/(?<=[,:;.\s])\(?\d{1,2}\)[ \t]+/g, '. ')
    .replace(openers, '')
    .replace(polite, '')
    .replace(/\b(?:e\.g|i\.e|etc)\./g, (match) => match.replaceAll('.', ''))
    .trim();
}

class RequestParser {
  trigger: readonly Token[] | undefined;
  private readonly verbs: ReadonlySet<string>;
  private intents: Intent[] = [];
  private gate: Condition | undefined;
  private first = true;

  constructor(verbs: ReadonlySet<string>) {
    this.verbs = verbs;
  }

  parse(text: string): Intent[] {
    for (const sentence of sentencesOf(tokenize(text))) {
      const cursor = new Cursor(sentence, this.verbs);
      const block = new BlockParser(cursor, this.intents, (clause) => this.takeTrigger(clause));
      block.atStart = this.first;
      this.intents = block.parse(0, true);
      this.gate ??= block.gate;
      if (sentence.length > 0) this.first = false;
    }
    if (this.gate === undefined || this.intents.length === 0) return this.intents;
    return [{ kind: 'if', condition: this.gate, then: this.intents, otherwise: [] }];
  }

  /** The first clause of a request is its trigger when it tells of something that happens. */
  private takeTrigger(clause: readonly Token[]): boolean {
    if (this.trigger !== undefined || this.intents.length > 0 || !this.first) return false;
    this.trigger = clause;
    return true;
  }
}

function sentencesOf(tokens: readonly Token[]): Token[][] {
  const sentences: Token[][] = [[]];
  for (const token of tokens) {
    if (isMark(token, '.;!?\n')) sentences.push([]);
    else sentences.at(-1)?.push(token);
  }
  return sentences.filter((sentence) => sentence.some((token) => token.kind !== 'mark'));
}
