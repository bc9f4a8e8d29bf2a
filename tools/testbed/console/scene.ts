import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ParleyClient } from '@parley/sdk';
import type { Locator, Page } from 'playwright-core';
import { startPlatform, type Platform } from '../../dev/platform.ts';
import { openWindow, type Window } from '../browser.ts';

const pictures = resolve(import.meta.dirname, '../../../test-results');
const size = { width: 1280, height: 800 };

/** A platform with the demo business, and its owner in front of the console. */
export interface ConsoleScene {
  readonly platform: Platform;
  readonly client: ParleyClient;
  readonly page: Page;
  /** Errors that the pages threw or logged. */
  readonly faults: string[];
  close(): Promise<void>;
}

export async function openConsole(): Promise<ConsoleScene> {
  const platform = await startPlatform({ quiet: true });
  let window: Window | undefined;
  const close = async () => {
    await window?.close();
    await platform.stop();
  };
  try {
    window = await openWindow(size);
    const { page, faults } = window;
    page.setDefaultTimeout(45_000);
    const asked = page.waitForRequest((request) => request.url().endsWith('/v1/me'));
    await page.goto(`${platform.url}/#login=${platform.loginToken}`);
    const bearer = (await (await asked).allHeaders())['authorization'] ?? '';
    const token = () => bearer.replace(/^Bearer /, '');
    const client = new ParleyClient({ baseUrl: platform.url, token });
    await client.call('loadDemo');
    return { platform, client, page, faults, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What tests of one part of the console do in its page. */
export interface Hands {
  readonly at: (id: string) => Locator;
  /** With the keyboard alone. */
  readonly press: (button: Locator) => Promise<void>;
  readonly picture: (name: string) => Promise<void>;
}

/** The console as it is when it is opened, whatever was seen in it before. */
export async function begin({ page, platform }: ConsoleScene): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(size);
  await page.goto(platform.url);
}

export function handsOn(page: () => Page, part: string): Hands {
  return {
    at: (id) => page().getByTestId(id),
    press: async (button) => {
      await button.focus();
      await page().keyboard.press('Enter');
    },
    picture: async (name) => {
      mkdirSync(pictures, { recursive: true });
      await page().screenshot({ path: join(pictures, `${part}-${name}.png`) });
    },
  };
}
