import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { adminUrlOf, preparePostgres, type Watchdog } from '@parley/postgres-server';

import { keep, type Home } from './home.ts';
import { portOffsets } from './ports.ts';
import type { ProcessSpec } from './process-spec.ts';

/** The embedded server of an installation. */
export interface EmbeddedPostgres {
  readonly adminUrl: string;
  readonly spec: (watchdog: () => Watchdog) => ProcessSpec;
}

export async function embeddedPostgres(home: Home, portBase: number): Promise<EmbeddedPostgres> {
  const passwordFile = join(home.secrets, 'postgres-superuser');
  const { content: password, isNew } = keep(passwordFile, () =>
    randomBytes(24).toString('base64url'),
  );
  const port = portBase + portOffsets.postgres;
  const dir = join(home.dir, 'postgres');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  let passwordIsNew = isNew;
  let isReady = (_pid: number): boolean => false;
  return {
    adminUrl: await adminUrlOf({ dir, port }, { password }),
    spec: (watchdog) => ({
      name: 'postgres',
      port,
      after: [],
      tier: 0,
      stopSteps: [
        { signal: 'SIGINT', limitMs: 10_000 },
        { signal: 'SIGQUIT', limitMs: 5000 },
        { signal: 'SIGKILL', limitMs: 2000 },
      ],
      prepare: async () => {
        const template = process.env.PARLEY_TEST_CLUSTER;
        const options = { dir, port, password, passwordIsNew, template, watchdog: watchdog() };
        const prepared = await preparePostgres(options);
        passwordIsNew = false;
        isReady = prepared.isReady;
        return { ...prepared, cwd: dir };
      },
      isReady: (pid) => isReady(pid),
    }),
  };
}
