import { mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exitCodes, Failure } from '../exit-codes.js';
import { configFolder, readJsonFile, writePrivate } from '../settings.js';
import type { Terminal } from '../terminal.js';

const lockPollMs = 50;
const lockMsMax = 20_000;
/** A command that holds the lock longer than this has been killed. */
const lockStaleMs = 30_000;

/** What a sign-in left behind, for one server. */
export interface Session {
  readonly server: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Sessions in files that only their owner can read, one for each server. */
export class SessionStore {
  private readonly terminal: Terminal;
  private readonly file: string;

  constructor(terminal: Terminal, server: string) {
    this.terminal = terminal;
    this.file = join(configFolder(terminal), 'sessions', `${encodeURIComponent(server)}.json`);
  }

  read(): Session | undefined {
    return readJsonFile(this.file) as Session | undefined;
  }

  write(session: Session): void {
    writePrivate(this.file, session);
  }

  /** @returns whether there was one. */
  remove(): boolean {
    const existed = this.read() !== undefined;
    rmSync(this.file, { force: true });
    return existed;
  }

  /** One command at a time: a refresh token that is used twice ends the session. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const lock = `${this.file}.lock`;
    mkdirSync(dirname(lock), { recursive: true, mode: 0o700 });
    const deadline = this.terminal.now() + lockMsMax;
    while (!tryLock(lock)) {
      if (this.terminal.now() > deadline) {
        throw new Failure(
          exitCodes.refused,
          `Another command holds ${lock}. Remove it if none runs.`,
        );
      }
      await this.terminal.sleep(lockPollMs, this.terminal.interrupted);
    }
    try {
      return await work();
    } finally {
      rmdirSync(lock);
    }
  }
}

function tryLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  const isStale = since !== undefined && Date.now() - since > lockStaleMs;
  if (isStale && readdirSync(lock).length === 0) rmSync(lock, { recursive: true, force: true });
  return false;
}
