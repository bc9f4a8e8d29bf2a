import { readIfThere, writeWhole, type Home } from './home.ts';

/** `failed`: it cannot start until somebody changes something, so it is not started again. */
export type ProcessStatus =
  'waiting' | 'starting' | 'ready' | 'restarting' | 'done' | 'failed' | 'stopped';

export interface ProcessState {
  readonly pid: number | undefined;
  readonly status: ProcessStatus;
  readonly port: number | undefined;
  readonly restarts: number;
  /** RFC 3339; of the process that runs now. */
  readonly startedAt: string | undefined;
}

/** What `run/state.json` says; the CLI and the kill tests read it. */
export interface PlatformState {
  readonly launcherPid: number;
  readonly url: string;
  readonly portBase: number;
  readonly services: Readonly<Record<string, ProcessState>>;
}

export function readState(home: Home): PlatformState | undefined {
  const content = readIfThere(home.stateFile);
  return content === undefined ? undefined : (JSON.parse(content) as PlatformState);
}

export function writeState(home: Home, state: PlatformState): void {
  writeWhole(home.stateFile, `${JSON.stringify(state, undefined, 2)}\n`, false);
}

export function isReady({ services }: PlatformState): boolean {
  return Object.values(services).every(({ status }) => status === 'ready' || status === 'done');
}
