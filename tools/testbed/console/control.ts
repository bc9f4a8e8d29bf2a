import { beforeAll, expect, it } from '@jest/globals';
import type { Run } from '@parley/contracts';
import { ParleyClient } from '@parley/sdk';
import type { Page } from 'playwright-core';
import { approveDefinition } from '../driver.ts';
import { begin, handsOn, type ConsoleScene } from './scene.ts';

const head = (name: string, title: string) => `document:
  dsl: 1.0.3
  namespace: testbed
  name: ${name}
  version: 0.1.0
  title: ${title}
do:
`;
const paid = `${head('await-payment', 'Await payment')}  - paid: { listen: { to: { one: { with: { type: com.example.paid } } } } }
  - rest: { wait: { hours: 1 } }
  - receipt: { set: { amount: '\${ .amount }' } }
`;
const parent = `${head('take-order', 'Take order')}  - payment:
      run:
        workflow: { namespace: testbed, name: await-payment, version: 0.1.0, input: {} }
`;

const trip = `${head('trip', 'Trip')}  - book: { set: { booked: true }, metadata: { compensate: unbook } }
  - rest: { wait: { hours: 1 } }
  - unbook: { set: { booked: false } }
`;

let scene: ConsoleScene;
let page: Page;
let client: ParleyClient;
let run: Run;
let order: Run;
let journey: Run;

const { at, press, picture } = handsOn(() => page, 'control');

async function untilStatus(status: string): Promise<void> {
  await page.locator(`[data-testid="run-status"][data-status="${status}"]`).waitFor();
}

export function steersRuns(opened: () => ConsoleScene): void {
  beforeAll(async () => {
    scene = opened();
    ({ page, client } = scene);
    await begin(scene);
    const start = async (source: string, tags: string[]) => {
      const workflow = await approveDefinition(client, source);
      return client.call('startRun', { params: { workflow }, body: { input: {}, tags } });
    };
    run = await start(paid, ['vip']);
    order = await start(parent, []);
    journey = await start(trip, []);
  }, 180_000);

  it('suspends a run and lets it go on', async () => {
    await page.goto(`${scene.platform.url}/runs/${run.id}`);
    await untilStatus('waiting');
    await press(at('suspend-run'));
    await untilStatus('suspended');
    await at('waiting-panel').getByText('Suspended by you').waitFor();
    await picture('suspended');
    await press(at('resume-run'));
    await untilStatus('waiting');
  }, 60_000);

  it('sends the signal that it waits for, and skips the wait', async () => {
    await press(at('send-signal'));
    const dialog = page.getByRole('dialog');
    await page.keyboard.type('com.example.paid');
    await dialog.locator('[name="json"]').fill('{"amount": 12.5}');
    await picture('signal');
    await press(at('signal-submit'));
    const panel = at('waiting-panel');
    await panel.getByText('Waiting at rest for the time to come').waitFor();

    await press(panel.getByRole('button', { name: 'Skip step rest' }));
    await dialog.getByRole('checkbox').uncheck();
    await dialog.locator('[name="json"]').fill('{"amount": 13}');
    await picture('skip');
    await press(at('skip-submit'));
    await untilStatus('completed');
    const { output } = await client.call('getRun', { params: { run: run.id } });
    expect(output).toEqual({ amount: 13 });
  }, 60_000);

  it('changes labels, and finds runs by them', async () => {
    await press(at('edit-labels'));
    const dialog = page.getByRole('dialog');
    await dialog.locator('[name="tags"]').fill('paid\n2027');
    await dialog.locator('[name="attributes"]').fill('total=12.5');
    await press(at('labels-submit'));
    await press(at('run-labels').getByRole('link', { name: 'total 12.5' }));
    await at('run-row').getByText('paid', { exact: true }).waitFor();
    expect(await at('run-row').count()).toBe(1);
    await page.getByRole('searchbox', { name: 'Tag' }).fill('vip');
    await page.keyboard.press('Enter');
    await page.getByText('No run is like that').waitFor();
    await press(at('clear-filters'));
    await at('run-row').nth(2).waitFor();
    await picture('runs');
  }, 60_000);

  it('terminates a run that another has started', async () => {
    await page.goto(`${scene.platform.url}/runs/${order.id}`);
    await press(at('child-runs').getByRole('link'));
    await page.getByRole('link', { name: 'the run that started it' }).waitFor();
    await press(at('terminate-run'));
    await page.keyboard.type('enough of it');
    await picture('terminate');
    await press(at('terminate-submit'));
    await untilStatus('terminated');
    await page.getByRole('link', { name: 'the run that started it' }).click();
    await untilStatus('failed');
    await picture('failed');
  }, 60_000);

  it('asks a run what it is', async () => {
    await page.goto(`${scene.platform.url}/runs/${journey.id}`);
    await untilStatus('waiting');
    await press(at('query-run').locator('summary'));
    await at('query-expression').fill('.open[].name');
    await press(at('query-submit'));
    await at('query-answer').getByText('rest').waitFor();
    await at('query-expression').fill('.open[');
    await press(at('query-submit'));
    await at('query-run').getByText('line 1, column').first().waitFor();
    await picture('query');
  }, 60_000);

  it('cancels a run and undoes what it has done', async () => {
    await press(at('cancel-run'));
    await at('cancel-compensate').check();
    await picture('cancel');
    await press(at('cancel-submit'));
    await untilStatus('cancelled');
    const row = (step: string) => page.locator(`[data-testid="step-row"][data-step="${step}"]`);
    await row('unbook').getByText('undoes book').waitFor();
    await row('book').getByText('undone', { exact: true }).waitFor();
    await picture('undone');
  }, 60_000);

  it('runs it again from a step, once it is seen what repeats', async () => {
    await press(page.locator('[data-testid="step-row"][data-step="rest"] button').first());
    await press(at('run-again'));
    const repeats = at('run-again-repeats');
    await repeats.getByText('The recorded output of 1 step is used').waitFor();
    await repeats.getByText('What these steps did has been undone since: do/book').waitFor();
    await picture('run-again');
    await press(at('run-again-submit'));
    await page.getByRole('link', { name: 'an earlier run' }).waitFor();
    await untilStatus('waiting');
    expect(page.url()).not.toContain(journey.id);
    await page.goto(`${scene.platform.url}/runs`);
    await page.getByRole('combobox', { name: 'Status' }).selectOption('stalled');
    await page.getByText('No run is stalled').waitFor();
  }, 60_000);

  it('is readable in the dark and on a small screen', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    const wide = () => page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
    await picture('narrow-run');
    expect(await wide()).toBe(false);
    await page.goto(`${scene.platform.url}/runs`);
    await at('run-row').nth(2).waitFor();
    await picture('narrow-runs');
    expect(await wide()).toBe(false);
    expect(scene.faults).toEqual([]);
  }, 60_000);
}
