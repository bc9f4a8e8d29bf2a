import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO_API_KEY } from './documents.ts';
import type { Call } from './ledger.ts';
import { startDemo } from './server.ts';

const home = mkdtempSync(join(tmpdir(), 'parley-demo-'));
const file = join(home, 'demo', 'ledger.jsonl');
const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(home, { recursive: true }));

async function launch(): Promise<{ url: string; kill(signal: NodeJS.Signals): Promise<void> }> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const env = { PATH: process.env.PATH, PARLEY_PORT: '0', PARLEY_HOME: home };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  for await (const line of createInterface(child.stdout)) {
    const url = /http:\S+/.exec(line)?.[0];
    if (url === undefined) continue;
    const kill = async (signal: NodeJS.Signals) => {
      child.kill(signal);
      await once(child, 'exit');
    };
    return { url, kill };
  }
  throw new Error('the demo ended without an address');
}

const headers = { 'x-api-key': DEMO_API_KEY, 'idempotency-key': 'k1' };
const confirm = (url: string) =>
  fetch(`${url}/pos/orders/ord-1001/confirm`, { method: 'POST', headers });
const reserve = (url: string) =>
  fetch(`${url}/inventory/reservations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orderId: 'ord-1001', items: [{ sku: 'carbonara', quantity: 3 }] }),
  });
const onHand = async (url: string) => {
  const response = await fetch(`${url}/inventory/items/carbonara`);
  return ((await response.json()) as { onHand: number }).onHand;
};
const callsAt = async (url: string) => (await (await fetch(`${url}/_demo/calls`)).json()) as Call[];

describe('a killed demo', () => {
  it('comes back with its calls, its business and its answers by key', async () => {
    const first = await launch();
    await confirm(first.url);
    for (let count = 0; count < 5; count++) await reserve(first.url);
    const before = await callsAt(first.url);
    await first.kill('SIGKILL');
    appendFileSync(file, '{"type":"call","call":{"seq":9');

    const second = await launch();
    expect(await callsAt(second.url)).toEqual(before);
    expect(await onHand(second.url)).toBe(85);
    const again = await confirm(second.url);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await fetch(`${second.url}/_demo/reset`, { method: 'POST' });
    await reserve(second.url);
    const [after] = await callsAt(second.url);
    expect(after?.seq).toBeGreaterThan(before.at(-1)?.seq ?? 0);
    await second.kill('SIGTERM');

    const third = await launch();
    expect(await onHand(third.url)).toBe(97);
    expect(await callsAt(third.url)).toHaveLength(2);
    await third.kill('SIGTERM');
  });

  it('says where a damaged file is damaged, and frees the port', async () => {
    const damaged = join(home, 'damaged.jsonl');
    writeFileSync(damaged, 'nonsense\n{"type":"cleared"}\n');
    const started = startDemo({ host: '127.0.0.1', port: 0, stateFile: damaged });
    await expect(started).rejects.toThrow(`${damaged}, line 1 is damaged`);
    expect(readFileSync(damaged, 'utf8')).toContain('nonsense');
  });
});
