import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { startPlatform, type Platform } from '../dev/platform.ts';
import { browserPath, openWindow, type Window } from './browser.ts';
import { setKnobs } from './demo-client.ts';

const request =
  'When an order is placed, check kitchen capacity and stock; if both are fine schedule ' +
  'preparation and confirm, else reject. Ask the manager when the total is above 200.';
const pictures = resolve(import.meta.dirname, '../../test-results');
const describeWithBrowser = browserPath() === undefined ? describe.skip : describe;

let platform: Platform;
let window: Window;
let page: Page;

const at = (id: string): Locator => page.getByTestId(id);
const step = (name: string): Locator =>
  page.locator(`[data-testid="step-row"][data-step="${name}"]`);

async function picture(name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

async function untilStatus(status: string): Promise<void> {
  await page.locator(`[data-testid="run-status"][data-status="${status}"]`).waitFor();
}

/** Until the history shows the run as it was at an entry. */
async function seen(entry: number, status: string): Promise<void> {
  const state = page.locator(`[data-testid="history-state"][data-entry="${String(entry)}"]`);
  await state.locator(`[data-testid="history-status"][data-status="${status}"]`).waitFor();
}

async function startRun(order: {
  orderId: string;
  quantity: number;
  total: number;
}): Promise<void> {
  await at('start-run').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByTestId('form-mode').click();
  const items = [{ sku: 'margherita-pizza', quantity: order.quantity }];
  const input = { orderId: order.orderId, items, total: order.total };
  await dialog.getByRole('textbox').fill(JSON.stringify(input));
  await dialog.getByTestId('run-form-submit').click();
  await at('run-status').waitFor();
}

async function say(text: string): Promise<void> {
  const before = await at('message-assistant').count();
  await at('composer').fill(text);
  await at('composer').press('Enter');
  await at('message-assistant').nth(before).waitFor();
  await page.locator('[data-testid="send"]:not([aria-busy="true"])').waitFor();
}

async function openWorkflow(): Promise<void> {
  await page.getByRole('link', { name: 'Workflows' }).first().click();
  await at('workflow-row').first().getByRole('link').first().click();
  await at('start-run').waitFor();
}

// Each step needs the one before: the story of one person's first hour.
describeWithBrowser('the main job in a browser', () => {
  beforeAll(async () => {
    platform = await startPlatform({ quiet: true });
    window = await openWindow();
    ({ page } = window);
    page.setDefaultTimeout(45_000);
  }, 240_000);

  afterAll(async () => {
    await window.close();
    await platform.stop();
  }, 60_000);

  it('the printed address signs in', async () => {
    await page.goto(`${platform.url}/#login=${platform.loginToken}`);
    await at('composer').first().waitFor();
    expect(page.url()).not.toContain(platform.loginToken);
  }, 60_000);

  it('loading the demo shows which address it approved', async () => {
    await page.getByRole('link', { name: 'Connectors' }).click();
    await at('load-demo').first().click();
    await at('connector-card').nth(4).waitFor();
    await page
      .getByText(`127.0.0.1:${String(platform.portBase + 20)}`)
      .first()
      .waitFor();
  }, 60_000);

  it('a request becomes a draft with graph, text and what it calls', async () => {
    await page.getByRole('link', { name: 'Conversations' }).click();
    await say(request);
    await at('graph-node').nth(7).waitFor();
    await picture('draft');
    await at('tab-yaml').click();
    await page.getByText('checkKitchenCapacity').last().waitFor();
    await at('approve').waitFor();
    expect(await page.getByRole('region', { name: 'Approval' }).textContent()).toContain(
      '/orders/{orderId}/confirm',
    );
  }, 60_000);

  it('a reload loses nothing, and a second tab shows the same', async () => {
    await at('composer').fill('not sent yet');
    await page.reload();
    await at('message-assistant').first().waitFor();
    expect(await at('composer').inputValue()).toBe('not sent yet');
    await at('composer').fill('');
    const second = await page.context().newPage();
    await second.goto(page.url());
    // Tokens belong to one tab; the issuer knows the browser and signs it in again.
    await second.getByRole('button', { name: 'Sign in' }).click();
    await second.getByTestId('message-assistant').first().waitFor();
    await second.close();
  }, 60_000);

  it('what was seen is approved and can be run', async () => {
    await at('approve').click();
    await at('approved').waitFor();
    await openWorkflow();
    await startRun({ orderId: 'ord-1001', quantity: 1, total: 12.5 });
    await untilStatus('completed');
    await step('confirmOrder').click();
    await step('confirmOrder').getByTestId('step-output').waitFor();
    expect(await step('confirmOrder').getByTestId('step-output').textContent()).toContain(
      'confirmed',
    );
    expect(await step('askManager').getAttribute('data-status')).toBe('skipped');
    await picture('run');
  }, 60_000);

  it('a large order waits for the manager, who decides in the inbox', async () => {
    await openWorkflow();
    await startRun({ orderId: 'ord-1004', quantity: 2, total: 220.5 });
    await untilStatus('waiting');
    const run = page.url();
    expect(await at('waiting-panel').textContent()).toContain('manager');
    await at('inbox-badge').filter({ hasText: '1' }).waitFor();
    await page.getByRole('link', { name: /Inbox/ }).first().click();
    await at('approve-decision').first().click();
    await at('inbox-badge').waitFor({ state: 'detached' });
    await page.goto(run);
    await untilStatus('completed');
  }, 60_000);

  it('the past of a run is gone through with the keyboard, and exported', async () => {
    await at('open-history').click();
    await at('history-entry').first().waitFor();
    const last = await at('history-entry').count();
    await seen(last, 'completed');
    await at('history-scrubber').press('Home');
    await seen(1, 'running');
    expect(await step('checkStock').count()).toBe(0);
    const asked = await page
      .locator('[data-testid="history-entry"][data-kind="approvalOpened"]')
      .getAttribute('data-entry');
    for (let entry = 2; entry <= Number(asked); entry++) {
      await at('history-scrubber').press('ArrowRight');
    }
    await seen(Number(asked), 'waiting');
    expect(await step('askManager').getAttribute('data-status')).toBe('waiting');
    expect(await step('confirmOrder').count()).toBe(0);
    expect(await at('entry-detail').textContent()).toContain('role manager');
    await picture('history');
    await page.reload();
    await seen(Number(asked), 'waiting');
    const saving = page.waitForEvent('download');
    await at('export-run').click();
    const saved = await readFile(await (await saving).path(), 'utf8');
    expect(JSON.parse(saved)).toMatchObject({ format: 'parley-run/1', end: { entries: last } });
  }, 60_000);

  it('a run finishes although its service is killed', async () => {
    await setKnobs(platform, { system: 'kitchen', latencyMs: 1_500 });
    await openWorkflow();
    await startRun({ orderId: 'ord-1002', quantity: 1, total: 30 });
    await untilStatus('running');
    expect(platform.kill('workflow', 'SIGKILL')).toBe(true);
    await page.getByText('Disconnected, retrying').waitFor();
    await untilStatus('completed');
    await page.getByText('Disconnected, retrying').waitFor({ state: 'hidden' });
    await setKnobs(platform, { system: 'kitchen', latencyMs: 0 });
  }, 90_000);

  it('a killed gateway is shown, and the page goes on by itself', async () => {
    expect(platform.kill('gateway', 'SIGKILL')).toBe(true);
    await page.getByText('Disconnected, retrying').waitFor();
    await page.getByText('Disconnected, retrying').waitFor({ state: 'hidden' });
  }, 60_000);

  it('a failed run says why, and its step can be run again', async () => {
    const failNext = { status: 503, count: 1 };
    await setKnobs(platform, { system: 'inventory', operation: 'checkStock', failNext });
    await openWorkflow();
    await startRun({ orderId: 'ord-1003', quantity: 1, total: 40 });
    await untilStatus('failed');
    await picture('failed');
    expect(await at('failed-panel').textContent()).toContain('checkStock');
    await at('retry-step').click();
    await untilStatus('completed');
  }, 60_000);

  it('a change is seen as a difference, approved, and used by the next run', async () => {
    await page.getByRole('link', { name: 'Conversations' }).first().click();
    await page
      .getByRole('link', { name: /When an order is placed/ })
      .first()
      .click();
    await at('message-assistant').first().waitFor();
    await say('Also notify the chefs "An order was confirmed" after confirming.');
    await at('tab-diff').click();
    await at('diff').getByText('notifyChefs').first().waitFor();
    await picture('diff');
    await answerQuestions();
    await at('approve').click();
    await at('approved').waitFor();
    await openWorkflow();
    await page.getByText('Version 2').first().waitFor();
  }, 90_000);

  it('nothing went wrong in the pages meanwhile', () => {
    expect(window.faults).toEqual([]);
  });
});

/** Chooses the first option of whatever is asked. */
async function answerQuestions(): Promise<void> {
  for (
    let asked = await at('answer-chip').count();
    asked > 0;
    asked = await at('answer-chip').count()
  ) {
    const before = await at('message-assistant').count();
    await at('answer-chip').first().click();
    await at('message-assistant').nth(before).waitFor();
  }
}
