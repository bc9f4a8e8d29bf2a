import { join } from 'node:path';
import { startDemo } from './server.ts';

const DEFAULT_PORT = 7420;

const { PARLEY_HOST, PARLEY_PORT, PARLEY_HOME, PARLEY_DEMO_STATE_FILE } = process.env;

const demo = await startDemo({
  host: PARLEY_HOST || '127.0.0.1',
  port: portOf(PARLEY_PORT),
  stateFile: PARLEY_DEMO_STATE_FILE || (PARLEY_HOME && join(PARLEY_HOME, 'demo', 'ledger.jsonl')),
});
console.log(`Demo restaurant at ${demo.url}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void demo.stop().then(() => process.exit(0)));
}
// A launcher that holds an IPC channel and dies must not leave the demo behind.
process.once('disconnect', () => void demo.stop().then(() => process.exit(0)));

function portOf(text: string | undefined): number {
  const port = text ? Number(text) : DEFAULT_PORT;
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  console.error(`PARLEY_PORT must be a port number, not ${text}`);
  process.exit(78);
}
