import { Worker } from 'node:worker_threads';
import { AppError, assert, parseJson, stringifyJson } from '@parley/kernel';
import type { AnswerOf, BodyOf, ToolName } from './tools.js';

/** Bounds of what large texts may take. */
export interface ThreadLimits {
  readonly threadsMax: number;
  /** Requests that wait for a thread. */
  readonly waitingMax: number;
  /** Of these the requests of one tenant. */
  readonly tenantWaitingMax: number;
  /** From the start of the work on. */
  readonly workMsMax: number;
  readonly heapMebibytesMax: number;
  /** An unused thread ends after this. */
  readonly idleMsMax: number;
}

const defaultLimits: ThreadLimits = {
  threadsMax: 2,
  waitingMax: 20,
  tenantWaitingMax: 8,
  workMsMax: 20_000,
  heapMebibytesMax: 512,
  idleMsMax: 60_000,
};

interface Job {
  readonly tenantId: string;
  readonly tool: ToolName;
  readonly body: string;
  readonly resolve: (answer: string) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Threads for work that would hold up other requests. A thread does one job at a time; one that takes
 * too long, or too much memory, is ended with its job. A tenant whose work is being done, or
 * was done last, lets others go first.
 */
export class LanguageThreads {
  private readonly waiting: Job[] = [];
  private readonly threads = new Set<Thread>();
  private servedLast: string | undefined;
  private closed = false;

  constructor(private readonly limits: ThreadLimits = defaultLimits) {}

  /** @throws AppError `timeout`, `too-large`, `overloaded` */
  async run<K extends ToolName>(tool: K, body: BodyOf<K>, tenantId: string): Promise<AnswerOf<K>> {
    if (this.closed) throw shuttingDown();
    this.refuseOverload(tenantId);
    const text = stringifyJson(body);
    const answer = await new Promise<string>((resolve, reject) => {
      this.waiting.push({ tenantId, tool, body: text, resolve, reject });
      this.next();
    });
    return parseJson(answer) as unknown as AnswerOf<K>;
  }

  private refuseOverload(tenantId: string): void {
    const { waitingMax, tenantWaitingMax } = this.limits;
    const own = this.waiting.filter((job) => job.tenantId === tenantId).length;
    if (this.waiting.length < waitingMax && own < tenantWaitingMax) return;
    const message = 'Too many large definitions wait to be read. Try again in a moment.';
    throw new AppError('overloaded', message, { retryAfterSeconds: 2 });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const job of this.waiting.splice(0)) job.reject(shuttingDown());
    await Promise.all([...this.threads].map((thread) => thread.end(shuttingDown())));
  }

  private next(): void {
    const job = this.waiting.find(({ tenantId }) => !this.isServed(tenantId)) ?? this.waiting[0];
    if (job === undefined) return;
    const free = [...this.threads].find((thread) => thread.isFree) ?? this.start();
    if (free === undefined) return;
    this.waiting.splice(this.waiting.indexOf(job), 1);
    this.servedLast = job.tenantId;
    free.take(job);
  }

  private isServed(tenantId: string): boolean {
    const threads = [...this.threads];
    return tenantId === this.servedLast || threads.some((thread) => thread.tenantId === tenantId);
  }

  private start(): Thread | undefined {
    if (this.threads.size >= this.limits.threadsMax) return undefined;
    const thread = new Thread(this.limits, {
      free: () => this.next(),
      ended: () => {
        this.threads.delete(thread);
        this.next();
      },
    });
    this.threads.add(thread);
    return thread;
  }
}

interface Owner {
  free(): void;
  ended(): void;
}

class Thread {
  private readonly worker: Worker;
  private job: Job | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isEnding = false;

  constructor(
    private readonly limits: ThreadLimits,
    private readonly owner: Owner,
  ) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const besides = (name: string) => new URL(`./${name}.${extension}`, import.meta.url);
    this.worker = new Worker(besides('language-worker'), {
      workerData: besides('tools').href,
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMebibytesMax },
    });
    this.worker.unref();
    this.worker.on('message', (answer: string) => this.done(answer));
    this.worker.on('error', (error: NodeJS.ErrnoException) => {
      void this.end(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? this.tooMuchMemory() : error);
    });
  }

  /** Whose work it does. */
  get tenantId(): string | undefined {
    return this.job?.tenantId;
  }

  get isFree(): boolean {
    return this.job === undefined && !this.isEnding;
  }

  take(job: Job): void {
    assert(this.isFree, 'a thread does one job at a time');
    this.job = job;
    this.after(this.limits.workMsMax, this.tooMuchTime());
    this.worker.postMessage({ tool: job.tool, body: job.body });
  }

  async end(reason: unknown): Promise<void> {
    if (this.isEnding) return;
    this.isEnding = true;
    clearTimeout(this.timer);
    await this.worker.terminate();
    this.job?.reject(reason);
    this.owner.ended();
  }

  private done(answer: string): void {
    const { job } = this;
    this.job = undefined;
    this.after(this.limits.idleMsMax, undefined);
    job?.resolve(answer);
    this.owner.free();
  }

  private after(ms: number, reason: unknown): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.end(reason), ms).unref();
  }

  private tooMuchTime(): AppError {
    const seconds = this.limits.workMsMax / 1_000;
    return new AppError(
      'timeout',
      `The definition takes more than ${String(seconds)} s to work on. Split the workflow.`,
    );
  }

  private tooMuchMemory(): AppError {
    const mebibytes = this.limits.heapMebibytesMax;
    return new AppError(
      'too-large',
      `The definition takes more than ${String(mebibytes)} MiB to work on. Split the workflow.`,
    );
  }
}

function shuttingDown(): AppError {
  return new AppError('unavailable', 'The service is shutting down.');
}
