import { join } from 'node:path';

import { AppError } from '@parley/kernel';
import { Watchdog } from '@parley/postgres-server';

import { remove, type Home } from './home.ts';
import { logTail, rotateLog } from './log-file.ts';
import { ManagedProcess } from './managed-process.ts';
import type { ProcessSpec } from './process-spec.ts';
import { writeState, type PlatformState } from './state.ts';

export interface SupervisorOptions {
  readonly home: Home;
  readonly portBase: number;
  readonly url: string;
  readonly specs: readonly ProcessSpec[];
  /** Removes the home when this process dies, and when it stops. */
  readonly temporary?: boolean;
  readonly report: (line: string) => void;
}

/** A process cannot start as things are, and is not started again. */
class CannotStart extends AppError {
  constructor(message: string) {
    super('invalid', message);
  }
}

const logCheckMs = 15_000;

/** Runs the process table: starts, restarts, tells the state, stops. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #watchdog: Watchdog;
  readonly #processes = new Map<string, ManagedProcess>();
  readonly #logCheck: NodeJS.Timeout;
  readonly #failed = Promise.withResolvers<never>();
  #writePending = false;
  #stopped: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { home, specs, temporary } = options;
    this.#watchdog = new Watchdog({
      dataDir: join(home.dir, 'postgres/data'),
      ...(temporary === true && { removeDir: home.dir }),
    });
    for (const spec of specs) this.#processes.set(spec.name, this.#manage(spec));
    this.#logCheck = setInterval(() => {
      for (const { name } of specs) rotateLog(this.#logFile(name));
    }, logCheckMs);
    this.#logCheck.unref();
    this.#failed.promise.catch(() => undefined); // Told to whoever waits.
  }

  get watchdog(): Watchdog {
    return this.#watchdog;
  }

  start(): void {
    for (const one of this.#processes.values()) one.start();
  }

  /** @throws CannotStart when one of them says that it cannot start */
  async whenReady(): Promise<void> {
    const ready = Promise.all(Array.from(this.#processes.values(), (one) => one.whenReady()));
    await Promise.race([ready, this.#failed.promise]);
    // Whoever is told so finds it in the state as well.
    if (this.#stopped === undefined) writeState(this.#options.home, this.state());
  }

  waitReady(name: string): Promise<void> {
    return this.#find(name).whenReady();
  }

  kill(name: string, signal: NodeJS.Signals): boolean {
    return this.#find(name).kill(signal);
  }

  state(): PlatformState {
    const { portBase, url } = this.#options;
    const services = Object.fromEntries(
      Array.from(this.#processes, ([name, one]) => [name, one.state] as const),
    );
    return { launcherPid: process.pid, url, portBase, services };
  }

  /** The last lines of the log of every process that is not ready. */
  troubles(): string {
    return Array.from(this.#processes.values())
      .filter((one) => !one.isReady && one.state.status !== 'waiting')
      .map(({ spec: { name } }) => [`--- ${name}`, ...logTail(this.#logFile(name), 15)].join('\n'))
      .join('\n');
  }

  /**
   * Stops tier by tier, highest first. Safe to call again.
   * @param stepMsMax how long to wait at most for the effect of each signal.
   */
  stop(stepMsMax?: number): Promise<void> {
    this.#stopped ??= this.#stopAll(stepMsMax);
    return this.#stopped;
  }

  async #stopAll(stepMsMax: number | undefined): Promise<void> {
    clearInterval(this.#logCheck);
    const processes = [...this.#processes.values()];
    const tiers = new Set(processes.map(({ spec }) => spec.tier));
    for (const tier of [...tiers].sort((a, b) => b - a)) {
      const members = processes.filter(({ spec }) => spec.tier === tier);
      await Promise.all(members.map((one) => one.stop(stepMsMax)));
    }
    this.#watchdog.close();
    remove(this.#options.home.stateFile);
  }

  #manage(spec: ProcessSpec): ManagedProcess {
    const dependencies = spec.after.map((name) => this.#find(name));
    const logFile = this.#logFile(spec.name);
    const { report } = this.#options;
    const changed = () => this.#changed();
    const cannotStart = (cause: string) => {
      const line = `${spec.name} cannot start: ${cause.replace(/^exit \d+: /, '')}`;
      report(line);
      this.#failed.reject(new CannotStart(line));
    };
    return new ManagedProcess(spec, {
      watchdog: this.#watchdog,
      logFile,
      dependencies,
      changed,
      report,
      cannotStart,
    });
  }

  #find(name: string): ManagedProcess {
    const found = this.#processes.get(name);
    if (found !== undefined) return found;
    const known = [...this.#processes.keys()].join(', ');
    throw new AppError('not-found', `There is no process "${name}"; there are: ${known}.`);
  }

  #logFile(name: string): string {
    return join(this.#options.home.logs, `${name}.log`);
  }

  #changed(): void {
    if (this.#writePending || this.#stopped !== undefined) return;
    this.#writePending = true;
    setImmediate(() => {
      if (this.#stopped !== undefined) return;
      this.#writePending = false;
      writeState(this.#options.home, this.state());
    });
  }
}
