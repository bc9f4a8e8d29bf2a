import type { Token } from '../language/tokens.js';
import { findComparison, readCondition } from './conditions.js';
import { isDeterminer, isMark, isPronoun, Cursor } from './cursor.js';
import { type AskIntent, type Condition, type Intent } from './intents.js';
import {
  actionEnd,
  conditionEnd,
  isEvent,
  isMarkerEnd,
  isSituation,
  nounPhraseEnd,
  seesElse,
} from './clauses.js';
import { actionOf, eachInside } from './actions.js';
import { durationAt, retryAfterFailure } from './durations.js';
import {
  anyCaseMarkers,
  conditionOpeners,
  connectors,
  eachOpeners,
  elseMarkers,
  errorOpeners,
  parallelMarkers,
  soMarkers,
} from './markers.js';
import { readAsk } from './ask.js';

/** Deepest nesting of conditions and loops that is read. */
const depthMax = 8;

export class BlockParser {
  atStart = false;
  /** "when X happens and C": nothing of the request is done unless C. */
  gate: Condition | undefined;
  /** What is done when a condition holds; ", if" begins the next condition, not one inside. */
  isWay = false;
  inLoop = false;
  private readonly cursor: Cursor;
  private readonly out: Intent[];
  private readonly takeTrigger: (clause: readonly Token[]) => boolean;
  /** Where the actions that a trailing condition covers begin. */
  private chainFrom = 0;
  private sentenceFrom = 0;
  /** Where the actions after the last "then" begin. */
  private thenFrom = 0;

  constructor(
    cursor: Cursor,
    before: readonly Intent[],
    takeTrigger: (clause: readonly Token[]) => boolean,
  ) {
    this.cursor = cursor;
    this.out = [...before];
    this.takeTrigger = takeTrigger;
    this.chainFrom = this.out.length;
    this.sentenceFrom = this.out.length;
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
    if (seesElse(this.cursor)) {
      if (!outer) return false;
      this.readElse(depth);
      return true;
    }
    if (cursor.sees(soMarkers) > 0 && isMarkerEnd(this.cursor, cursor.sees(soMarkers))) {
      cursor.takes(soMarkers);
      this.pushIf({ kind: 'checks', count: 'last', negated: false, text: 'so' }, depth);
      return true;
    }
    if (this.readParallelMarker(depth) || this.readFailure(depth) || this.readRetry()) return true;
    if (this.readWait() || this.readOrder(depth)) return true;
    if (cursor.sees(connectors) > 0 && cursor.sees(['should']) === 0) {
      if (cursor.sees(['then', 'and then', 'after that', 'afterwards', 'next', 'finally']) > 0) {
        this.chainFrom = this.out.length;
        this.thenFrom = this.out.length;
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
    if (cursor.sees(eachOpeners) > 0) return this.readEach(depth);
    this.readAction(depth);
    return true;
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
    } else if (check?.kind === 'guard' && check.onError.length > 0) {
      this.out.push(...branch);
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
    if (seesElse(this.cursor)) this.readElse(depth);
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
    const to = conditionEnd(this.cursor, from, trailing);
    const clause = cursor.slice(from, to);
    cursor.at = to;
    if (
      !trailing &&
      this.atStart &&
      this.out.length === 0 &&
      isEvent(this.cursor, clause, opener)
    ) {
      if (this.takeTrigger(clause)) return true;
    }
    const joint = clause.findIndex((token, at) => at > 1 && token.lower === 'and');
    const head = clause.slice(0, Math.max(joint, 0));
    if (
      !trailing &&
      this.atStart &&
      this.out.length === 0 &&
      joint > 0 &&
      isEvent(cursor, head, opener)
    ) {
      if (findComparison(clause) !== undefined && this.takeTrigger(head)) {
        this.gate = readCondition(clause.slice(joint + 1));
        return true;
      }
    }
    const spoken = readCondition(clause);
    const condition = unless ? negate(spoken) : spoken;
    const last = this.out.at(-1);
    if (trailing || (this.restIsEmpty() && this.out.length > 0)) {
      this.coverChain(condition, opener, unless);
      if (seesElse(this.cursor)) this.readElse(depth);
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
    const to = nounPhraseEnd(this.cursor, from);
    const phrase = cursor.slice(from, to);
    cursor.at = to;
    if (trailing && this.inLoop && phrase.every(isPronoun)) return true;
    const whose = phrase.findIndex(
      (token, at) => at > 0 && /^(?:with|whose|where|having|that|which)$/.test(token.lower),
    );
    const compared = whose > 0 && findComparison(phrase.slice(whose)) !== undefined;
    if (compared) {
      const condition = readCondition(phrase.slice(whose + 1));
      const then = this.nested(depth, false, false, true);
      const body: Intent[] = [{ kind: 'if', condition, then, otherwise: [] }];
      this.out.push({ kind: 'each', item: phrase.slice(0, whose), source: [], body });
      return true;
    }
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
    const start = Math.max(this.sentenceFrom, this.thenFrom);
    if (this.out.slice(start).every(({ kind }) => kind === 'action')) return start;
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

  private readWait(): boolean {
    const { cursor } = this;
    const verb = cursor.sees(['wait', 'pause', 'hold on', 'sleep', 'delay', 'after', 'give it']);
    const at = cursor.at;
    const found = durationAt(this.cursor, at + verb);
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
        actionOf(
          this.cursor,
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
    const retry = retryAfterFailure(this.cursor);
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
    const to = actionEnd(this.cursor, from);
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
      isSituation(this.cursor, clause) &&
      this.takeTrigger(clause)
    )
      return;
    const whether = clause.findIndex((token) => /^(?:if|whether)$/.test(token.lower));
    if (clause.every((token) => token.lower === 'otherwise')) return;
    if (clause.at(-1)?.lower === 'otherwise') {
      this.attachElse([actionOf(this.cursor, clause.slice(0, -1))]);
      return;
    }
    const action = actionOf(this.cursor, clause);
    const each = eachInside(this.cursor, action, depth);
    if (each !== undefined) this.out.push(each);
    else if (whether > 0) {
      this.out.push({ ...action, outcome: readCondition(clause.slice(whether + 1)) });
    } else if (action.words.length > 0 || action.verb !== '') this.out.push(action);
  }
}

/** After one of these a clause begins; what follows does not belong to the clause before. */
function isJoint(token: Token | undefined): boolean {
  return (
    token === undefined || isMark(token, ',:—–') || /^(?:and|then|but|also)$/.test(token.lower)
  );
}

function negate(condition: Condition): Condition {
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
