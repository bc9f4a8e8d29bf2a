import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isJsonObject, type Json } from '@parley/kernel';
import type { CallOutcome } from '../engine/run-calls.js';
import {
  failed,
  processLimits,
  runBounded,
  stoppedOutcome,
  type ProcessLimits,
} from './bounded-process.js';
import type { Executor } from './executor.js';

interface Command {
  readonly command: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/**
 * Runs commands on this machine, as the user that Parley runs as: only for installations whose
 * tenants may do all that this user may. A command gets an empty folder, which is removed
 * afterwards, and nothing of Parley's environment; it is ended with all that it has started.
 */
export class LocalShell implements Executor {
  private readonly limits: ProcessLimits;

  constructor(limits: ProcessLimits = processLimits) {
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
    const argv = ['-c', command.command, 'sh', ...command.argv];
    const { stdin } = command;
    const ended = await runBounded({ file: '/bin/sh', argv, env, cwd, stdin }, this.limits, signal);
    if ('stopped' in ended) return stoppedOutcome('command', ended, this.limits);
    return { kind: 'completed', output: { ...ended } };
  }
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

export function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
