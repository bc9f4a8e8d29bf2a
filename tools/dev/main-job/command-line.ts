import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { repositoryRoot } from '../platform.ts';
import { need, type Job } from './job.ts';

const program = join(repositoryRoot, 'apps/cli/dist/main.js');

/** Signs in by device code and looks at what has happened. */
export async function useCommandLine(job: Job): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-cli-'));
  try {
    const { PARLEY_TOKEN: _token, ...outer } = process.env;
    const env = { ...outer, XDG_CONFIG_HOME: folder, PARLEY_SERVER: job.platform.url };
    await logIn(job, env);
    const { items } = JSON.parse(await parley(env, 'run', 'list', '-o', 'json')) as {
      items: { id: string }[];
    };
    const listed = new Set(items.map(({ id }) => id));
    assert(
      job.runIds.every((id) => listed.has(id)),
      'the command line does not list every run',
    );
    const log = await parley(env, 'run', 'logs', need(job.runIds.at(-1), 'run'));
    await parley(env, 'logout');
    return `signed in by device code; ${items.length} runs; a log of ${log.trim().split('\n').length} lines`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The person opens the page that the command shows, in the browser where they are signed in. */
async function logIn({ browser, issuer }: Job, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [program, 'login'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  for await (const text of child.stderr.setEncoding('utf8')) {
    said += text as string;
    const code = /Code: (\S+)/.exec(said)?.[1];
    if (code === undefined || !said.includes('Waiting')) continue;
    const page = await browser.open(/^ {2}(http\S+)$/m.exec(said)?.[1] ?? issuer);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    await browser.submit(`${issuer}/device`, { xsrf, user_code: code, confirm: 'yes' });
  }
  assert.equal(await ended, 0, `signing in failed: ${said}`);
}

async function parley(env: NodeJS.ProcessEnv, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { env });
  return stdout;
}
