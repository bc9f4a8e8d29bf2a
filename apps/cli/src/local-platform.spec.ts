import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FakePerson, temporaryFolder } from '../test/fake-terminal.js';

const person = new FakePerson();

function homeWith(services: unknown): string {
  const home = temporaryFolder();
  mkdirSync(join(home, 'run'));
  writeFileSync(join(home, 'run/state.json'), JSON.stringify({ services }));
  return home;
}

function sleeper() {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH },
  });
  const ended = new Promise((done) => child.once('exit', (_code, signal) => done(signal)));
  return { child, ended };
}

async function kill(service: string, home: string, ...more: string[]) {
  return person.run(['dev', 'kill', service, ...more], { env: { PARLEY_HOME: home } });
}

describe('dev kill', () => {
  it('ends the process at once', async () => {
    const { child, ended } = sleeper();
    const startedAt = new Date().toISOString();
    const home = homeWith({ workflow: { pid: child.pid, status: 'ready', startedAt } });
    const result = await kill('workflow', home, '-o', 'json');
    expect(JSON.parse(result.out)).toEqual({ service: 'workflow', pid: child.pid });
    expect(await ended).toBe('SIGKILL');
  });

  it('refuses a process that is not the recorded one', async () => {
    const { child, ended } = sleeper();
    const startedAt = '2026-01-01T00:00:00.000Z';
    const home = homeWith({ workflow: { pid: child.pid, status: 'ready', startedAt } });
    const result = await kill('workflow', home);
    expect(result.code).toBe(1);
    expect(result.err).toContain(`Process ${child.pid} is not workflow any more`);
    expect(child.exitCode).toBeNull();
    child.kill();
    await ended;
  });

  it('says what there is to kill', async () => {
    const services = { provision: { status: 'done' }, workflow: {}, gateway: {} };
    const result = await kill('toString', homeWith(services));
    expect(result).toMatchObject({
      code: 4,
      err: 'parley: There is no process "toString"; there are: workflow, gateway.\n',
    });
  });

  it('says so when the service is down or nothing runs', async () => {
    const home = homeWith({ agent: { status: 'restarting' } });
    expect(await kill('agent', home)).toMatchObject({ code: 1 });
    const result = await kill('agent', join(home, 'nowhere'));
    expect(result.code).toBe(5);
    expect(result.err).toContain('Start it with npm start');
  });
});
