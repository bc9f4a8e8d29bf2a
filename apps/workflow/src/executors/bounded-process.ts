import { spawn, type ChildProcess } from 'node:child_process';
import { runError, type ErrorTypeName } from '@parley/engine';
import type { CallOutcome } from '../engine/run-calls.js';

export interface ProcessLimits {
  readonly workMsMax: number;
  /** Bytes on both streams together. */
  readonly outputBytesMax: number;
}

export const processLimits: ProcessLimits = { workMsMax: 300_000, outputBytesMax: 1_048_576 };

export interface Program {
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: string;
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why a program was ended before it did so itself. */
export interface Stopped {
  readonly stopped: 'time' | 'output';
}

/**
 * Runs a program until it ends or has used up what it may; then it is ended with all that it has started.
 * Rejects when it cannot be started, or with the reason of `signal`.
 */
export async function runBounded(
  { file, argv, env, cwd, stdin }: Program,
  limits: ProcessLimits,
  signal: AbortSignal,
): Promise<Ended | Stopped> {
  const child = spawn(file, [...argv], {
    cwd,
    env,
    detached: true, // A group of its own, to be ended with all that it has started.
    stdio: 'pipe',
  });
  const written: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  let bytes = 0;
  const ended = await new Promise<{ readonly code: number } | Stopped>((resolve, reject) => {
    const stop = (reason: 'time' | 'output') => {
      endGroup(child);
      resolve({ stopped: reason });
    };
    const timer = setTimeout(() => stop('time'), limits.workMsMax);
    const abort = () => {
      clearTimeout(timer);
      endGroup(child);
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.outputBytesMax) stop('output');
        else written[name].push(chunk);
      });
    }
    child.stdin.on('error', () => undefined); // It did not want its input.
    child.stdin.end(stdin);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      endGroup(child);
      resolve({ code: code ?? 137 });
    });
    if (signal.aborted) abort();
  });
  if ('stopped' in ended) return ended;
  const text = (name: 'stdout' | 'stderr') => Buffer.concat(written[name]).toString('utf8');
  return { code: ended.code, stdout: text('stdout'), stderr: text('stderr') };
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

/** @param what that was run, e.g. `command` */
export function stoppedOutcome(
  what: string,
  { stopped }: Stopped,
  { workMsMax, outputBytesMax }: ProcessLimits,
): CallOutcome {
  return stopped === 'time'
    ? failed('timeout', `The ${what} took too long`, `It was stopped after ${workMsMax / 1_000} s.`)
    : failed('runtime', `The ${what} wrote too much`, `It may write ${outputBytesMax} bytes.`);
}

/** What was begun may have done something, however it ended. */
export function failed(type: ErrorTypeName, title: string, detail: string): CallOutcome {
  const isRefused = type === 'validation' || type === 'configuration';
  const outcome = isRefused ? 'definitive' : 'ambiguous';
  return { kind: 'failed', error: runError(type, title, { detail }), outcome };
}
