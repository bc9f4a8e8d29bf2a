import { stem } from '../language/stem.js';
import { tokenize, type Token } from '../language/tokens.js';
import { findComparison, isPredicate, readCondition } from './conditions.js';
import { Cursor, isAuxiliary, isDeterminer, isMark, isPreposition, isPronoun } from './cursor.js';
import {
  textOf,
  type ActionIntent,
  type AskIntent,
  type Condition,
  type Duration,
  type Intent,
  type Request,
} from './intents.js';
import { readAsk } from './ask.js';
import { findSchedule } from './schedule.js';

/** Deepest nesting of conditions and loops that is read. */
const depthMax = 8;

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
      if (sentence.length > 0) this.first = false;
    }
    return this.intents;
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

const connectors = [
  'and then',
  'after that',
  'after this',
  'after which',
  'when done',
  'once done',
  'when that is done',
  'once that is done',
  'as a next step',
  'in the end',
  'at the end',
  'as well',
  'then',
  'afterwards',
  'next',
  'finally',
  'lastly',
  'first of all',
  'first',
  'firstly',
  'second',
  'secondly',
  'third',
  'thirdly',
  'also',
  'and also',
  'and',
  'but',
  'so',
  'please',
  'it should',
  'we should',
  'we',
  'i',
  'you',
  'just',
  'simply',
  'automatically',
  'immediately',
  'to start',
  'to begin with',
  'start by',
  'begin by',
  'the system should',
  'should',
  'must',
  'in that case',
  'in this case',
];
const anyCaseMarkers = [
  'in any case',
  'in either case',
  'in both cases',
  'either way',
  'in all cases',
  'whatever happens',
  'regardless',
];
const elseMarkers = [
  'or else',
  'otherwise',
  'else',
  'if not',
  'if no',
  'in all other cases',
  'in any other case',
  'in other cases',
  'if they are not',
  'if it is not',
  'if that is not the case',
];
const soMarkers = [
  'if so',
  'if yes',
  'if it is',
  'if they are',
  'if that is the case',
  'if it does',
  'if they do',
];
const conditionOpeners = [
  'only if',
  'only when',
  'but only if',
  'even if',
  'if',
  'when',
  'whenever',
  'unless',
  'in case',
  'provided that',
  'provided',
  'as long as',
  'as soon as',
  'once',
  'every time',
  'each time',
  'in the event that',
  'upon',
  'should',
];
const eachOpeners = [
  'for each',
  'for every',
  'for each of',
  'for all',
  'for all of',
  'loop over',
  'loop through',
  'go through',
  'iterate over',
  'with each',
  'to each',
  'to every',
];
const parallelMarkers = [
  'in parallel',
  'at the same time',
  'simultaneously',
  'concurrently',
  'in the meantime',
  'meanwhile',
  'side by side',
  'both at once',
  'at once',
];
const errorOpeners = [
  'on error',
  'on failure',
  'in case of an error',
  'in case of error',
  'in case of failure',
  'in case of a failure',
  'in case of errors',
  'in case of problems',
];
const units = /^(second|minute|hour|day|week|sec|min|hr)s?$/;

class BlockParser {
  atStart = false;
  /** What is done when a condition holds; ", if" begins the next condition, not one inside. */
  isWay = false;
  inLoop = false;
  private readonly cursor: Cursor;
  private readonly out: Intent[];
  private readonly takeTrigger: (clause: readonly Token[]) => boolean;
  /** Where the actions that a trailing condition covers begin. */
  private chainFrom = 0;

  constructor(
    cursor: Cursor,
    before: readonly Intent[],
    takeTrigger: (clause: readonly Token[]) => boolean,
  ) {
    this.cursor = cursor;
    this.out = [...before];
    this.takeTrigger = takeTrigger;
    this.chainFrom = this.out.length;
  }

  /** Reads until the end of the sentence, or until an else that belongs to an outer condition. */
  parse(depth: number, outer: boolean): Intent[] {
    const { cursor } = this;
    while (!cursor.done) {
      const before = cursor.at;
      if (!this.step(depth, outer)) break;
      if (cursor.at === before) cursor.at += 1;
    }
    return this.out;
  }

  private step(depth: number, outer: boolean): boolean {
    const { cursor } = this;
    if (isMark(cursor.peek(), ',:()—–->→')) {
      if (isMark(cursor.peek(), ',')) this.chainFrom = this.out.length;
      cursor.at += 1;
      return true;
    }
    if (cursor.sees(anyCaseMarkers) > 0) {
      if (this.isWay) return false;
      cursor.takes(anyCaseMarkers);
      this.chainFrom = this.out.length;
      return true;
    }
    if (this.seesElse()) {
      if (!outer) return false;
      this.readElse(depth);
      return true;
    }
    if (cursor.sees(soMarkers) > 0 && this.isMarkerEnd(cursor.sees(soMarkers))) {
      cursor.takes(soMarkers);
      this.pushIf({ kind: 'checks', count: 'last', negated: false, text: 'so' }, depth);
      return true;
    }
    if (this.readParallelMarker(depth) || this.readFailure(depth) || this.readRetry()) return true;
    if (this.readWait() || this.readOrder(depth)) return true;
    if (cursor.sees(connectors) > 0 && cursor.sees(['should']) === 0) {
      if (cursor.sees(['then', 'and then', 'after that', 'afterwards', 'next', 'finally']) > 0) {
        this.chainFrom = this.out.length;
      }
      cursor.takes(connectors);
      return true;
    }
    if (cursor.sees(conditionOpeners) > 0) {
      if (this.isWay && this.out.length > 0 && isMark(cursor.tokens[cursor.at - 1], ','))
        return false;
      return this.readConditional(depth);
    }
    if (this.readOccasion()) return true;
    if (this.seesEach()) return this.readEach(depth);
    this.readAction(depth);
    return true;
  }

  private isMarkerEnd(length: number): boolean {
    const next = this.cursor.peek(length);
    return (
      next === undefined ||
      next.kind === 'mark' ||
      this.cursor.startsClause(this.cursor.at + length)
    );
  }

  private seesElse(): boolean {
    const length = this.cursor.sees(elseMarkers);
    if (length === 0) return false;
    return this.cursor.sees(['otherwise', 'else', 'or else']) > 0 || this.isMarkerEnd(length);
  }

  private nested(depth: number, outer: boolean, isWay = false, inLoop = this.inLoop): Intent[] {
    const block = new BlockParser(this.cursor, [], () => false);
    block.isWay = isWay;
    block.inLoop = inLoop;
    return depth >= depthMax ? [] : block.parse(depth + 1, outer);
  }

  // Conditions

  private readElse(depth: number): void {
    const { cursor } = this;
    cursor.takes(elseMarkers);
    const branch = this.nested(depth, true, true);
    this.attachElse(branch);
  }

  private attachElse(branch: readonly Intent[]): void {
    const at = this.out.findLastIndex(
      (intent) => intent.kind === 'if' || (intent.kind === 'ask' && !intent.aside),
    );
    const last = this.out[at];
    const check = this.out.at(-1);
    if (check?.kind === 'action' && check.outcome !== undefined) {
      this.out.push({ kind: 'if', condition: negate(check.outcome), then: branch, otherwise: [] });
    } else if (last?.kind === 'if' && at === this.out.length - 1) {
      this.out[at] = { ...last, otherwise: extendElse(last.otherwise, branch) };
    } else if (last?.kind === 'if') {
      const moved = this.out.splice(at + 1);
      this.out[at] = { ...last, then: [...last.then, ...moved], otherwise: branch };
    } else if (check?.kind === 'ask') {
      const text = 'not approved';
      const state: Condition = { kind: 'checks', count: 'last', negated: true, text };
      this.out.push({
        kind: 'if',
        condition: { kind: 'decision', approved: false, state, text },
        then: branch,
        otherwise: [],
      });
    } else {
      const condition: Condition = { kind: 'checks', count: 'last', negated: true, text: 'not' };
      this.out.push({ kind: 'if', condition, then: branch, otherwise: [] });
    }
  }

  private pushIf(condition: Condition, depth: number): void {
    const resolved = this.resolveOutcome(condition);
    const then = this.nested(depth, false, true);
    if (then.length === 0) return;
    const joined = this.joinOpposite(resolved, then);
    if (!joined) this.out.push({ kind: 'if', condition: resolved, then, otherwise: [] });
    if (this.seesElse()) this.readElse(depth);
  }

  /** "if so" after "check whether X is Y" means that X is Y. */
  private resolveOutcome(condition: Condition): Condition {
    const last = this.out.at(-1);
    if (condition.kind !== 'checks' || condition.count !== 'last') return condition;
    if (last?.kind !== 'action' || last.outcome === undefined) return condition;
    return condition.negated ? negate(last.outcome) : last.outcome;
  }

  /** "If approved, A. If rejected, B." is one decision with two ways. */
  private joinOpposite(condition: Condition, then: readonly Intent[]): boolean {
    const last = this.out.at(-1);
    if (last?.kind !== 'if' || last.otherwise.length > 0) return false;
    const a = last.condition;
    const opposed =
      (a.kind === 'decision' &&
        condition.kind === 'decision' &&
        a.approved !== condition.approved) ||
      (a.kind === 'checks' && condition.kind === 'checks' && a.negated !== condition.negated);
    if (!opposed) return false;
    this.out[this.out.length - 1] = { ...last, otherwise: then };
    return true;
  }

  private readConditional(depth: number): boolean {
    const { cursor } = this;
    const opener = cursor.tokens[cursor.at]?.lower ?? '';
    const unless = opener === 'unless';
    const start = cursor.at;
    cursor.takes(conditionOpeners);
    const from = cursor.at;
    const trailing = this.out.length > this.chainFrom && !isJoint(cursor.tokens[start - 1]);
    const to = this.conditionEnd(from, trailing);
    const clause = cursor.slice(from, to);
    cursor.at = to;
    if (!trailing && this.atStart && this.out.length === 0 && this.isEvent(clause, opener)) {
      if (this.takeTrigger(clause)) return true;
    }
    const spoken = readCondition(clause);
    const condition = unless ? negate(spoken) : spoken;
    const last = this.out.at(-1);
    if (trailing || (this.restIsEmpty() && this.out.length > 0)) {
      this.coverChain(condition, opener, unless);
      if (this.seesElse()) this.readElse(depth);
      return true;
    }
    if (isDone(condition) && last !== undefined) return true;
    this.pushIf(condition, depth);
    return true;
  }

  private restIsEmpty(): boolean {
    return this.cursor.tokens.slice(this.cursor.at).every((token) => token.kind === 'mark');
  }

  /** "A and B if C" */
  private coverChain(condition: Condition, opener: string, unless: boolean): void {
    const from = Math.min(this.chainFrom, this.out.length - 1);
    const covered = this.out.splice(from);
    const only = covered[0];
    if (isDone(condition) && !unless) {
      this.out.push(...covered);
      return;
    }
    if (covered.length === 1 && only?.kind === 'ask') {
      this.out.push({ ...only, condition: only.condition ?? condition });
    } else if (covered.length === 1 && only?.kind === 'if' && opener !== 'if') {
      this.out.push({
        ...only,
        condition: { kind: 'and', parts: [only.condition, condition], text: condition.text },
      });
    } else this.out.push({ kind: 'if', condition, then: covered, otherwise: [], trailing: true });
    this.chainFrom = this.out.length;
  }

  /** Where a condition ends: a comma, "then", or the verb of what is to be done. */
  private conditionEnd(from: number, trailing: boolean): number {
    const { cursor } = this;
    let predicate = false;
    for (let at = from; at < cursor.tokens.length; at += 1) {
      const token = cursor.tokens[at];
      if (token === undefined) break;
      if (isMark(token, ',:—–->→')) return this.commaJoins(from, at) ? this.afterComma(at) : at;
      if (cursor.sees(['then', 'otherwise', 'or else', 'else', 'and then'], at) > 0 && at > from)
        return at;
      const before = cursor.tokens[at - 1];
      if (predicate && at > from && cursor.startsClause(at)) {
        const joined = before?.lower === 'and' || before?.lower === 'or';
        if (joined && (trailing || !this.commaAhead(at)))
          return before?.lower === 'and' ? at - 1 : at;
        if (!joined && !this.isInside(before) && this.complement(from, at)) return at;
      }
      if (
        isPredicate(token) ||
        (at > from &&
          /^(?:comes?|goes|went|came|takes|arrives?|wants?|asks?|requests?)$/.test(token.lower))
      )
        predicate = true;
      if (trailing && at > from && cursor.sees(['for each', 'for every', 'in parallel'], at) > 0)
        return at;
    }
    return cursor.tokens.length;
  }

  /** Nothing can be done yet when the predicate has no complement: "if it is | open". */
  private complement(from: number, at: number): boolean {
    const clause = this.cursor.tokens.slice(from, at);
    const verb = clause.findIndex(isPredicate);
    if (verb < 0) return true;
    const own = clause[verb];
    return (own !== undefined && !isAuxiliary(own)) || clause.length > verb + 1;
  }

  private isInside(before: Token | undefined): boolean {
    if (isPronoun(before)) return false;
    return (
      before?.lower === 'to' ||
      before?.lower === 'not' ||
      isDeterminer(before) ||
      isPreposition(before) ||
      isAuxiliary(before)
    );
  }

  private commaAhead(at: number): boolean {
    return this.cursor.tokens.slice(at).some((token) => isMark(token, ','));
  }

  /** "if it is late, broken or lost, do X": the comma stands inside a list of complements. */
  private commaJoins(from: number, at: number): boolean {
    const rest = this.cursor.tokens.slice(at + 1, at + 5);
    const or = rest.findIndex((token) => token.lower === 'or');
    return (
      from < at && or > 0 && or <= 2 && !this.cursor.startsClause(at + 1) && this.commaAhead(at + 1)
    );
  }

  private afterComma(at: number): number {
    const next = this.cursor.tokens.findIndex((token, index) => index > at && isMark(token, ','));
    return next < 0 ? this.cursor.tokens.length : next;
  }

  /** "an X is placed", "someone asks for Y": something happens, nothing is compared. */
  private isEvent(clause: readonly Token[], opener: string): boolean {
    if (/^(?:unless|only|provided|even|in)$/.test(opener)) return false;
    if (findComparison(clause) !== undefined) return false;
    const head = clause[0]?.lower ?? '';
    if (
      /^(?:a|an|any|new|another|someone|somebody|anyone|anybody|we|i|one|people|customers|users|clients|members)$/.test(
        head,
      )
    ) {
      return true;
    }
    if (opener === 'upon' || opener === 'each' || opener === 'every' || opener === 'whenever')
      return true;
    if (head === 'it' || head === 'they' || head === 'both' || head === 'that') return false;
    if (opener === 'if') return false;
    const verb = clause.find((token) => isPredicate(token));
    const action = clause.some(
      (token, index) => index > 0 && /(?:ed|s)$/.test(token.lower) && this.cursor.isVerb(token),
    );
    const motion = clause.some((token) =>
      /^(?:comes?|arrives?|gets?|wants?|asks?|requests?|signs?|calls?|submits?|returns?|brings?)$/.test(
        token.lower,
      ),
    );
    return verb === undefined || !isAuxiliary(verb)
      ? action || motion || verb === undefined
      : action || motion;
  }

  // Loops, branches, time

  /** "for a new X, …" tells what starts it. */
  private readOccasion(): boolean {
    const { cursor } = this;
    const length = cursor.sees([
      'for a',
      'for an',
      'for any',
      'for new',
      'with a new',
      'on a',
      'on an',
      'on new',
      'on every new',
      'on each new',
    ]);
    if (length === 0 || !this.atStart || this.out.length > 0) return false;
    let to = cursor.at + length;
    while (to < cursor.tokens.length && !isMark(cursor.tokens[to], ',:') && to - cursor.at < 8)
      to += 1;
    if (!isMark(cursor.tokens[to], ',:') || !this.takeTrigger(cursor.slice(cursor.at + 1, to)))
      return false;
    cursor.at = to;
    return true;
  }

  private seesEach(): boolean {
    const { cursor } = this;
    if (cursor.sees(eachOpeners) > 0) return true;
    return false;
  }

  private readEach(depth: number): boolean {
    const { cursor } = this;
    const trailing = this.out.length > this.chainFrom && !isJoint(cursor.tokens[cursor.at - 1]);
    if (!cursor.takes(['for each of', 'for all of'])) cursor.takes(eachOpeners);
    while (
      isDeterminer(cursor.peek()) &&
      !/^(?:them|one|it|these|those)$/.test(cursor.peek()?.lower ?? '')
    ) {
      cursor.at += 1;
    }
    const from = cursor.at;
    const to = this.nounPhraseEnd(from);
    const phrase = cursor.slice(from, to);
    cursor.at = to;
    if (trailing && this.inLoop && phrase.every(isPronoun)) return true;
    const cut = phrase.findIndex(
      (token, index) => index > 0 && /^(?:in|of|from|on)$/.test(token.lower),
    );
    const item = cut < 0 ? phrase : phrase.slice(0, cut);
    const source = cut < 0 ? [] : phrase.slice(cut + 1);
    if (this.isTriggerPhrase(phrase) && this.takeTrigger(phrase)) return true;
    if (trailing && this.restIsEmpty()) {
      const body = this.out.splice(Math.min(this.chainFrom, this.out.length - 1));
      this.out.push({ kind: 'each', item, source, body });
    } else
      this.out.push({ kind: 'each', item, source, body: this.nested(depth, false, false, true) });
    return true;
  }

  private isTriggerPhrase(phrase: readonly Token[]): boolean {
    const incoming = /^(?:new|incoming|newly)$/.test(phrase[0]?.lower ?? '');
    return this.atStart && this.out.length === 0 && incoming;
  }

  private nounPhraseEnd(from: number): number {
    const { cursor } = this;
    for (let at = from; at < cursor.tokens.length; at += 1) {
      if (cursor.tokens[at]?.kind === 'mark') return at;
      if (cursor.sees(['then', 'and then'], at) > 0) return at;
      if (at > from && cursor.sees(['if', 'when', 'unless'], at) > 0) return at;
      const before = cursor.tokens[at - 1];
      if (at > from && cursor.startsClause(at) && !this.isInside(before)) return at;
    }
    return cursor.tokens.length;
  }

  private readParallelMarker(depth: number): boolean {
    const { cursor } = this;
    const length = cursor.sees(parallelMarkers);
    if (length === 0) return false;
    const word = cursor.tokens[cursor.at]?.lower;
    cursor.at += length;
    const collected = this.out.length > this.chainFrom;
    if (
      collected &&
      (this.restIsEmpty() || isMark(cursor.peek(), ',') || cursor.sees(['then', 'and then']) > 0)
    ) {
      this.joinParallel(this.out.splice(this.parallelFrom()));
      return true;
    }
    const later = this.nested(depth, false, false, true);
    const joins =
      word === 'meanwhile' ||
      (this.out.length > 0 && (word === 'at' || (word === 'in' && length === 3)));
    if (joins && this.out.length > 0 && later[0] !== undefined) {
      const previous = this.out.pop();
      const [head, ...tail] = later;
      this.joinParallel([
        ...(previous?.kind === 'parallel'
          ? previous.branches
          : previous === undefined
            ? []
            : [previous]),
        head,
      ]);
      this.out.push(...tail);
    } else this.joinParallel(later);
    return true;
  }

  private parallelFrom(): number {
    let from = this.chainFrom;
    const sameSentence = (intent: Intent | undefined) => intent?.kind === 'action';
    if (this.out.length - from < 2) {
      while (from > 0 && this.out.length - from < 2 && sameSentence(this.out[from - 1])) from -= 1;
    }
    return from;
  }

  private joinParallel(branches: readonly Intent[]): void {
    if (branches.length === 1 && branches[0]?.kind === 'action') {
      this.out.push({ kind: 'parallel', branches });
    } else if (branches.length > 0) this.out.push({ kind: 'parallel', branches });
    this.chainFrom = this.out.length;
  }

  private durationAt(
    at: number,
  ): { readonly duration: Duration; readonly length: number } | undefined {
    const { cursor } = this;
    let from = at;
    while (
      /^(?:for|another|about|around|at|least|a|an)$/.test(cursor.tokens[from]?.lower ?? '') &&
      from < at + 3
    )
      from += 1;
    const number = cursor.tokens[from];
    const single = cursor.tokens[from - 1]?.lower;
    const implied = number?.value === undefined && (single === 'a' || single === 'an');
    if (
      number?.lower === 'half' &&
      cursor.tokens[from + 1]?.lower === 'an' &&
      cursor.tokens[from + 2]?.lower === 'hour'
    ) {
      return { duration: { minutes: 30 }, length: from + 3 - at };
    }
    const unitToken = implied ? number : cursor.tokens[from + 1];
    const unit = units.exec(unitToken?.lower ?? '')?.[1];
    if (unit === undefined || (!implied && number?.value === undefined)) return undefined;
    const amount = implied ? 1 : (number?.value ?? 1);
    const length = from + (implied ? 1 : 2) - at;
    return { duration: durationOf(amount, unit), length };
  }

  private readWait(): boolean {
    const { cursor } = this;
    const verb = cursor.sees(['wait', 'pause', 'hold on', 'sleep', 'delay', 'after', 'give it']);
    const at = cursor.at;
    const found = this.durationAt(at + verb);
    if (found === undefined) return false;
    const later = cursor.sees(
      ['later', 'afterwards', 'after that', 'after'],
      at + verb + found.length,
    );
    if (verb === 0 && later === 0) return false;
    const after = cursor.tokens[at]?.lower === 'after';
    cursor.at += verb + found.length + (verb === 0 ? later : 0);
    const wait: Intent = { kind: 'wait', duration: found.duration };
    const trailing = after && this.out.length > this.chainFrom && this.restIsEmpty();
    if (trailing) this.out.splice(this.out.length - 1, 0, wait);
    else this.out.push(wait);
    this.chainFrom = this.out.length;
    cursor.takes(['before']);
    return true;
  }

  /** "before A, B" and "A after B": the order of words is not the order of steps. */
  private readOrder(depth: number): boolean {
    const { cursor } = this;
    const opener = cursor.tokens[cursor.at]?.lower;
    if (opener !== 'before' && opener !== 'after') return false;
    const leading = this.out.length === this.chainFrom;
    cursor.at += 1;
    while (
      /^(?:you|we|i|it|the)$/.test(cursor.peek()?.lower ?? '') &&
      cursor.isVerb(cursor.peek(1))
    )
      cursor.at += 1;
    const from = cursor.at;
    let to = from;
    while (
      to < cursor.tokens.length &&
      !isMark(cursor.tokens[to], ',') &&
      cursor.sees(['then'], to) === 0
    )
      to += 1;
    const clause = new Cursor(cursor.slice(from, to), new Set());
    const inner = new BlockParser(new Cursor(clause.tokens, this.verbsOf()), [], () => false).parse(
      depth + 1,
      false,
    );
    cursor.at = to;
    if (leading) {
      const rest = this.nested(depth, false);
      this.out.push(...(opener === 'before' ? [...rest, ...inner] : [...inner, ...rest]));
    } else if (opener === 'before') this.out.push(...inner);
    else this.out.splice(this.chainFrom, 0, ...inner);
    return true;
  }

  private verbsOf(): ReadonlySet<string> {
    return this.cursor.catalogueVerbs;
  }

  // Failure

  private readRetry(): boolean {
    const { cursor } = this;
    const at = cursor.at;
    const opener = cursor.sees([
      'and retry',
      'retry it',
      'retry that',
      'retry',
      'retrying',
      'try again',
      'try it again',
      'try that again',
      'try it',
      'try this',
      'try',
      'with',
      'repeat it',
      'repeat',
      'and try again',
      'allow',
      'make',
    ]);
    if (opener === 0) return false;
    const bound = this.cursor.tokens.slice(at, at + 14);
    const count = bound.findIndex(
      (token, index) =>
        token.value !== undefined &&
        /^(?:times?|attempts?|retries|tries)$/.test(bound[index + 1]?.lower ?? ''),
    );
    const twice = bound.findIndex((token) => /^(?:twice|once)$/.test(token.lower));
    const found = count >= 0 ? count : twice;
    const verb = cursor.tokens[at]?.lower ?? '';
    if (found < 0) return false;
    const word = bound[found + 1]?.lower ?? '';
    if (/^(?:with|allow|make)$/.test(verb) && !/^(?:attempts?|retries|tries)$/.test(word))
      return false;
    if (bound.slice(0, found).some((token) => isMark(token, ','))) return false;
    const retries = bound[found]?.lower === 'once' ? 1 : (bound[found]?.value ?? 3);
    const target = cursor.slice(at + opener, at + found).filter((token) => cursor.isVerb(token));
    if (target.length > 0 && !/^(?:up|to)$/.test(target[0]?.lower ?? '')) {
      this.out.push(
        this.actionOf(
          cursor
            .slice(at + opener, at + found)
            .filter((token) => !/^(?:up|to|at|most)$/.test(token.lower)),
        ),
      );
    }
    cursor.at = at + found + (count >= 0 ? 2 : 1);
    while (
      /^(?:if|when|it|that|fails|fail|on|error|errors|failure|before|giving|up|in|case|of)$/.test(
        cursor.peek()?.lower ?? '',
      )
    ) {
      if (cursor.sees(['if it still', 'if that still']) > 0) break;
      cursor.at += 1;
    }
    this.guard((body) => ({ kind: 'guard', body, retries, onError: [] }));
    return true;
  }

  private readFailure(depth: number): boolean {
    const { cursor } = this;
    const explicit = cursor.sees(errorOpeners);
    const rest = cursor.tokens
      .slice(cursor.at, cursor.at + 9)
      .map((token) => token.lower)
      .join(' ');
    const spoken =
      /^(?:if|when|should|in case) (?:it|that|this|the (?:call|step|request)|anything|something)(?: still| ever)? (?:fails?|goes wrong|does not work|do not work|went wrong|did not work|errors?)\b/.exec(
        rest,
      ) ??
      /^(?:if|when) (?:the |a )?[a-z]+ (?:still )?(?:fails|does not work|goes wrong|errors|throws)\b/.exec(
        rest,
      );
    const length = explicit > 0 ? explicit : (spoken?.[0].split(' ').length ?? 0);
    if (length === 0 || this.out.length === 0) return false;
    if (spoken !== null && /\bcheck\b/.test(spoken[0]) && explicit === 0) return false;
    cursor.at += length;
    if (this.restIsEmpty()) return true;
    const all = /anything|something/.test(spoken?.[0] ?? '');
    const retry = this.retryAfterFailure();
    if (retry !== undefined) {
      this.guard((body) => ({ kind: 'guard', body, retries: retry, onError: [] }), all);
      return true;
    }
    const onError = this.nested(depth, false);
    this.guard(
      (body, retries) => ({
        kind: 'guard',
        body,
        onError,
        ...(retries === undefined ? {} : { retries }),
      }),
      all,
    );
    return true;
  }

  /** "if it fails, retry up to 3 times" */
  private retryAfterFailure(): number | undefined {
    const { cursor } = this;
    const text = cursor.tokens
      .slice(cursor.at)
      .map((token) => token.lower)
      .join(' ');
    const match =
      /^,? ?(?:then )?(?:please )?(?:re-?try|try)(?: (?:it|that|again|the call))*(?: for)?(?: (?:up to|at most|a maximum of))? (\w+)(?: more)?(?: times| attempts)?/.exec(
        text,
      );
    if (match === null) return undefined;
    const token = cursor.tokens.slice(cursor.at).find((one) => one.lower === match[1]);
    const retries = match[1] === 'once' ? 1 : token?.value;
    if (retries === undefined) return undefined;
    cursor.at += match[0].split(' ').length;
    return retries;
  }

  private guard(make: (body: readonly Intent[], retries?: number) => Intent, all = false): void {
    const last = this.out.at(-1);
    if (last === undefined) return;
    if (all) {
      const body = this.out.splice(0);
      this.out.push(make(body));
    } else if (last.kind === 'guard') {
      this.out[this.out.length - 1] = make(last.body, last.retries);
    } else if (last.kind === 'if' && last.otherwise.length === 0) {
      const inner = last.then.at(-1);
      if (inner !== undefined) {
        const wrapped = inner.kind === 'guard' ? make(inner.body, inner.retries) : make([inner]);
        this.out[this.out.length - 1] = { ...last, then: [...last.then.slice(0, -1), wrapped] };
      }
    } else this.out[this.out.length - 1] = make([last]);
    this.chainFrom = this.out.length - 1;
  }

  // Actions

  private readAction(depth: number): void {
    const { cursor } = this;
    const from = cursor.at;
    const to = this.actionEnd(from);
    const clause = cursor.slice(from, to);
    const ask = readAsk(clause, cursor);
    if (ask !== undefined) {
      cursor.at = from + ask.length;
      const aside =
        from === 0 ||
        cursor.tokens
          .slice(0, from)
          .every((token) => /^(?:also|and|then|please|,)$/.test(token.lower));
      this.out.push({ ...ask.intent, aside } satisfies AskIntent);
      this.chainFrom = this.out.length - 1;
      return;
    }
    cursor.at = to;
    if (
      this.atStart &&
      this.out.length === 0 &&
      this.isSituation(clause) &&
      this.takeTrigger(clause)
    )
      return;
    const whether = clause.findIndex((token) => /^(?:if|whether)$/.test(token.lower));
    if (clause.every((token) => token.lower === 'otherwise')) return;
    if (clause.at(-1)?.lower === 'otherwise') {
      this.attachElse([this.actionOf(clause.slice(0, -1))]);
      return;
    }
    const action = this.actionOf(clause);
    const each = this.eachInside(action, depth);
    if (each !== undefined) this.out.push(each);
    else if (whether > 0) {
      this.out.push({ ...action, outcome: readCondition(clause.slice(whether + 1)) });
    } else if (action.words.length > 0 || action.verb !== '') this.out.push(action);
  }

  /** "remind every X that is Y" */
  private eachInside(action: ActionIntent, _depth: number): Intent | undefined {
    const at = action.words.findIndex(
      (token, index) =>
        /^(?:each|every)$/.test(token.lower) &&
        action.words[index + 1]?.kind === 'word' &&
        !/^(?:time|day|of)$/.test(action.words[index + 1]?.lower ?? ''),
    );
    if (at < 0) return undefined;
    const item = action.words.slice(at + 1);
    const cut = item.findIndex(
      (token, index) => index > 0 && isPreposition(token) && !/^(?:with|of)$/.test(token.lower),
    );
    const phrase = cut < 0 ? item : item.slice(0, cut);
    const rest = cut < 0 ? [] : item.slice(cut);
    const head = action.words.slice(0, at);
    const words =
      isPreposition(head.at(-1)) || head.length === 0
        ? [...head, ...phrase.slice(0, 1), ...rest]
        : [...head, ...rest];
    return { kind: 'each', item: phrase, source: [], body: [{ ...action, words }] };
  }

  /** "A customer wants to return something." as the first sentence tells what happened. */
  private isSituation(clause: readonly Token[]): boolean {
    const head = clause[0]?.lower ?? '';
    if (!/^(?:a|an|someone|somebody|customers?|users?|new)$/.test(head)) return false;
    return (
      !this.cursor.isVerb(clause[0]) &&
      clause.some(
        (token, index) => index > 0 && (isPredicate(token) || /(?:ed|s)$/.test(token.lower)),
      )
    );
  }

  private actionEnd(from: number): number {
    const { cursor } = this;
    const whether =
      /^(?:check|see|verify|determine|find|ensure|confirm|make|look|validate|test)$/.test(
        cursor.tokens[from]?.lower ?? '',
      );
    for (let at = from; at < cursor.tokens.length; at += 1) {
      const token = cursor.tokens[at];
      if (isMark(token, ',:()—–->→')) {
        if (isMark(token, ',') && this.isList(at)) continue;
        return at;
      }
      if (at === from) continue;
      if (
        cursor.sees(
          [
            'then',
            'and then',
            'after that',
            'otherwise,',
            'else',
            'or else',
            'and after that',
            'and finally',
            'and afterwards',
          ],
          at,
        ) > 0
      )
        return at;
      if (token?.lower === 'otherwise') return at === cursor.tokens.length - 1 ? at + 1 : at;
      const inner =
        whether &&
        /^(?:if|whether)$/.test(token?.lower ?? '') &&
        at <= from + 5 &&
        !this.commaAhead(at);
      if (inner || (whether && /^(?:whether)$/.test(token?.lower ?? '')))
        return this.whetherEnd(at);
      if (whether && token?.lower === 'if' && at <= from + 2) return this.whetherEnd(at);
      if (
        cursor.sees(
          [
            'only if',
            'only when',
            'but only',
            'if',
            'when',
            'unless',
            'in case',
            'provided',
            'as long as',
            'as soon as',
            'once',
          ],
          at,
        ) > 0
      )
        return at;
      if (cursor.sees(eachOpeners, at) > 0 && !/^(?:to|with|go|loop)$/.test(token?.lower ?? ''))
        return at;
      if (cursor.sees(parallelMarkers, at) > 0) return at;
      if (cursor.sees(['before', 'after'], at) > 0 && this.isOrderClause(at)) return at;
      if (
        cursor.sees(errorOpeners, at) > 0 ||
        cursor.sees(['and retry', 'retrying', 'and try'], at) > 0
      )
        return at;
      if (
        cursor.sees(['with up to', 'with at most', 'up to'], at) > 0 &&
        /^(?:times|retries|attempts|tries)$/.test(
          cursor.tokens[at + 3]?.lower ?? cursor.tokens[at + 4]?.lower ?? '',
        )
      )
        return at;
      if (token?.lower === 'and' && cursor.startsClause(at + 1)) return at;
      if (token?.lower === 'and' && this.opensBlock(at + 1)) return at;
      if (
        token?.lower === 'and' &&
        /^(?:also|finally|then|afterwards)$/.test(cursor.tokens[at + 1]?.lower ?? '')
      )
        return at;
    }
    return cursor.tokens.length;
  }

  private opensBlock(at: number): boolean {
    const { cursor } = this;
    const openers = [conditionOpeners, eachOpeners, parallelMarkers, errorOpeners];
    return openers.some((phrases) => cursor.sees(phrases, at) > 0);
  }

  private isOrderClause(at: number): boolean {
    const next = this.cursor.tokens[at + 1];
    if (next === undefined) return false;
    if (this.cursor.tokens[at]?.lower === 'after' && this.durationAt(at + 1) !== undefined)
      return true;
    if (/ing$/.test(next.lower) && this.cursor.isVerb(next)) return true;
    return /^(?:you|we|it)$/.test(next.lower);
  }

  private whetherEnd(from: number): number {
    const { cursor } = this;
    for (let at = from; at < cursor.tokens.length; at += 1) {
      if (isMark(cursor.tokens[at], ',:—–')) return at;
      if (
        at > from + 2 &&
        cursor.sees(['then', 'and then', 'and if', 'and only', 'otherwise'], at) > 0
      )
        return at;
      if (at > from + 2 && cursor.tokens[at]?.lower === 'and' && cursor.startsClause(at + 1))
        return at;
    }
    return cursor.tokens.length;
  }

  /** "check A, B and C": the comma separates nouns. */
  private isList(at: number): boolean {
    const { cursor } = this;
    if (cursor.startsClause(at + 1) || cursor.sees(connectors, at + 1) > 0) return false;
    if (cursor.sees(conditionOpeners, at + 1) > 0 || cursor.sees(elseMarkers, at + 1) > 0)
      return false;
    if (cursor.sees(eachOpeners, at + 1) > 0 || cursor.sees(parallelMarkers, at + 1) > 0)
      return false;
    for (let ahead = at + 1; ahead < Math.min(at + 7, cursor.tokens.length); ahead += 1) {
      const token = cursor.tokens[ahead];
      if (token?.lower === 'and' || token?.lower === 'or') return !cursor.startsClause(ahead + 1);
      if (token?.kind === 'mark' && token.text !== ',') return false;
      if (token !== undefined && (isPredicate(token) || cursor.startsClause(ahead))) return false;
    }
    return false;
  }

  private actionOf(clause: readonly Token[]): ActionIntent {
    const { cursor } = this;
    let from = 0;
    while (
      /^(?:please|then|also|and|just|we|i|you|it|should|must|will|to|simply|kindly|go|ahead|be|sure)$/.test(
        clause[from]?.lower ?? '',
      ) &&
      from < clause.length - 1
    )
      from += 1;
    const words = clause.slice(from);
    const text = textOf(words);
    const subjectFirst = words.findIndex(
      (token, index) =>
        index > 0 &&
        /^(?:should|must|has|have|needs?|gets?|will|can)$/.test(token.lower) &&
        /^(?:be|to|get)$/.test(words[index + 1]?.lower ?? ''),
    );
    if (subjectFirst > 0) return this.passiveOf(words, subjectFirst, text);
    const particle = words.findIndex((token, at) => at > 0 && /^(?:in|out)$/.test(token.lower));
    const ends = particle === words.length - 1 || particle === 1;
    if (words[0]?.lower === 'check' && ends && particle > 0) {
      const rest = words.filter((_token, at) => at !== 0 && at !== particle);
      return { kind: 'action', verb: `check${words[particle]?.lower ?? ''}`, words: rest, text };
    }
    const told = words.findIndex((token) => token.lower === 'know');
    if (words[0]?.lower === 'let' && told > 1) {
      const rest = [...words.slice(1, told), ...words.slice(told + 1)];
      return { kind: 'action', verb: stem('notify'), words: rest, text };
    }
    const head = words[0];
    if (head !== undefined && cursor.isVerb(head) && !isDeterminer(head)) {
      return { kind: 'action', verb: head.stem, words: words.slice(1), text };
    }
    const phrasal =
      /^(?:make sure|find out|look up|take back|set up|check out|check in|let know)/.exec(
        words
          .slice(0, 2)
          .map((token) => token.lower)
          .join(' '),
      );
    if (phrasal !== null)
      return {
        kind: 'action',
        verb: phrasal[0] === 'make sure' ? 'check' : (head?.stem ?? ''),
        words: words.slice(2),
        text,
      };
    return { kind: 'action', verb: '', words, text };
  }

  /** "the X should be Yed" is "Y the X". */
  private passiveOf(words: readonly Token[], at: number, text: string): ActionIntent {
    let verbAt = at + 1;
    while (/^(?:be|to|get|been)$/.test(words[verbAt]?.lower ?? '')) verbAt += 1;
    const verb = words[verbAt];
    const rest = [...words.slice(0, at), ...words.slice(verbAt + 1)];
    return { kind: 'action', verb: verb?.stem ?? '', words: rest, text };
  }
}

/** After one of these a clause begins; what follows does not belong to the clause before. */
function isJoint(token: Token | undefined): boolean {
  return (
    token === undefined || isMark(token, ',:—–') || /^(?:and|then|but|also)$/.test(token.lower)
  );
}

export function negate(condition: Condition): Condition {
  switch (condition.kind) {
    case 'state':
    case 'missing':
    case 'checks':
      return { ...condition, negated: !condition.negated, text: `unless ${condition.text}` };
    case 'decision':
      return { ...condition, approved: !condition.approved };
    default:
      return { kind: 'not', part: condition, text: `unless ${condition.text}` };
  }
}

/** "when that is done" says in what order, not under what condition. */
function isDone(condition: Condition): boolean {
  if (condition.kind !== 'state' || condition.negated) return false;
  const state = condition.state.map((token) => token.lower).join(' ');
  return (
    /^(?:done|finished|complete|completed|through|over)$/.test(state) &&
    condition.subject.length <= 1
  );
}

function extendElse(existing: readonly Intent[], branch: readonly Intent[]): readonly Intent[] {
  const last = existing.at(-1);
  if (last?.kind !== 'if') return existing.length === 0 ? branch : [...existing, ...branch];
  const extended = { ...last, otherwise: extendElse(last.otherwise, branch) };
  return [...existing.slice(0, -1), extended];
}

export function durationOf(amount: number, unit: string): Duration {
  if (unit === 'week') return { days: amount * 7 };
  const long =
    unit === 'sec' ? 'second' : unit === 'min' ? 'minute' : unit === 'hr' ? 'hour' : unit;
  return { [`${long}s`]: amount };
}
