import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { runCli } from '../src/cli.js';
import type { Terminal } from '../src/terminal.js';

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface FakeOptions {
  readonly env?: Record<string, string>;
  readonly piped?: string;
  readonly isTty?: boolean;
  readonly interrupted?: AbortSignal;
  /** Called instead of waiting. */
  readonly sleep?: (ms: number) => Promise<void>;
  readonly now?: () => number;
  readonly onErr?: (text: string) => void;
}

const root = mkdtempSync(join(tmpdir(), 'parley-cli-'));

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  return mkdtempSync(join(root, 'folder-'));
}

/** A person's account on a machine: commands share its folders. */
export class FakePerson {
  readonly home = temporaryFolder();

  /** Runs a command as typed. */
  async run(args: readonly string[], options: FakeOptions = {}): Promise<Result> {
    let out = '';
    let err = '';
    const terminal: Terminal = {
      env: { XDG_CONFIG_HOME: this.home, ...options.env },
      cwd: this.home,
      isTty: options.isTty ?? false,
      interrupted: options.interrupted ?? new AbortController().signal,
      fetch: (input, init) => globalThis.fetch(input, init),
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
        options.onErr?.(text);
      },
      readInput: async () => options.piped ?? '',
      now: options.now ?? (() => Date.now()),
      sleep: options.sleep ?? (async () => undefined),
    };
    const code = await runCli(args, terminal);
    return { code, out, err };
  }
}
