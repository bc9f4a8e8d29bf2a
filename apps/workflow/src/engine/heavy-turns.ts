import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { fold, type LoadedIr, type RunState, type Turn } from '@parley/engine';
import { AppError, parseJson } from '@parley/kernel';
import type { HeavyAnswer, HeavyOutcome, HeavyTurn } from './heavy-turn.js';
import { stoppedError } from './flusher.js';
import { FairLines } from './priority-line.js';
import { bounded } from './bounded.js';
import type { TurnRequest } from './turn-taking.js';

/** The engine's own thread has a core for itself. */
const threadsMax = Math.min(4, Math.max(1, availableParallelism() - 1));
const heapMebibytesMax = 768;
/** What may be evaluated takes a fraction of this. */
const turnMsMax = 60_000;
const idleMsMax = 30_000;

interface Waiting {
  readonly request: TurnRequest;
  resolve(answer: HeavyAnswer): void;
  reject(error: unknown): void;
}

/**
 * Takes turns on threads of their own, so that an expression that needs a tenth of a second holds up
 * nobody else. A turn is what it would be here: the machine has no other inputs. Tenants take turns.
 */
export class HeavyTurns {
  private readonly waiting = new FairLines<Waiting>();
  private readonly threads = new Set<Thread>();
  private readonly texts = new WeakMap<object, string>();
  private isEnded = false;

  /** @throws AppError `too-large`, `unavailable` */
  readonly take = async (request: TurnRequest): Promise<Turn> => {
    const answer = await this.answerTo(request);
    if (!answer.ok) throw tooLarge(answer.error);
    return bounded(() => turnOf(request, answer.value));
  };

  /** Resolves when no thread is left; what still waits is refused. */
  async end(): Promise<void> {
    this.isEnded = true;
    for (let next = this.waiting.take(); next !== undefined; next = this.waiting.take()) {
      next.reject(stoppedError());
    }
    await Promise.all([...this.threads].map((thread) => thread.end(stoppedError())));
  }

  private toldOf({ program, state, stimulus, now }: TurnRequest): HeavyTurn {
    const { program: revision } = stimulus;
    // What comes back is a copy: nobody knows any more which list has grown from which.
    const { sharedEvaluationMax: _shared, listsGrow: _grow, ...limits } = program.limits;
    return {
      ...this.definitionOf(program),
      limits,
      state: stateText(state),
      stimulus: JSON.stringify({ ...stimulus, program: undefined }),
      ...(revision === undefined ? {} : { revision: this.definitionOf(revision) }),
      now,
    };
  }

  private definitionOf({ ir }: LoadedIr): { readonly irHash: string; readonly ir: string } {
    const text = this.texts.get(ir) ?? JSON.stringify(ir);
    this.texts.set(ir, text);
    return { irHash: ir.hash, ir: text };
  }

  private answerTo(request: TurnRequest): Promise<HeavyAnswer> {
    return new Promise((resolve, reject) => {
      if (this.isEnded) return reject(stoppedError());
      const { tenantId, priority } = request.facts;
      this.waiting.add(tenantId, { request, resolve, reject }, priority);
      this.next();
    });
  }

  private next(): void {
    const free = [...this.threads].find(({ isFree }) => isFree);
    if (free === undefined && this.threads.size >= threadsMax) return;
    const waiting = this.waiting.take();
    if (waiting === undefined) return;
    try {
      // Texts are made when there is a thread for them: what waits takes no more room for it.
      const told = bounded(() => this.toldOf(waiting.request));
      (free ?? this.grow()).take(told, waiting);
    } catch (error) {
      waiting.reject(error);
      this.next();
    }
  }

  private grow(): Thread {
    const thread: Thread = new Thread({
      onFree: () => this.next(),
      onEnded: () => {
        this.threads.delete(thread);
        this.next();
      },
    });
    this.threads.add(thread);
    return thread;
  }
}

interface ThreadOptions {
  readonly onFree: () => void;
  readonly onEnded: () => void;
}

class Thread {
  private readonly options: ThreadOptions;
  private readonly worker: Worker;
  private waiting: Waiting | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ending: Promise<void> | undefined;

  constructor(options: ThreadOptions) {
    this.options = options;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.worker = new Worker(new URL(`./heavy-turn-worker.${extension}`, import.meta.url), {
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: heapMebibytesMax },
    });
    this.worker.on('message', (answer: HeavyAnswer) => this.answered(answer));
    this.worker.on('error', (error: NodeJS.ErrnoException) => {
      const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      void this.end(isFull ? tooLarge(error.message) : error);
    });
  }

  get isFree(): boolean {
    return this.waiting === undefined && this.ending === undefined;
  }

  take(turn: HeavyTurn, waiting: Waiting): void {
    this.waiting = waiting;
    this.after(turnMsMax, tooLarge('it took too long'));
    this.worker.ref();
    this.worker.postMessage(turn);
  }

  end(reason: Error): Promise<void> {
    this.ending ??= this.endBecauseOf(reason);
    return this.ending;
  }

  private async endBecauseOf(reason: Error): Promise<void> {
    clearTimeout(this.timer);
    await this.worker.terminate();
    this.waiting?.reject(reason);
    this.options.onEnded();
  }

  private answered(answer: HeavyAnswer): void {
    const { waiting } = this;
    this.waiting = undefined;
    this.after(idleMsMax, stoppedError());
    this.timer?.unref();
    this.worker.unref();
    waiting?.resolve(answer);
    this.options.onFree();
  }

  private after(ms: number, reason: Error): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.end(reason), ms);
  }
}

/** The turn that another thread has taken. */
function turnOf({ state, stimulus }: TurnRequest, answer: string): Turn {
  const outcome = parseJson(answer) as unknown as HeavyOutcome;
  const { entries, effects, yielded, rejection, isRevised } = outcome;
  const revised = isRevised ? stimulus.program : undefined;
  return {
    state: rejection === undefined ? fold(state, entries) : state,
    ...{ entries, effects, yielded },
    ...(revised === undefined ? {} : { program: revised }),
    ...(rejection === undefined ? {} : { rejection }),
  };
}

function stateText(state: RunState): string {
  return JSON.stringify({ ...state, frames: Object.fromEntries(state.frames) });
}

function tooLarge(why: string): AppError {
  const message = 'the data is too large or too deeply nested';
  return new AppError('too-large', message, { cause: new Error(why) });
}
