import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ParleyClient } from '@parley/sdk';
import type { Locator, Page } from 'playwright-core';
import { startPlatform, type Platform } from '../dev/platform.ts';
import { browserPath, openWindow, type Window } from './browser.ts';
import { approveDefinition } from './driver.ts';

const pictures = resolve(import.meta.dirname, '../../test-results');
const describeWithBrowser = browserPath() === undefined ? describe.skip : describe;
const source = `document:
  dsl: 1.0.3
  namespace: testbed
  name: pack-orders
  version: 0.1.0
  title: Pack orders
do:
  - all:
      call: map
      with:
        in: '\${ .orders }'
        do:
          - pack:
              call: worker
              with: { queue: packing, task: pack, input: '\${ $item }', orderKey: '\${ $item.customer }' }
`;
const orders = [
  { n: 1, customer: 'anna' },
  { n: 2, customer: 'anna' },
  { n: 3, customer: 'ben' },
];

let platform: Platform;
let window: Window;
let page: Page;
let client: ParleyClient;

const at = (id: string): Locator => page.getByTestId(id);

async function picture(name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `task-queues-${name}.png`) });
}

/** With the keyboard alone. */
async function press(button: Locator): Promise<void> {
  await button.focus();
  await page.keyboard.press('Enter');
}

function poll(worker: string, more: object = {}) {
  const body = { worker, max: 10, leaseSeconds: 600, waitSeconds: 10, ...more };
  return client.call('pollTasks', { params: { queue: 'packing' }, body });
}

describeWithBrowser('task queues in a browser', () => {
  beforeAll(async () => {
    platform = await startPlatform({ quiet: true });
    window = await openWindow();
    ({ page } = window);
    page.setDefaultTimeout(20_000);
    const asked = page.waitForRequest((request) => request.url().endsWith('/v1/me'));
    await page.goto(`${platform.url}/#login=${platform.loginToken}`);
    const bearer = (await (await asked).allHeaders())['authorization'] ?? '';
    const token = () => bearer.replace(/^Bearer /, '');
    client = new ParleyClient({ baseUrl: platform.url, token });
    await client.call('loadDemo');
    const workflow = await approveDefinition(client, source);
    await client.call('startRun', { params: { workflow }, body: { input: { orders } } });
  }, 180_000);

  afterAll(async () => {
    await window.close();
    await platform.stop();
  }, 60_000);

  it('show work that nobody comes for', async () => {
    await page.getByRole('link', { name: 'Queues', exact: true }).click();
    const row = page.locator('[data-testid="queue-row"][data-queue="packing"]');
    await row.getByText('3 waiting').waitFor();
    await row.getByText('no worker is there').waitFor();
    await picture('light');
  }, 60_000);

  it('show who has what, and how far it is', async () => {
    const { tasks } = await poll('packer-1', { pool: 'night' });
    expect(tasks.map(({ input }) => input)).toEqual([orders[0], orders[2]]);
    const [first] = tasks;
    await client.call('heartbeatTask', {
      params: { task: first?.id ?? '' },
      body: { leaseToken: first?.leaseToken ?? '', progress: { boxes: 2 } },
    });
    await press(page.getByRole('link', { name: 'packing' }));
    await at('queue-out').filter({ hasText: '2 with workers' }).waitFor();
    await page.locator('[data-worker="packer-1"]').getByText('has 2').waitFor();
    const task = at('queue-task').first();
    await task.getByText('packer-1 has it').waitFor();
    await task.getByText('{"boxes":2}').waitFor();
    await task.getByText('in order of anna').waitFor();
    await picture('queue');
    for (const { id, leaseToken } of tasks) {
      await client.call('completeTask', { params: { task: id }, body: { leaseToken } });
    }
    await at('queue-waiting').filter({ hasText: '1 waiting' }).waitFor();
    await at('queue-out').filter({ hasText: '0 with workers' }).waitFor();
  }, 60_000);

  it('are limited with the keyboard', async () => {
    await press(at('queue-limits'));
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Pool night').waitFor();
    await dialog.getByLabel('All workers').fill('0');
    await picture('dialog');
    await press(at('limits-submit'));
    await dialog.waitFor({ state: 'hidden' });
    await at('queue-out').filter({ hasText: '0 of at most 0' }).waitFor();
    expect((await poll('packer-2', { waitSeconds: 0 })).tasks).toEqual([]);
  }, 60_000);

  it('lead to the run, which says what it waits for', async () => {
    await press(at('queue-task').getByRole('link', { name: 'pack for' }));
    await at('waiting-panel').getByText('for a worker of packing').waitFor();
    await picture('run');
    await press(at('waiting-panel').getByRole('link', { name: 'Open the queue' }));
    await at('queue-waiting').filter({ hasText: '1 waiting' }).waitFor();
  }, 60_000);

  it('are readable in the dark and on a small screen', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture('dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 390, height: 800 });
    await picture('narrow');
    const wide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
    expect(wide).toBe(false);
    expect(window.faults).toEqual([]);
  }, 60_000);
});
