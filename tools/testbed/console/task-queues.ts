import { beforeAll, expect, it } from '@jest/globals';
import { ParleyClient } from '@parley/sdk';
import type { Page } from 'playwright-core';
import { approveDefinition } from '../driver.ts';
import { begin, handsOn, type ConsoleScene } from './scene.ts';

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

let scene: ConsoleScene;
let page: Page;
let client: ParleyClient;

const { at, press, picture } = handsOn(() => page, 'task-queues');

function poll(worker: string, more: object = {}) {
  const body = { worker, max: 10, leaseSeconds: 600, waitSeconds: 10, ...more };
  return client.call('pollTasks', { params: { queue: 'packing' }, body });
}

export function showsTaskQueues(opened: () => ConsoleScene): void {
  beforeAll(async () => {
    scene = opened();
    ({ page, client } = scene);
    await begin(scene);
    const workflow = await approveDefinition(client, source);
    await client.call('startRun', { params: { workflow }, body: { input: { orders } } });
  }, 180_000);

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
    expect(scene.faults).toEqual([]);
  }, 60_000);
}
