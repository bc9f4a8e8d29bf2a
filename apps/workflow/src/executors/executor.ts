import type { ExecutorName } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { CallOutcome } from '../engine/run-calls.js';
import { LocalShell } from './local-shell.js';

/** Runs processes that need more than the engine has. Whatever they do is an outcome. */
export interface Executor {
  /** @param args what the definition says about the process, evaluated */
  perform(args: Json, signal: AbortSignal): Promise<CallOutcome>;
}

const known: Readonly<Record<ExecutorName, () => Executor>> = { shell: () => new LocalShell() };

/** The executors that the operator of this installation has enabled. */
export function executorsOf(enabled: readonly ExecutorName[]): ReadonlyMap<string, Executor> {
  return new Map(enabled.map((name) => [name, known[name]()]));
}
