import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runError, type ErrorTypeName } from '@parley/engine';
import { isJsonObject, type Json } from '@parley/kernel';
import type { CallOutcome } from '../engine/run-calls.js';
import type { Executor } from './executor.js';

export interface ShellLimits {
  readonly workMsMax: number;
  /** Bytes on both streams together. */
  readonly outputBytesMax: number;
}

const shellLimits: ShellLimits = { workMsMax: 300_000, outputBytesMax: 1_048_576 };

interface Command {
  readonly command: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

type End = { readonly code: number } | { readonly stopped: 'time' | 'output' };

/**
 * Runs commands on this machine, as the user that Parley runs as: only for installations whose
 * tenants may do all that this user may. A command gets an empty folder, which is removed
 * afterwards, and nothing of Parley's environment; it is ended with all that it has started.
 */
export class LocalShell implements Executor {
  private readonly limits: ShellLimits;

  constructor(limits: ShellLimits = shellLimits) {
    this.limits = limits;
  }

  async perform(args: Json, signal: AbortSignal): Promise<CallOutcome> {
    const command = readCommand(args);
    if (command === undefined) {
      return failed('validation', 'The command could not be run', 'A shell needs a `command`.');
    }
    const folder = await mkdtemp(join(tmpdir(), 'parley-shell-'));
    try {
      return await this.run(command, folder, signal);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async run(command: Command, cwd: string, signal: AbortSignal): Promise<CallOutcome> {
    const { PATH = '/usr/bin:/bin' } = process.env;
    const env = { PATH, HOME: cwd, LANG: 'C.UTF-8', ...command.env };
    const child = spawn('/bin/sh', ['-c', command.command, 'sh', ...command.argv], {
      cwd,
      env,
      detached: true, // A group of its own, to be ended with all that it has started.
      stdio: 'pipe',
    });
    const written: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    let bytes = 0;
    const ended = await new Promise<End>((resolve, reject) => {
      const stop = (reason: 'time' | 'output') => {
        endGroup(child);
        resolve({ stopped: reason });
      };
      const timer = setTimeout(() => stop('time'), this.limits.workMsMax);
      const abort = () => {
        endGroup(child);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > this.limits.outputBytesMax) stop('output');
          else written[name].push(chunk);
        });
      }
      child.stdin.on('error', () => undefined); // It did not want its input.
      child.stdin.end(command.stdin);
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        endGroup(child);
        resolve({ code: code ?? 137 });
      });
      if (signal.aborted) abort();
    });
    if ('stopped' in ended) return this.stopped(ended.stopped);
    const text = (name: 'stdout' | 'stderr') => Buffer.concat(written[name]).toString('utf8');
    const output = { code: ended.code, stdout: text('stdout'), stderr: text('stderr') };
    return { kind: 'completed', output };
  }

  private stopped(reason: 'time' | 'output'): CallOutcome {
    const { workMsMax, outputBytesMax } = this.limits;
    return reason === 'time'
      ? failed(
          'timeout',
          'The command took too long',
          `It was stopped after ${workMsMax / 1_000} s.`,
        )
      : failed('runtime', 'The command wrote too much', `It may write ${outputBytesMax} bytes.`);
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

/** A command that was begun may have done something, however it ended. */
function failed(type: ErrorTypeName, title: string, detail: string): CallOutcome {
  const outcome = type === 'validation' ? 'definitive' : 'ambiguous';
  return { kind: 'failed', error: runError(type, title, { detail }), outcome };
}

function readCommand(args: Json): Command | undefined {
  if (!isJsonObject(args) || typeof args['command'] !== 'string') return undefined;
  const { command, arguments: argv, environment, stdin = '' } = args;
  const named = isJsonObject(environment) ? Object.entries(environment) : [];
  return {
    command,
    argv: Array.isArray(argv) ? argv.map(asText) : [],
    env: Object.fromEntries(named.map(([name, value]) => [name, asText(value)])),
    stdin: asText(stdin),
  };
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
