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
  name: hourly-round
  version: 0.1.0
  title: Hourly round
  metadata: { timezone: Europe/Berlin, schedule: { overlap: skip, missed: latest } }
schedule: { cron: 0 * * * * }
do:
  - note: { set: { done: true } }
`;

let platform: Platform;
let window: Window;
let page: Page;

const at = (id: string): Locator => page.getByTestId(id);

async function picture(name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `schedules-${name}.png`) });
}

/** With the keyboard alone. */
async function press(button: Locator): Promise<void> {
  await button.focus();
  await page.keyboard.press('Enter');
}

describeWithBrowser('schedules in a browser', () => {
  beforeAll(async () => {
    platform = await startPlatform({ quiet: true });
    window = await openWindow();
    ({ page } = window);
    page.setDefaultTimeout(20_000);
    const asked = page.waitForRequest((request) => request.url().endsWith('/v1/me'));
    await page.goto(`${platform.url}/#login=${platform.loginToken}`);
    const bearer = (await (await asked).allHeaders())['authorization'] ?? '';
    const token = () => bearer.replace(/^Bearer /, '');
    const client = new ParleyClient({ baseUrl: platform.url, token });
    await client.call('loadDemo');
    await approveDefinition(client, source);
  }, 180_000);

  afterAll(async () => {
    await window.close();
    await platform.stop();
  }, 60_000);

  it('shows what runs by itself, and when', async () => {
    await page.getByRole('link', { name: 'Schedules' }).click();
    await at('schedule-row').getByText('Hourly round').waitFor();
    await at('schedule-state').filter({ hasText: 'Next run' }).waitFor();
    await at('schedule-row').getByText('overlap: skip').waitFor();
    await picture('light');
  }, 60_000);

  it('is paused and resumed with the keyboard', async () => {
    await press(page.getByRole('button', { name: 'Pause Hourly round' }));
    await at('schedule-state').filter({ hasText: 'Paused' }).waitFor();
    await press(page.getByRole('button', { name: 'Resume Hourly round' }));
    await at('schedule-state').filter({ hasText: 'Next run' }).waitFor();
  }, 60_000);

  it('makes up for the past once', async () => {
    await press(at('schedule-backfill'));
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Europe/Berlin').waitFor();
    await picture('dialog');
    await press(at('backfill-submit'));
    await at('backfill-result')
      .filter({ hasText: /2[45] start now/ })
      .waitFor();
    await page.keyboard.press('Escape');
    await at('schedule-row').locator('[data-status="completed"]').nth(2).waitFor();
    await press(at('schedule-backfill'));
    await press(at('backfill-submit'));
    await at('backfill-result')
      .filter({ hasText: /times in the range/ })
      .waitFor();
    expect(await at('backfill-result').textContent()).not.toMatch(/2[45] start now/);
    await page.keyboard.press('Escape');
  }, 60_000);

  it('is readable in the dark and on a small screen', async () => {
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
