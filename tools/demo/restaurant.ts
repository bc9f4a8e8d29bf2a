import { createHash } from 'node:crypto';
import { keep, openBusiness } from './business.ts';
import type { Business, Opening } from './business.ts';
import type { Operation } from './documents.ts';
import { CALLS_MAX, LedgerFile } from './ledger.ts';
import type { Call, Line, Performed } from './ledger.ts';
import { operationOf } from './operations.ts';
import { problem } from './reply.ts';
import type { Input, Reply } from './reply.ts';

/** The answer to the first call with a key. */
interface Answer {
  fingerprint: string;
  status: number;
  body: string;
}

export interface Outcome {
  status: number;
  /** JSON text: an answer given again is the same to the byte. */
  body: string;
  effect: boolean;
  replayed: boolean;
  performed?: Performed;
}

interface State {
  business: Business;
  answers: Map<string, Answer>;
  calls: Call[];
  seq: number;
}

/** Dropping calls one by one would move the whole list each time. */
const CALLS_SLACK = 1000;

/** Business, answers by key and ledger, moving together: one call is one synchronous step. */
export class Restaurant {
  private readonly file: LedgerFile;
  private state: State;

  constructor(opening: Opening, file: LedgerFile) {
    this.file = file;
    this.state = open(opening, 0);
    const lines = file.read();
    for (const line of lines) this.replay(line);
    if (lines.length === 0) file.restart({ type: 'opened', ...opening, seq: 0 });
    else this.compactWhenFull();
  }

  reset(opening: Opening): void {
    this.state = open(opening, this.state.seq);
    this.file.restart({ type: 'opened', ...opening, seq: this.state.seq });
  }

  perform(operation: Operation, input: Input, key: string | null): Outcome {
    const taken = operation.takesKey && key !== null ? nameOf(operation, key) : null;
    const fingerprint = taken === null ? null : fingerprintOf(operation, input);
    const earlier = taken === null ? undefined : this.state.answers.get(taken);
    if (earlier && earlier.fingerprint !== fingerprint) {
      const detail = 'This Idempotency-Key was used for another request.';
      return { ...plain(problem(422, 'key-reused', { detail })), effect: false, replayed: false };
    }
    if (earlier) return { ...earlier, effect: false, replayed: true };
    const reply = operationOf(operation.system, operation.id)(this.state.business, input);
    const text = plain(reply);
    if (taken !== null && fingerprint !== null) {
      keep(this.state.answers, taken, { fingerprint, ...text });
    }
    const { params, query, body } = input;
    const matters = reply.effect || taken !== null;
    const performed = matters ? { input: { params, query, body }, fingerprint } : undefined;
    return { ...text, effect: reply.effect, replayed: false, ...(performed ? { performed } : {}) };
  }

  record(call: Omit<Call, 'seq'>, performed?: Performed): void {
    const numbered = { seq: this.state.seq + 1, ...call };
    this.add(numbered);
    this.file.append({ type: 'call', call: numbered, ...(performed ? { performed } : {}) });
    this.compactWhenFull();
  }

  /** Calls with a greater number, or received since a moment. */
  callsSince(since: number | Date = 0): Call[] {
    const { calls } = this.state;
    const oldest = Math.max(0, calls.length - CALLS_MAX);
    const kept = oldest > 0 ? calls.slice(oldest) : calls;
    if (typeof since === 'number') return kept.filter((call) => call.seq > since);
    return kept.filter((call) => Date.parse(call.at) >= since.getTime());
  }

  clearCalls(): void {
    this.state.calls = [];
    this.file.append({ type: 'cleared' });
  }

  close(): void {
    this.file.close();
  }

  private add(call: Call): void {
    const { calls } = this.state;
    this.state.seq = call.seq;
    calls.push(call);
    if (calls.length > CALLS_MAX + CALLS_SLACK) calls.splice(0, calls.length - CALLS_MAX);
  }

  private replay(line: Line): void {
    switch (line.type) {
      case 'opened':
        this.state = open(line, line.seq);
        return;
      case 'snapshot':
        this.state = line.state as State;
        return;
      case 'cleared':
        this.state.calls = [];
        return;
      case 'call':
        this.add(line.call);
        if (line.performed) this.performAgain(line.call, line.performed);
    }
  }

  private performAgain({ system, operation, at, idempotencyKey }: Call, done: Performed): void {
    if (operation === null) return;
    const input = { ...done.input, now: Date.parse(at) };
    const reply = operationOf(system, operation)(this.state.business, input);
    if (done.fingerprint === null || idempotencyKey === null) return;
    const name = nameOf({ system, id: operation }, idempotencyKey);
    keep(this.state.answers, name, { fingerprint: done.fingerprint, ...plain(reply) });
  }

  private compactWhenFull(): void {
    if (this.file.full) this.file.restart({ type: 'snapshot', state: this.state });
  }
}

function open(opening: Opening, seq: number): State {
  return { business: openBusiness(opening), answers: new Map(), calls: [], seq };
}

function plain(reply: Reply): { status: number; body: string } {
  return { status: reply.status, body: JSON.stringify(reply.body) };
}

function nameOf({ system, id }: { system: string; id: string }, key: string): string {
  return `${system}/${id}/${key}`;
}

function fingerprintOf({ path }: Operation, { params, query, body }: Input): string {
  const request = JSON.stringify([path, params, query, body ?? null]);
  return createHash('sha256').update(request).digest('base64url');
}
