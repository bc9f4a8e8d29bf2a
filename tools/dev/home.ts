import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';

/** Where everything of one installation lies. */
export interface Home {
  readonly dir: string;
  readonly keys: string;
  readonly logs: string;
  readonly secrets: string;
  readonly stateFile: string;
  readonly lockFile: string;
  readonly loginTokenFile: string;
}

export function openHome(path: string): Home {
  const dir = resolve(path);
  const home = {
    dir,
    keys: join(dir, 'keys'),
    logs: join(dir, 'logs'),
    secrets: join(dir, 'secrets'),
    stateFile: join(dir, 'run/state.json'),
    lockFile: join(dir, 'run/launcher.json'),
    loginTokenFile: join(dir, 'secrets/login-token'),
  };
  for (const folder of [home.keys, home.logs, home.secrets, dirname(home.stateFile)]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  return home;
}

/**
 * Replaces a file's content at once: a reader sees the old or the new.
 * @param flush whether the content must survive a crash of the machine.
 */
export function writeWhole(file: string, content: string, flush = true): void {
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, content, { mode: 0o600, flush });
  renameSync(draft, file);
}

export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The content of a file that is made on first use and then kept. */
export function keep(file: string, make: () => string): { content: string; isNew: boolean } {
  const kept = readIfThere(file);
  if (kept !== undefined) return { content: kept.trim(), isNew: false };
  const content = make();
  writeWhole(file, `${content}\n`);
  return { content, isNew: true };
}

/**
 * The token of the printed address: it signs one browser in, and the issuer removes the file then.
 * One that nobody has used yet stays good.
 */
export function loginToken(home: Home): string {
  return keep(home.loginTokenFile, () => randomBytes(24).toString('base64url')).content;
}

export function remove(file: string): void {
  rmSync(file, { force: true });
}
