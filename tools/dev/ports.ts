import { createServer } from 'node:net';

import { AppError } from '@parley/kernel';

/** Offset of every listener from the port base. */
export const portOffsets = {
  gateway: 0,
  issuer: 2,
  conversation: 11,
  agent: 12,
  workflow: 13,
  platform: 14,
  'dsl-compiler': 15,
  'workflow-2': 16,
  'workflow-3': 17,
  demo: 20,
  postgres: 32,
} as const;

const defaultPortBase = 7400;
const host = '127.0.0.1';
const randomBases = { first: 20_000, step: 50, count: 240 };
const attemptsMax = 100;

export function parsePortBase(text: string | undefined): number {
  if (text === undefined || text === '') return defaultPortBase;
  const base = Number(text);
  if (Number.isInteger(base) && base >= 1024 && base <= 65_000) return base;
  throw new AppError(
    'invalid',
    `PARLEY_PORT_BASE must be a port from 1024 to 65000, not "${text}".`,
  );
}

/** Names every port that somebody else listens on, and the cure. */
export async function checkPorts(ports: ReadonlyMap<string, number>): Promise<void> {
  const taken: string[] = [];
  for (const [name, port] of ports) {
    if (!(await isFree(port))) taken.push(`${port} (${name})`);
  }
  if (taken.length === 0) return;
  throw new AppError(
    'conflict',
    `Another program listens on ${taken.length === 1 ? 'port' : 'ports'} ${taken.join(', ')} of ${host}. ` +
      'Stop it, or choose other ports: PARLEY_PORT_BASE=8400 npm start',
  );
}

/** A base at which every port is free now; random, so that parallel callers rarely meet. */
export async function findPortBase(): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const base =
      randomBases.first + randomBases.step * Math.floor(Math.random() * randomBases.count);
    const free = await Promise.all(
      Object.values(portOffsets).map((offset) => isFree(base + offset)),
    );
    if (free.every(Boolean)) return base;
  }
  throw new AppError('unavailable', 'No free range of ports was found.');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
