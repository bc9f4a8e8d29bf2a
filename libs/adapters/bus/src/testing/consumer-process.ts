// A consumer for tests that kill it: prints the id of each event when it starts to handle it.
import { createPool } from '@parley/postgres';
import { PgBus } from '../pg-bus.js';

const [url = '', group = '', pauseMs = '0'] = process.argv.slice(2);
const applicationName = 'killable consumer';
const bus = new PgBus({
  pool: createPool(url, { applicationName }),
  url,
  applicationName,
  onError: console.error,
});
const subscription = bus.subscribe({
  topics: ['workflow'],
  group,
  from: 'now',
  handler: async ({ envelope }) => {
    console.log(envelope.id);
    await new Promise((resolve) => setTimeout(resolve, Number(pauseMs)));
  },
});
await subscription.ready;
console.log('ready');
