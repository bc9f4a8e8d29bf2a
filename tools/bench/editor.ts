import type { Page } from 'playwright-core';

import { startPlatform } from '../dev/platform.ts';
import { browserPath, openWindow } from '../testbed/browser.ts';
import { definitionOf } from './language-definition.ts';
import { lineText, type Line, type Report, type Skipped } from './report.ts';

const keystrokeMs = 16;
const tasks = 1_000;
const typed = ' # a comment that is typed';
/** Long enough for everything that a keystroke sets off in the page, but not for the next check. */
const settleMs = 80;

interface EditorOptions {
  readonly say: (text: string) => void;
}

/** What a keystroke costs the page, with a long text in the editor. */
export async function measureEditor({ say }: EditorOptions): Promise<Report> {
  const lines = await keystrokeLines();
  for (const line of lines) say(lineText(line));
  return { lines, processes: [] };
}

async function keystrokeLines(): Promise<(Line | Skipped)[]> {
  const name = `a keystroke in the editor, with ${tasks} tasks`;
  if (browserPath() === undefined) return [{ name, skipped: 'there is no browser here' }];
  const platform = await startPlatform({ quiet: true });
  const window = await openWindow();
  try {
    const { page } = window;
    await page.goto(`${platform.url}/#login=${platform.loginToken}`);
    await openEditor(page);
    const costs = await keystrokes(page);
    return costs.map(([where, costsMs]) => ({
      name: `${name}: worst of ${costsMs.length} at the ${where}`,
      value: Math.max(...costsMs),
      unit: 'ms',
      budget: keystrokeMs,
      boundBy: `processor time of script and layout; the median is ${medianOf(costsMs).toFixed(1)} ms`,
    }));
  } finally {
    await window.close();
    await platform.stop();
  }
}

/** A draft whose text is long. */
async function openEditor(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Connectors' }).click();
  await page.getByTestId('load-demo').first().click();
  await page.getByTestId('connector-card').nth(4).waitFor();
  await page.getByRole('link', { name: 'Conversations' }).click();
  await page.getByTestId('composer').fill('Check the kitchen capacity.');
  await page.getByTestId('composer').press('Enter');
  await page.getByTestId('graph-node').first().waitFor();
  await page.getByTestId('tab-yaml').click();
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+a');
  await page.evaluate(pasting(definitionOf(tasks)));
  await page.getByTestId('save-yaml').waitFor();
  await page.waitForTimeout(5_000);
}

/** Typing so much would take the browser itself minutes. */
function pasting(text: string): string {
  return `{
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', ${JSON.stringify(text)});
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    document.querySelector('.cm-content').dispatchEvent(event);
  }`;
}

async function keystrokes(page: Page): Promise<(readonly [where: string, ms: number[]])[]> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const spentMs = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return 1_000 * (of('ScriptDuration') + of('LayoutDuration') + of('RecalcStyleDuration'));
  };
  const found: (readonly [string, number[]])[] = [];
  for (const [where, key] of [
    ['beginning', 'Control+Home'],
    ['end', 'Control+End'],
  ] as const) {
    await page.keyboard.press(key);
    await page.keyboard.press('End');
    await page.waitForTimeout(2_000);
    const costs: number[] = [];
    for (const character of typed) {
      const before = await spentMs();
      await page.keyboard.type(character);
      await page.waitForTimeout(settleMs);
      costs.push((await spentMs()) - before);
    }
    found.push([where, costs]);
  }
  return found;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
