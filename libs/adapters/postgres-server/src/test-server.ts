import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres, type RunningPostgres } from './server.js';
import { Watchdog } from './watchdog.js';

/** A server for one test file: empty, not durable, gone after `stop` or with the test process. */
export interface TestPostgres {
  /** Superuser's URL of the database `parley`. */
  readonly adminUrl: string;
  readonly port: number;
  stop(): Promise<void>;
}

const portAttempts = 5;

/**
 * Starts an empty PostgreSQL in a temporary folder on a free port; takes about a second, and less when
 * `PARLEY_TEST_CLUSTER` names a folder for the data that all of them begin with.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dir = mkdtempSync(join(tmpdir(), 'parley-postgres-'));
  const watchdog = new Watchdog({ dataDir: join(dir, 'data'), removeDir: dir });
  const discard = () => {
    watchdog.close();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const server = await startOnFreePort(dir, watchdog, portAttempts);
    const stop = async () => {
      await server.stop();
      discard();
    };
    return { adminUrl: server.adminUrl, port: server.port, stop };
  } catch (error) {
    discard();
    throw error;
  }
}

async function startOnFreePort(
  dir: string,
  watchdog: Watchdog,
  attempts: number,
): Promise<RunningPostgres> {
  const password = randomBytes(12).toString('hex');
  const template = process.env['PARLEY_TEST_CLUSTER'];
  const port = await freePort();
  const options = { dir, port, password, passwordIsNew: true, durable: false, template };
  try {
    return await startPostgres({ ...options, watchdog, logFile: join(dir, 'log') });
  } catch (error) {
    // Another process may take the port between its choice and the start.
    const taken = error instanceof Error && error.message.includes('Address already in use');
    if (!taken || attempts === 1) throw error;
    return startOnFreePort(dir, watchdog, attempts - 1);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
