import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { assert } from '@parley/kernel';
import type { ScriptAnswer, ScriptJob, ScriptLimits, ScriptThreadData } from './script-job.js';
import { inputModule, scriptPrelude } from './script-prelude.js';

/** How much longer a script may take that does not let itself be interrupted. */
const graceMs = 500;
const idleMsMax = 30_000;
/** What a thread needs beside the sandbox: copies of what goes in and comes out. */
const threadHeapMebibytesMax = 96;
const threadStackMebibytes = 4;

/**
 * Threads that run scripts. A script that cannot be interrupted, or that nobody waits for any more,
 * is ended with its thread.
 */
export class ScriptThreads {
  private readonly limits: ScriptLimits;
  private readonly threads = new Set<Thread>();
  private wasm: Promise<WebAssembly.Module> | undefined;
  private isEnded = false;

  constructor(limits: ScriptLimits) {
    this.limits = limits;
  }

  async run(job: ScriptJob, signal: AbortSignal): Promise<ScriptAnswer> {
    this.wasm ??= compiled();
    const wasm = await this.wasm;
    signal.throwIfAborted();
    if (this.isEnded) throw stopped();
    const thread = [...this.threads].find(({ isFree }) => isFree) ?? this.grow(wasm);
    return thread.run(job, signal);
  }

  /** Resolves when no thread is left; from then on no script begins. */
  async end(): Promise<void> {
    this.isEnded = true;
    await Promise.all([...this.threads].map((thread) => thread.end()));
  }

  private grow(wasm: WebAssembly.Module): Thread {
    const { limits } = this;
    const thread = new Thread({ wasm, prelude: scriptPrelude, limits }, () =>
      this.threads.delete(thread),
    );
    this.threads.add(thread);
    return thread;
  }
}

/** Compiled once for all threads and scripts. */
async function compiled(): Promise<WebAssembly.Module> {
  const path = createRequire(import.meta.url).resolve(
    '@jitl/quickjs-ng-wasmfile-release-sync/wasm',
  );
  return WebAssembly.compile(await readFile(path));
}

interface Waiting {
  resolve(answer: ScriptAnswer): void;
  reject(error: unknown): void;
}

class Thread {
  private readonly worker: Worker;
  private readonly workMsMax: number;
  private readonly onEnded: () => void;
  private waiting: Waiting | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ending: Promise<void> | undefined;

  constructor(workerData: ScriptThreadData, onEnded: () => void) {
    this.onEnded = onEnded;
    this.workMsMax = workerData.limits.workMsMax;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.worker = new Worker(new URL(`./script-worker.${extension}`, import.meta.url), {
      workerData,
      execArgv: [],
      env: {},
      resourceLimits: {
        maxOldGenerationSizeMb: threadHeapMebibytesMax,
        stackSizeMb: threadStackMebibytes,
      },
    });
    this.worker.on('message', (answer: ScriptAnswer) => this.answered(answer));
    this.worker.on('error', (error: NodeJS.ErrnoException) => {
      const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      void (isFull ? this.end({ kind: 'stopped', reason: 'memory' }) : this.end(error));
    });
  }

  get isFree(): boolean {
    return this.waiting === undefined && this.ending === undefined;
  }

  run(job: ScriptJob, signal: AbortSignal): Promise<ScriptAnswer> {
    assert(this.isFree, 'a thread runs one script at a time');
    const abort = () => void this.end(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const ended = new Promise<ScriptAnswer>((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
    this.after(this.workMsMax + graceMs, { kind: 'stopped', reason: 'time' });
    this.worker.ref();
    this.worker.postMessage({ job, input: inputModule(job.stdin) });
    return ended.finally(() => signal.removeEventListener('abort', abort));
  }

  /** @param outcome what whoever waits is told: an answer, or what is thrown */
  end(outcome: unknown = stopped()): Promise<void> {
    this.ending ??= this.endWith(outcome);
    return this.ending;
  }

  private async endWith(outcome: unknown): Promise<void> {
    clearTimeout(this.timer);
    await this.worker.terminate();
    if (isAnswer(outcome)) this.waiting?.resolve(outcome);
    else this.waiting?.reject(outcome);
    this.onEnded();
  }

  private answered(answer: ScriptAnswer): void {
    const { waiting } = this;
    this.waiting = undefined;
    this.after(idleMsMax, undefined);
    this.worker.unref();
    waiting?.resolve(answer);
  }

  private after(ms: number, outcome: ScriptAnswer | undefined): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.end(outcome), ms);
    if (outcome === undefined) this.timer.unref();
  }
}

function stopped(): Error {
  return new Error('the scripts are stopped');
}

function isAnswer(outcome: unknown): outcome is ScriptAnswer {
  return typeof outcome === 'object' && outcome !== null && 'kind' in outcome;
}
