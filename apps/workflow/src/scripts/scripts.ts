import { availableParallelism } from 'node:os';
import { runError, type CallEffect, type ErrorTypeName } from '@parley/engine';
import { err, isJsonObject, ok, type Json, type Result } from '@parley/kernel';
import type { QueueLimits } from '../engine/call-queue.js';
import type { CallOutcome } from '../engine/run-calls.js';
import type { ScriptAnswer, ScriptJob, ScriptLimits } from './script-job.js';
import { ScriptThreads } from './script-threads.js';

const scriptLimits: ScriptLimits = {
  workMsMax: 10_000,
  memoryMebibytesMax: 64,
  outputBytesMax: 1_048_576,
};
/** Of 8 scripts at a time one tenant has at most half: somebody else can always run one. */
const scriptsMax = Math.min(8, Math.max(2, availableParallelism()));
export const scriptQueueLimits: QueueLimits = {
  jobsMax: scriptsMax,
  tenantJobsMax: Math.ceil(scriptsMax / 2),
};

/** Runs the scripts of `run: script`. Whatever a script does is an outcome, never an exception. */
export class Scripts {
  private readonly limits: ScriptLimits;
  private readonly threads: ScriptThreads;

  constructor(limits: ScriptLimits = scriptLimits) {
    this.limits = limits;
    this.threads = new ScriptThreads(limits);
  }

  async perform({ args }: Pick<CallEffect, 'args'>, signal: AbortSignal): Promise<CallOutcome> {
    const read = readScript(args);
    if (!read.ok) return failed('validation', 'The script could not be run', read.error);
    return this.outcomeOf(await this.threads.run(read.value, signal));
  }

  end(): Promise<void> {
    return this.threads.end();
  }

  private outcomeOf(answer: ScriptAnswer): CallOutcome {
    switch (answer.kind) {
      case 'ended': {
        const { code, stdout, stderr } = answer;
        return { kind: 'completed', output: { code, stdout, stderr } };
      }
      case 'thrown': {
        const { message, place } = answer;
        const where = place && ` (line ${place.line}, column ${place.column} of the script)`;
        return failed('runtime', 'The script failed', `${message}${where ?? ''}`);
      }
      case 'stopped':
        return this.stopped(answer.reason);
    }
  }

  private stopped(reason: Extract<ScriptAnswer, { kind: 'stopped' }>['reason']): CallOutcome {
    const { workMsMax, memoryMebibytesMax, outputBytesMax } = this.limits;
    switch (reason) {
      case 'time': {
        const detail = `It was stopped after ${workMsMax / 1_000} s.`;
        return failed('timeout', 'The script took too long', detail);
      }
      case 'memory': {
        const detail = `It may use ${memoryMebibytesMax} MiB.`;
        return failed('runtime', 'The script used too much memory', detail);
      }
      case 'output': {
        const detail = `It may write ${outputBytesMax} bytes.`;
        return failed('runtime', 'The script wrote too much', detail);
      }
      case 'waiting': {
        const detail =
          'It waits for something that never comes: a script has no timers or network.';
        return failed('runtime', 'The script never ends', detail);
      }
    }
  }
}

function failed(type: ErrorTypeName, title: string, detail: string): CallOutcome {
  return { kind: 'failed', error: runError(type, title, { detail }), outcome: 'definitive' };
}

function readScript(args: Json): Result<ScriptJob, string> {
  if (!isJsonObject(args)) return err('A script is an object.');
  const { code, arguments: argv = [], environment = {}, stdin = '' } = args;
  if (typeof code !== 'string') return err('A script needs `code`.');
  if (!Array.isArray(argv)) return err('The `arguments` of a script are a list.');
  if (!isJsonObject(environment)) return err('The `environment` of a script is an object.');
  const env = Object.entries(environment).map(([name, value]) => [name, asText(value)] as const);
  return ok({ code, argv: argv.map(asText), env: Object.fromEntries(env), stdin: asText(stdin) });
}

/** A process gets texts; what is none is given as JSON. */
function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
