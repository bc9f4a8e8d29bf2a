import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exitCodes, Failure } from './exit-codes.js';
import { readJsonFile } from './settings.js';
import type { Terminal } from './terminal.js';

/** A process that started this far from the recorded time is another one with the same id. */
const startToleranceMs = 5_000;
const clockTicksPerSecond = 100;

/** Where `npm start` keeps its data when nothing else is said. */
const repositoryHome = resolve(import.meta.dirname, '../../../.parley');

interface LocalProcess {
  readonly pid?: number;
  readonly status: string;
  readonly startedAt?: string;
}

export interface Killed {
  readonly service: string;
  readonly pid: number;
}

/** Ends a process of the platform on this machine at once, as a crash would. */
export function killService(terminal: Terminal, service: string): Killed {
  const { home, services } = readLocal(terminal);
  const found = Object.hasOwn(services, service) ? services[service] : undefined;
  if (found === undefined) {
    const known = Object.keys(services)
      .filter((name) => services[name]?.status !== 'done')
      .join(', ');
    throw new Failure(exitCodes.notFound, `There is no process "${service}"; there are: ${known}.`);
  }
  const { pid, startedAt, status } = found;
  if (pid === undefined || startedAt === undefined) {
    throw new Failure(
      exitCodes.refused,
      `${service} does not run now (${status}). Try again when it does.`,
    );
  }
  if (!isSameProcess(pid, startedAt)) {
    throw new Failure(
      exitCodes.refused,
      `Process ${pid} is not ${service} any more: ${home} tells of a platform that has ended. Start it: npm start`,
    );
  }
  process.kill(pid, 'SIGKILL');
  return { service, pid };
}

function readLocal(terminal: Terminal): {
  home: string;
  services: Readonly<Record<string, LocalProcess>>;
} {
  const { PARLEY_HOME } = terminal.env;
  const home = PARLEY_HOME ? resolve(terminal.cwd, PARLEY_HOME) : repositoryHome;
  const state = readJsonFile(join(home, 'run/state.json')) as
    { services?: Record<string, LocalProcess> } | undefined;
  if (state?.services !== undefined) return { home, services: state.services };
  throw new Failure(
    exitCodes.unreachable,
    `No platform runs on ${home}. Start it with npm start, or name its folder in PARLEY_HOME.`,
  );
}

function isSameProcess(pid: number, startedAt: string): boolean {
  const since = startOf(pid);
  return since !== undefined && Math.abs(since - Date.parse(startedAt)) < startToleranceMs;
}

/** When the process with this id started; undefined when there is none. */
function startOf(pid: number): number | undefined {
  try {
    if (process.platform === 'linux') return linuxStartOf(pid);
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return Date.parse(text);
  } catch {
    return undefined; // No such process.
  }
}

function linuxStartOf(pid: number): number | undefined {
  // The name in parentheses may itself hold spaces and parentheses.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
  if (state === 'Z') return undefined;
  return (bootSeconds + Number(fields[18]) / clockTicksPerSecond) * 1000;
}
