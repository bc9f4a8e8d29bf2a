import { beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { approveDefinition } from '../driver.ts';
import { begin, handsOn, type ConsoleScene } from './scene.ts';

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

let scene: ConsoleScene;
let page: Page;

const { at, press, picture } = handsOn(() => page, 'schedules');

export function showsSchedules(opened: () => ConsoleScene): void {
  beforeAll(async () => {
    scene = opened();
    ({ page } = scene);
    await begin(scene);
    await approveDefinition(scene.client, source);
  }, 180_000);

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
    expect(scene.faults).toEqual([]);
  }, 60_000);
}
