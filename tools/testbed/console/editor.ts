import { beforeAll, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { begin, handsOn, type ConsoleScene } from './scene.ts';

const source = `document: { dsl: '1.0.3', namespace: testbed, name: editor, version: 0.1.0 }
do:
  - checkCapacity:
      call: connector
      with:
        connector: kitchen
        operation: getCapacity
        input: { units: 1 }
      timeout: { after: PT30S }
  - decide:
      switch:
        - free: { when: .available, then: exit }
  - askManager:
      call: human
      with: { title: Shall we?, assignee: { role: manager } }
      timeout: { after: P1D }
`;

let scene: ConsoleScene;
let page: Page;

const { at, picture } = handsOn(() => page, 'editor');
const editor = (): Locator => at('yaml').locator('.cm-content');
const line = (text: string): Locator => at('yaml').locator('.cm-line', { hasText: text }).first();

async function write(text: string): Promise<void> {
  await editor().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

/** Puts the cursor at the end of the line with this text. */
async function toEndOf(text: string): Promise<void> {
  await line(text).click();
  await page.keyboard.press('End');
}

/** Takes the first proposal; a list that has just opened does not take keys yet. */
async function choose(first: Locator): Promise<void> {
  await first.and(page.locator('[aria-selected=true]')).waitFor();
  await page.waitForTimeout(200);
  await page.keyboard.press('Enter');
}

async function untilState(words: string | RegExp): Promise<void> {
  await at('text-state').filter({ hasText: words }).waitFor();
}

// Each step needs the one before: one person's way through a text.
export function editsText(opened: () => ConsoleScene): void {
  beforeAll(async () => {
    scene = opened();
    ({ page } = scene);
    await begin(scene);
    await page.getByRole('link', { name: 'Conversations' }).click();
    await at('composer').fill('Check the kitchen capacity.');
    await at('composer').press('Enter');
    await at('graph-node').first().waitFor();
    await at('tab-yaml').click();
    await editor().waitFor();
  }, 150_000);

  it('a mistake is found while it is typed, and its fix is a key away', async () => {
    await write(source);
    await untilState('No problems');
    await toEndOf('call: human');
    await page.keyboard.type('s');
    await untilState('1 error');
    await at('yaml').locator('.cm-lintRange-error').first().waitFor();
    await picture('error');
    await page.keyboard.press('Control+.');
    await untilState('No problems');
    expect(await line('call: human').textContent()).toBe('      call: human');
  }, 60_000);

  it('a fix can be chosen from the list of findings, too', async () => {
    await toEndOf('then: exit');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.type('t');
    await untilState('1 error');
    await at('diagnostics').locator('[data-severity=error]').getByTestId('apply-fix').click();
    await untilState('No problems');
  }, 60_000);

  it('completion proposes what fits and puts it in', async () => {
    await toEndOf('timeout: { after: P1D }');
    await page.keyboard.press('Enter');
    await page.keyboard.type('the');
    const list = page.locator('.cm-tooltip-autocomplete');
    await choose(list.getByRole('option', { name: /^then/ }));
    await page.keyboard.type('en');
    const end = list.getByRole('option', { name: /^end/ });
    await end.waitFor();
    await picture('completion');
    await choose(end);
    await untilState('No problems');
    expect(await line('then: end').textContent()).toBe('      then: end');
  }, 60_000);

  it('operations are explained where the pointer rests, and at the cursor', async () => {
    await line('operation: getCapacity').getByText('getCapacity').hover();
    const explanation = page.locator('.cm-explanation');
    await explanation.getByText('GET /capacity').waitFor();
    await picture('hover');
    await page.mouse.move(0, 0);
    await explanation.waitFor({ state: 'detached' });
    await toEndOf('after: PT30S');
    for (let left = 0; left < 4; left += 1) await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Control+i');
    await explanation.getByText('30 seconds').waitFor();
    await page.keyboard.press('Escape');
    await explanation.waitFor({ state: 'detached' });
  }, 60_000);

  it('the text is written the usual way', async () => {
    await toEndOf('input: { units: 1 }');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('  }');
    await page.keyboard.press('Shift+Alt+F');
    await line('input: { units: 1 }').waitFor();
    await untilState('No problems');
  }, 60_000);

  it('a step gets another name wherever it is mentioned', async () => {
    await toEndOf('when: .available');
    await page.keyboard.press('Enter');
    await page.keyboard.type('- full: { then: askManager }');
    await untilState('No problems');
    await line('title: Shall we?').click();
    await page.keyboard.press('F2');
    const name = page.getByRole('textbox', { name: 'New name of askManager' });
    await name.fill('askChef');
    await name.press('Enter');
    await line('- askChef:').waitFor();
    await line('then: askChef').waitFor();
    await untilState('No problems');
  }, 60_000);

  it('from a step in the text to the graph, and back', async () => {
    await line('operation: getCapacity').click();
    await page.keyboard.press('Control+Alt+g');
    const node = page.locator('.react-flow__node[data-id="do/checkCapacity"]');
    await node.waitFor();
    await page.locator('.react-flow__node[data-id="do/checkCapacity"]:focus').waitFor();
    await picture('graph');
    const chef = page.locator('.react-flow__node[data-id="do/askChef"]');
    await chef.click();
    await at('open-step').click();
    await editor().waitFor();
    const selected = () => page.evaluate<string>('String(document.getSelection())');
    await line('- askChef:').waitFor();
    await expectSoon(selected, 'askChef');
    await at('show-in-graph').click();
    await page.locator('.react-flow__node[data-id="do/askChef"]:focus').waitFor();
    await page.keyboard.press('Enter');
    await expectSoon(selected, 'askChef');
  }, 60_000);

  it('advice is shown when there is nothing wrong', async () => {
    await at('advice').locator('summary').click();
    const advice = at('advice').locator('[data-severity=info]');
    await advice.filter({ hasText: 'PS2002' }).waitFor();
    await picture('advice');
    await advice.getByTestId('apply-fix').first().click();
    await line('try:').waitFor();
    await untilState('No problems');
  }, 60_000);

  it('what was typed is saved', async () => {
    await editor().click();
    await page.keyboard.press('Control+s');
    await at('save-yaml').waitFor({ state: 'detached' });
    await at('text-state').filter({ hasText: 'No problems' }).waitFor();
  }, 60_000);

  it('nothing went wrong in the pages meanwhile', () => {
    expect(scene.faults).toEqual([]);
  });
}

async function expectSoon<T>(ask: () => Promise<T>, wanted: T): Promise<void> {
  const deadline = Date.now() + 45_000;
  let answer = await ask();
  while (answer !== wanted && Date.now() < deadline) {
    await new Promise((done) => setTimeout(done, 50));
    answer = await ask();
  }
  expect(answer).toBe(wanted);
}
