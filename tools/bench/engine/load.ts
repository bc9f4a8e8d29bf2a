import { randomUUID } from 'node:crypto';

import { Connection } from './connection.ts';

export interface Load {
  readonly port: number;
  /** Where a start is posted. */
  readonly path: string;
  /** Starts under way at a time. */
  readonly connections: number;
  /** The answer comes when the run is through, and is what the run came to. @default false */
  readonly answersEnd?: boolean;
  /** Headers that say who starts; asked for again every few minutes, because tokens end. */
  readonly head: () => string | Promise<string>;
  readonly input: unknown;
  /** Runs that one request starts, each under a key of its own; @default a request for each */
  readonly batch?: number;
  /** Runs after which it ends by itself; a multiple of `batch`. @default none */
  readonly total?: number;
  /** Starts per second; @default as many as are answered */
  readonly ratePerSecond?: number;
  /** What else a start waits for before the next one goes off. */
  readonly ended?: (runId: string) => Promise<void> | undefined;
  /** Told of every request that was sent away because the engine is behind. */
  readonly onBehind?: () => void;
  /** Told of every start: how long it took, and whether the run was through then. */
  readonly onStarted: (started: { readonly ms: number; readonly completed: boolean }) => void;
}

export interface RunningLoad {
  /** Settles when the last start under way has been answered; rejects when one was refused. */
  stop(): Promise<void>;
  /** Rejects as soon as a start is refused for another reason than that the engine is behind. */
  readonly failed: Promise<never>;
}

const headMsMax = 120_000;
const behindPauseMs = 20;
/** A load that fell behind its rate by more does not make up for it. */
const paceLateMsMax = 1_000;

/** Starts runs, each with an idempotency key of its own, as fast as they are answered. */
export async function startLoad(load: Load): Promise<RunningLoad> {
  let head = await load.head();
  let stopped = false;
  const pace = paceOf(load);
  const renewal = setInterval(() => void renew(), headMsMax);
  const renew = async () => {
    head = await load.head();
  };
  const { batch, total = Infinity } = load;
  let sent = 0;
  const line = `POST ${load.path}${batch === undefined ? '' : '/batch'} HTTP/1.1\r\n`;
  const body = JSON.stringify(load.answersEnd === true ? load.input : { input: load.input });
  const work = async () => {
    const connection = new Connection(load.port);
    try {
      while (!stopped && sent < total) {
        sent += batch ?? 1;
        await pace();
        const since = performance.now();
        const request = `${line}${head}idempotency-key: ${randomUUID()}\r\n`;
        const answer = await connection.post(request, batch === undefined ? body : batchOf(load));
        if (answer.status === 429) {
          load.onBehind?.();
          sent -= batch ?? 1;
          await new Promise((resume) => setTimeout(resume, behindPauseMs));
          continue;
        }
        if (answer.status !== (load.answersEnd === true || batch !== undefined ? 200 : 202)) {
          throw new Error(`a start was refused: ${answer.body}`);
        }
        if (batch !== undefined) {
          const ms = performance.now() - since;
          const runs = startedRuns(answer.body, batch);
          for (const { completed } of runs) load.onStarted({ ms, completed });
          if (load.ended !== undefined)
            await Promise.all(runs.map(async ({ id }) => load.ended?.(id)));
          continue;
        }
        const run = load.answersEnd === true ? endedRun : startedRun(answer.body);
        load.onStarted({ ms: performance.now() - since, completed: run.completed });
        if (load.ended !== undefined) await load.ended(run.id);
      }
    } finally {
      connection.close();
    }
  };
  const all = Promise.all(Array.from({ length: load.connections }, work));
  const failed = new Promise<never>((_, reject) => void all.catch(reject));
  failed.catch(() => undefined);
  return {
    failed,
    stop: async () => {
      stopped = true;
      clearInterval(renewal);
      await all;
    },
  };
}

/** Waits for the time of the next start, in steps of a connection's own. */
function paceOf({ ratePerSecond }: Load): () => Promise<void> | void {
  if (ratePerSecond === undefined) return () => undefined;
  let next = performance.now();
  return async () => {
    next = Math.max(next, performance.now() - paceLateMsMax) + 1000 / ratePerSecond;
    const waitMs = next - performance.now();
    if (waitMs > 1) await new Promise((resume) => setTimeout(resume, waitMs));
  };
}

const endedRun = { id: '', completed: true };

function batchOf({ input, batch }: Load): string {
  const item = () => `{"key":"${randomUUID()}","input":${text}}`;
  const text = JSON.stringify(input);
  return `{"items":[${Array.from({ length: batch ?? 1 }, item).join(',')}]}`;
}

/** The runs of a batch. One that was refused ends the measurement. */
function startedRuns(
  body: string,
  count: number,
): { readonly id: string; readonly completed: boolean }[] {
  const runs = [...body.matchAll(/"runId":"(run_[0-9a-z]+)","status":"(\w+)"/g)];
  if (runs.length !== count) throw new Error(`a start was refused: ${body.slice(0, 2_000)}`);
  return runs.map(([, id = '', status]) => ({ id, completed: status === 'completed' }));
}

/** Without parsing the whole answer: the client must cost little. */
function startedRun(body: string): { readonly id: string; readonly completed: boolean } {
  const id = /"id":"(run_[0-9a-z]+)"/.exec(body)?.[1];
  if (id === undefined) throw new Error(`an answer without a run: ${body.slice(0, 200)}`);
  return { id, completed: body.includes('"status":"completed"') };
}
