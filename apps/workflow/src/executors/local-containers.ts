import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashText } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { CallOutcome } from '../engine/run-calls.js';
import {
  failed,
  processLimits,
  runBounded,
  stoppedOutcome,
  type Ended,
  type ProcessLimits,
  type Stopped,
} from './bounded-process.js';
import { readContainer, type ContainerSpec } from './container-spec.js';
import type { Executor, ProcessOf } from './executor.js';

export interface ContainersOptions {
  /** Program that runs containers: `podman`, `docker`, or the path of one that takes the same commands. */
  readonly runtime: string;
  /** Network of the runtime that containers get. @default none */
  readonly network?: string;
  readonly memoryMebibytes: number;
  readonly cpus: number;
  /** Whose containers these are: those of its earlier lives are removed when it begins. */
  readonly owner: string;
  /** Absolute path of a folder that is the owner's alone; what is in it does not outlive the owner. */
  readonly folder: string;
  readonly onError: (error: unknown, message: string) => void;
  readonly limits?: ProcessLimits;
}

/** For a command that does not run anything: to list, to end or to remove. */
const tidyLimits: ProcessLimits = { workMsMax: 20_000, outputBytesMax: 1_048_576 };
const pidsMax = 256;
/** The runtime itself has failed; a container may end so, too. */
const runtimeFailure = 125;
/** What the runtime may need of this process's environment; nothing of it is the container's. */
const passedOn = [
  'PATH',
  'HOME',
  'LANG',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'DBUS_SESSION_BUS_ADDRESS',
  'DOCKER_HOST',
  'DOCKER_CONFIG',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
  'CONTAINER_HOST',
  'CONTAINERS_CONF',
];
const ownName = /^parley-[0-9a-f]{24}$/;
/** That there is no such container is as good as that it was removed. */
const isUnknown = /no such|not found|no container/i;
const labels = {
  owner: 'dev.parley.owner',
  step: 'dev.parley.step',
  name: 'dev.parley.name',
} as const;

/**
 * Runs containers with a runtime of this machine.
 *
 * C1  The runtime is started with a list of arguments, never through a shell. What comes from a definition
 *     is an image that is named as images are, or stands behind it, where the runtime has no options.
 * C2  A container has nothing of the host: no folders, no ports, no network unless the operator says
 *     which, no capabilities; and bounds of time, output, memory, CPU and processes. What it writes in
 *     itself is bounded by the runtime's storage alone, and where its network leads by that network.
 * C3  Environment variables are in a file that only this user reads, and that is gone afterwards: with
 *     the container, or, when the process was killed before, when it begins again.
 * C4  A container is called after run, step and attempt, and by nothing that a definition says; its labels
 *     say whose it is and of which step. So one that nobody waits for any more is found and removed: when
 *     it is given up, before any later attempt, and when the process begins again.
 */
export class LocalContainers implements Executor {
  private readonly options: ContainersOptions;
  private readonly limits: ProcessLimits;
  private readonly removing = new Set<Promise<void>>();

  constructor(options: ContainersOptions) {
    this.options = options;
    this.limits = options.limits ?? processLimits;
  }

  /**
   * Removes what an earlier life of this process has left behind (C3, C4); says so when the runtime is
   * not there, which otherwise every step would find out by itself.
   */
  async start(): Promise<void> {
    const { folder, onError, runtime } = this.options;
    await rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
      onError(error, 'environments of containers that were left behind could not be removed'),
    );
    await this.removeLabelled(
      labels.owner,
      this.options.owner,
      `PARLEY_EXECUTORS enables containers, and "${runtime}" does not work: every "run: container" will fail until it is installed and running, or another is named by PARLEY_CONTAINER_RUNTIME`,
    );
  }

  async perform(args: Json, signal: AbortSignal, of: ProcessOf): Promise<CallOutcome> {
    const spec = readContainer(args);
    if (!spec.ok) return failed('validation', 'The container could not be run', spec.error);
    if (of.attempt > 1) await this.removeLabelled(labels.step, stepId(of));
    await mkdir(this.options.folder, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(this.options.folder, 'container-'));
    try {
      return await this.run(spec.value, { of, folder, signal });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Whatever was given up is removed by then. */
  async end(): Promise<void> {
    await Promise.all(this.removing);
  }

  private async run(
    spec: ContainerSpec,
    { of, folder, signal }: { of: ProcessOf; folder: string; signal: AbortSignal },
  ): Promise<CallOutcome> {
    const name = containerName(of);
    const envFile = join(folder, 'environment');
    const lines = spec.env.map(([key, value]) => `${key}=${value}\n`).join('');
    await writeFile(envFile, lines, { mode: 0o600, flag: 'wx' }); // C3
    let ended: Ended | Stopped;
    try {
      const argv = this.argvOf(spec, { of, envFile });
      ended = await this.runtime(argv, { cwd: folder, stdin: spec.stdin, signal });
    } catch (error) {
      if (isNotStarted(error)) return notStarted(this.options.runtime, error);
      await this.remove(name);
      throw error;
    }
    if ('stopped' in ended) {
      await this.remove(name);
      return stoppedOutcome('container', ended, this.limits);
    }
    if (ended.code === runtimeFailure) {
      await this.remove(name);
      const complaint = ended.stderr.trim().slice(-1_000);
      return failed('runtime', 'The container could not be run', complaint || 'Nobody said why.');
    }
    return { kind: 'completed', output: { ...ended } };
  }

  /** C1, C2 */
  private argvOf(
    { image, name, pull, command, argv }: ContainerSpec,
    { of, envFile }: { readonly of: ProcessOf; readonly envFile: string },
  ): string[] {
    const { network = 'none', memoryMebibytes: memory, cpus, owner } = this.options;
    return [
      'run',
      '--rm',
      `--name=${containerName(of)}`,
      `--label=${labels.owner}=${owner}`,
      `--label=${labels.step}=${stepId(of)}`,
      ...(name === undefined ? [] : [`--label=${labels.name}=${name}`]),
      `--network=${network}`,
      `--pull=${pull}`,
      `--memory=${String(memory)}m`,
      `--memory-swap=${String(memory)}m`,
      `--cpus=${String(cpus)}`,
      `--pids-limit=${String(pidsMax)}`,
      '--cap-drop=ALL',
      '--security-opt=no-new-privileges',
      '--log-driver=none',
      '--interactive',
      `--env-file=${envFile}`,
      ...(command === undefined
        ? [image, ...argv]
        : ['--entrypoint=/bin/sh', image, '-c', command, 'sh', ...argv]),
    ];
  }

  /** C4 */
  private async removeLabelled(
    label: string,
    value: string,
    otherwise = 'containers that were left behind could not be looked for',
  ): Promise<void> {
    const filter = `label=${label}=${value}`;
    try {
      const { code, stdout, stderr } = await this.ask(
        ...['ps', '--all', '--filter', filter, '--format', '{{.Names}}'],
      );
      if (code !== 0) throw new Error(stderr);
      const names = stdout.split('\n').filter((name) => ownName.test(name));
      await Promise.all(names.map((name) => this.remove(name)));
    } catch (error) {
      this.options.onError(error, otherwise);
    }
  }

  /** Ends a container, if it is there, and takes it away. */
  private remove(name: string): Promise<void> {
    const removed = this.ask('kill', '--signal=KILL', name)
      .then(() => this.ask('rm', '--force', name))
      .then(({ code, stderr }) => {
        if (code !== 0 && !isUnknown.test(stderr)) throw new Error(stderr);
      })
      .catch((error: unknown) =>
        this.options.onError(error, `the container ${name} could not be removed`),
      )
      .finally(() => this.removing.delete(removed));
    this.removing.add(removed);
    return removed;
  }

  private async ask(...argv: readonly string[]): Promise<Ended> {
    const never = new AbortController().signal;
    const limits = tidyLimits;
    const ended = await this.runtime(argv, { cwd: tmpdir(), stdin: '', signal: never, limits });
    if ('stopped' in ended)
      throw new Error(`${this.options.runtime} ${argv[0] ?? ''} took too long`);
    return ended;
  }

  private runtime(
    argv: readonly string[],
    given: {
      readonly cwd: string;
      readonly stdin: string;
      readonly signal: AbortSignal;
      readonly limits?: ProcessLimits;
    },
  ): Promise<Ended | Stopped> {
    const { cwd, stdin, signal, limits = this.limits } = given;
    const file = this.options.runtime;
    return runBounded({ file, argv, env: ownEnvironment(), cwd, stdin }, limits, signal);
  }
}

/** C4 */
export function containerName({ runId, occurrence, attempt }: ProcessOf): string {
  return `parley-${hashText(`${runId}\0${occurrence}\0${String(attempt)}`).slice(0, 24)}`;
}

/** The same for all attempts of a step. */
export function stepId({ runId, occurrence }: Omit<ProcessOf, 'attempt'>): string {
  return hashText(`${runId}\0${occurrence}`).slice(0, 24);
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function isNotStarted(error: unknown): error is NodeJS.ErrnoException {
  if (typeof error !== 'object' || error === null || !('syscall' in error)) return false;
  return String(error.syscall).startsWith('spawn');
}

function notStarted(runtime: string, { code = 'unknown' }: NodeJS.ErrnoException): CallOutcome {
  const isTooLong = code === 'E2BIG';
  return isTooLong
    ? failed(
        'validation',
        'The container could not be run',
        'Its arguments are too long: use stdin.',
      )
    : failed('configuration', 'The container could not be run', `${runtime}: ${code}`);
}
