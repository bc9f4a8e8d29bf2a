import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { hashText, type ExecutorName } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { WorkflowConfig } from '../config.js';
import type { CallOutcome } from '../engine/run-calls.js';
import { LocalContainers } from './local-containers.js';
import { LocalShell } from './local-shell.js';

/** Of which step a process is. */
export interface ProcessOf {
  readonly runId: string;
  readonly occurrence: string;
  readonly attempt: number;
}

/** Runs processes that need more than the engine has. Whatever they do is an outcome. */
export interface Executor {
  /** Removes what an earlier life of this process has left behind. */
  start?(): Promise<void>;
  /** @param args what the definition says about the process, evaluated */
  perform(args: Json, signal: AbortSignal, of: ProcessOf): Promise<CallOutcome>;
  /** Resolves when nothing is left of what was given up. */
  end?(): Promise<void>;
}

type OnError = (error: unknown, message: string) => void;

const known: Readonly<
  Record<ExecutorName, (config: WorkflowConfig, onError: OnError) => Executor>
> = {
  shell: () => new LocalShell(),
  container: ({ home, host, port, ...config }, onError) => {
    const owner = hashText(`${hostname()}\0${home}\0${host}\0${String(port)}`).slice(0, 24);
    return new LocalContainers({
      runtime: config.containerRuntime ?? 'podman',
      ...(config.containerNetwork === undefined ? {} : { network: config.containerNetwork }),
      memoryMebibytes: config.containerMemoryMib ?? 512,
      cpus: config.containerCpus ?? 1,
      owner,
      folder: join(resolve(home), 'containers', owner),
      onError,
    });
  },
};

/** The executors that the operator of this installation has enabled. */
export function executorsOf(
  config: WorkflowConfig,
  onError: OnError,
): ReadonlyMap<string, Executor> {
  const { executors = [] } = config;
  return new Map(executors.map((name) => [name, known[name](config, onError)]));
}
