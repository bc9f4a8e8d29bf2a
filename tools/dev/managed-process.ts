import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Watchdog } from '@parley/postgres-server';

import { causeIn } from './cause.ts';
import { logTail, openLog } from './log-file.ts';
import { gentleStop, type ProcessSpec } from './process-spec.ts';
import type { ProcessState, ProcessStatus } from './state.ts';

export interface ProcessSurroundings {
  readonly watchdog: Watchdog;
  readonly logFile: string;
  readonly dependencies: readonly ManagedProcess[];
  /** Told about every change of state. */
  changed(): void;
  /** Told one line for the person at the terminal. */
  report(line: string): void;
  /** The process says that another start would end like this one; told why, on one line. */
  cannotStart(cause: string): void;
}

const backoffMsMin = 200;
const backoffMsMax = 5000;
/** A process that lived this long after it was ready did not fail because of how it was started. */
const stableMs = 2000;
const pollMs = { first: 40, later: 250, firstForMs: 5000 };
const slowStartMs = 30_000;
const causeLines = 40;
/** How a service ends that cannot start: see `CannotStart` in `libs/nest-kit`. */
const cannotStartExitCode = 78;

/** Keeps one process of the table running until it is stopped. */
export class ManagedProcess {
  readonly spec: ProcessSpec;
  readonly #around: ProcessSurroundings;
  readonly #stopping = new AbortController();
  #status: ProcessStatus = 'waiting';
  #child: ChildProcess | undefined;
  #startedAt: string | undefined;
  #restarts = 0;
  #readyWaiters: (() => void)[] = [];
  #loop: Promise<void> = Promise.resolve();

  constructor(spec: ProcessSpec, around: ProcessSurroundings) {
    this.spec = spec;
    this.#around = around;
  }

  get state(): ProcessState {
    return {
      pid: this.#child?.pid,
      status: this.#status,
      port: this.spec.port,
      restarts: this.#restarts,
      startedAt: this.#startedAt,
    };
  }

  get isReady(): boolean {
    return this.#status === 'ready' || this.#status === 'done';
  }

  start(): void {
    this.#loop = this.#keepRunning();
  }

  /** Resolves when the process is ready, at once if it is; never if it is stopped before. */
  whenReady(): Promise<void> {
    if (this.isReady) return Promise.resolve();
    return new Promise((resolve) => this.#readyWaiters.push(resolve));
  }

  /** @returns whether there was a process to send the signal to. */
  kill(signal: NodeJS.Signals): boolean {
    const killed = this.#child?.kill(signal) ?? false;
    // Whoever asks for the state next must not be told that it is still ready.
    if (killed && signal === 'SIGKILL' && this.#status === 'ready') this.#become('restarting');
    return killed;
  }

  async stop(stepMsMax = Infinity): Promise<void> {
    this.#stopping.abort();
    for (const { signal, limitMs } of this.spec.stopSteps ?? gentleStop) {
      this.#child?.kill(signal);
      const ended = await Promise.race([
        this.#loop.then(() => true),
        sleep(Math.min(limitMs, stepMsMax), false, { ref: false }),
      ]);
      if (ended) break;
    }
    this.#become('stopped');
  }

  async #keepRunning(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const ready = Promise.all(this.#around.dependencies.map((one) => one.whenReady()));
      await Promise.race([ready, this.#aborted()]);
      if (this.#stopping.signal.aborted) return;
      const { readyForMs, end, succeeded, isFinal } = await this.#runOnce();
      if (succeeded) return this.#become('done');
      if (this.#stopping.signal.aborted) return;
      if (isFinal === true) {
        this.#become('failed');
        this.#around.cannotStart(end);
        return;
      }
      failures = readyForMs >= stableMs ? 1 : failures + 1;
      const delayMs = Math.min(backoffMsMin * 2 ** (failures - 1), backoffMsMax);
      this.#restarts += 1;
      this.#become('restarting');
      const { name } = this.spec;
      this.#around.report(`${name} ended (${end}), starts again in ${delayMs / 1000} s`);
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  async #runOnce(): Promise<{
    readyForMs: number;
    end: string;
    succeeded: boolean;
    isFinal?: boolean;
  }> {
    let launch;
    try {
      launch = await this.spec.prepare();
    } catch (error) {
      const end = error instanceof Error ? error.message : String(error);
      return { readyForMs: 0, end, succeeded: false };
    }
    if (this.#stopping.signal.aborted) return { readyForMs: 0, end: 'stopped', succeeded: false };
    const log = openLog(this.#around.logFile);
    const { command, args, env, cwd, uid } = launch;
    const identity = uid === undefined ? {} : { uid, gid: uid };
    const stdio = ['ignore', log, log] as const;
    const child = this.#around.watchdog.spawn(command, args, { env, cwd, stdio, ...identity });
    closeSync(log);
    this.#child = child;
    this.#startedAt = new Date().toISOString();
    this.#become('starting');
    const ended = endOf(child);
    const readyAt = await this.#becomeReady(child);
    const end = await ended;
    this.#child = undefined;
    return {
      readyForMs: readyAt === undefined ? 0 : Date.now() - readyAt,
      // Killed from outside it said nothing; what it said before failing by itself is the cause.
      end: child.signalCode === null ? this.#withCause(end) : end,
      succeeded: this.spec.once === true && child.exitCode === 0,
      isFinal: child.exitCode === cannotStartExitCode,
    };
  }

  /** @returns when it became ready; undefined if it ended before. */
  async #becomeReady(child: ChildProcess): Promise<number | undefined> {
    if (this.spec.once === true || child.pid === undefined) return undefined;
    const start = Date.now();
    let reported = false;
    const running = () => child.exitCode === null && child.signalCode === null;
    while (running()) {
      if ((await this.spec.isReady(child.pid)) && running()) {
        if (this.#restarts > 0) this.#around.report(`${this.spec.name} is ready again`);
        this.#become('ready');
        return Date.now();
      }
      const passedMs = Date.now() - start;
      if (passedMs > slowStartMs && !reported) {
        reported = true;
        this.#around.report(
          `${this.spec.name} is not ready after ${slowStartMs / 1000} s, see ${this.#around.logFile}`,
        );
      }
      await sleep(passedMs < pollMs.firstForMs ? pollMs.first : pollMs.later);
    }
    return undefined;
  }

  #withCause(end: string): string {
    const cause = causeIn(logTail(this.#around.logFile, causeLines));
    return cause === undefined ? end : `${end}: ${cause}`;
  }

  #aborted(): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
  }

  #become(status: ProcessStatus): void {
    this.#status = status;
    if (this.isReady) {
      const waiters = this.#readyWaiters;
      this.#readyWaiters = [];
      for (const resolve of waiters) resolve();
    }
    this.#around.changed();
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit ${code ?? 0}`));
  });
}
