// `npm run main-job`: the whole main job over the public API, on a platform of its own.
import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { changing } from './main-job/changing.ts';
import { drafting } from './main-job/drafting.ts';
import { openJob } from './main-job/job.ts';
import { running } from './main-job/running.ts';
import { line, tell } from './main-job/story.ts';
import { whenParentDies } from './parent-watch.mjs';
import { startPlatform, type Platform } from './platform.ts';
import { hasEnvironment } from './process-identity.ts';

const since = performance.now();
let platform: Platform | undefined;
let stopping: Promise<void> | undefined;
let isInterrupted = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupted);
whenParentDies(interrupted);

try {
  await mainJob();
} catch (error) {
  if (isInterrupted) await new Promise(() => undefined); // The handler of the signal ends all.
  console.error(`parley: ${error instanceof Error ? error.message : String(error)}`);
  if (platform !== undefined) console.error(`The logs are in ${keepLogs(platform)}`);
  process.exitCode = 1;
} finally {
  await stop();
}

async function mainJob(): Promise<void> {
  platform = await startPlatform();
  const started = performance.now();
  console.log(
    line(started - since, `Start the platform: ${platform.url}, data in ${platform.home}`),
  );
  const job = await openJob(platform);
  const me = await job.owner.call('me');
  const signedIn = `Sign in: ${me.member.name} of ${me.tenant.name}, and two others`;
  console.log(line(performance.now() - started, signedIn));
  const told = await tell([...drafting, ...running, ...changing], job);
  const stopped = performance.now();
  const { home } = platform;
  await stop();
  const left = processesOf(home);
  if (left.length > 0) throw new Error(`processes are left: ${left.join(', ')}`);
  console.log(line(performance.now() - stopped, 'Stop the platform: nothing is left running'));
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  console.log(
    `\nMain job done: ${told.length + 3} steps, ${job.runIds.length} runs, ${seconds} s.`,
  );
}

/** Safe to call again; waits for the one stop there is. */
async function stop(): Promise<void> {
  stopping ??= platform?.stop();
  await stopping;
}

function interrupted(): void {
  isInterrupted = true;
  console.error('parley: interrupted, stopping …');
  void stop().finally(() => process.exit(130));
}

/** The data folder goes away with the platform; the logs of a failure stay. */
function keepLogs({ home }: Platform): string {
  const kept = mkdtempSync(join(tmpdir(), 'parley-main-job-'));
  cpSync(join(home, 'logs'), kept, { recursive: true });
  return kept;
}

/** Processes that were started for this data folder and still run (Linux only). */
function processesOf(home: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && hasEnvironment(pid, 'PARLEY_HOME', home));
}
