import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import { LocalShell } from './local-shell.js';

const never = () => new AbortController().signal;
const shell = new LocalShell({ workMsMax: 60_000, outputBytesMax: 10_000 });

async function run(command: string, given: { [name: string]: Json } = {}, by = shell) {
  const outcome = await by.perform({ command, ...given }, never());
  return outcome.kind === 'completed' ? outcome.output : outcome.error;
}

describe('a command of the shell', () => {
  it('gets its input, arguments and environment, and tells how it ended', async () => {
    const given = { stdin: 'in', arguments: ['a b', 2], environment: { NAME: 'Ada' } };
    expect(await run('cat; echo " $1|$2|$NAME"; echo bad >&2; exit 3', given)).toEqual({
      code: 3,
      stdout: 'in a b|2|Ada\n',
      stderr: 'bad\n',
    });
  });

  it('has nothing of Parley’s environment, and a folder that is gone afterwards', async () => {
    process.env['PARLEY_OF_A_TEST'] = 'hidden';
    const output = (await run('env; pwd')) as { stdout: string };
    delete process.env['PARLEY_OF_A_TEST'];
    expect(output.stdout).not.toContain('PARLEY');
    expect(existsSync(output.stdout.trim().split('\n').at(-1) ?? '/')).toBe(false);
  });

  it('is ended when it takes too long, with what it has started', async () => {
    const brief = new LocalShell({ workMsMax: 100, outputBytesMax: 10_000 });
    expect(await run('sleep 600 & sleep 600', {}, brief)).toMatchObject({
      title: 'The command took too long',
    });
  });

  it('is ended when it writes too much', async () => {
    expect(await run('yes')).toMatchObject({ title: 'The command wrote too much' });
  });

  it('is ended when nobody waits for it any more', async () => {
    const abort = new AbortController();
    const ended = shell.perform({ command: 'sleep 600' }, abort.signal);
    abort.abort(new Error('given up'));
    await expect(ended).rejects.toThrow('given up');
  });
});
