import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { exitCodes, Failure } from './exit-codes.js';
import type { Terminal } from './terminal.js';

export const defaultServer = 'http://127.0.0.1:7400';

export function configFolder({ env }: Terminal): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'parley');
}

/** `--server` > PARLEY_SERVER > this machine's PARLEY_PORT_BASE > the last one signed in to > the default. */
export function chooseServer(terminal: Terminal, option: string | undefined): string {
  const { PARLEY_SERVER: server, PARLEY_PORT_BASE: port } = terminal.env;
  const here = port ? `http://127.0.0.1:${port}` : undefined;
  const chosen = option ?? (server || here || readServer(terminal));
  return originOf(chosen ?? defaultServer);
}

export function rememberServer(terminal: Terminal, server: string): void {
  writePrivate(configFile(terminal), { server });
}

/** The content of a JSON file; undefined when there is none. */
export function readJsonFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Failure(exitCodes.usage, `Cannot read ${file}: ${(error as Error).message}`, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(
      exitCodes.usage,
      `${file} is damaged. Remove it, and sign in again with: parley login`,
      error,
    );
  }
}

/** Replaces a file at once; only its owner can read it. */
export function writePrivate(file: string, content: unknown): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function configFile(terminal: Terminal): string {
  return join(configFolder(terminal), 'config.json');
}

function readServer(terminal: Terminal): string | undefined {
  const config = readJsonFile(configFile(terminal)) as { server?: unknown } | undefined;
  return typeof config?.server === 'string' ? config.server : undefined;
}

function originOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url.origin;
  throw new Failure(
    exitCodes.usage,
    `"${text}" is not the address of a server. Give one like ${defaultServer}`,
  );
}
