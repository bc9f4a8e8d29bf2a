import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** Nothing of the browser's own may reach for the network. */
const quiet = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser of this machine, if it has one. */
export function browserPath(): string | undefined {
  return process.env['PARLEY_BROWSER'] ?? places.find((place) => existsSync(place));
}

/** A browser window of its own with what went wrong in it. */
export interface Window {
  readonly page: Page;
  /** Errors that the pages threw or logged. */
  readonly faults: string[];
  close(): Promise<void>;
}

export async function openWindow(
  options: { width?: number; height?: number; colorScheme?: 'light' | 'dark' } = {},
): Promise<Window> {
  const { width = 1280, height = 800, colorScheme = 'light' } = options;
  const profile = mkdtempSync(join(tmpdir(), 'parley-browser-'));
  const executablePath = browserPath();
  if (executablePath === undefined) throw new Error('there is no browser on this machine');
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: quiet,
    viewport: { width, height },
    colorScheme,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message.text())) faults.push(message.text());
  });
  return {
    page,
    faults,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** The browser itself logs every answer that is not 2xx, and every lost connection. */
function isExpected(text: string): boolean {
  return text.startsWith('Failed to load resource:') || text.includes('net::ERR_');
}
