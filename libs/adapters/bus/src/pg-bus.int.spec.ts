import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createPool, type Pool } from '@parley/postgres';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { PgBus } from './pg-bus.js';
import { busContract, type BusHarness, type ForeignConsumer } from './testing/index.js';

busContract('the PostgreSQL log', async () => {
  const database = await testDatabase(['workflow', 'agent', 'platform']);
  return new PgHarness(database);
});

class PgHarness implements BusHarness {
  private readonly database: TestDatabase;
  private readonly pools = new Map<string, Pool>();
  private readonly buses: PgBus[] = [];
  private readonly consumers: ForeignConsumer[] = [];

  constructor(database: TestDatabase) {
    this.database = database;
  }

  bus(service: string): PgBus {
    const url = this.database.urls(service).system;
    const bus = new PgBus({ pool: this.pool(service), url, applicationName: `${service} test` });
    this.buses.push(bus);
    return bus;
  }

  async openPublisher(service: string) {
    const bus = this.bus(service);
    const client = await this.pool(service).connect();
    await client.query('BEGIN');
    return {
      publish: (topic: string, events: Parameters<PgBus['publish']>[1]) =>
        bus.publishWithin(client, topic, events),
      commit: async () => {
        await client.query('COMMIT');
        client.release();
        bus.committed();
      },
      rollback: async () => {
        await client.query('ROLLBACK');
        client.release();
      },
    };
  }

  async publishUnchecked(service: string, event: { topic: string; key: string; text: string }) {
    await this.pool(service).query('SELECT bus.publish($1, $2, $3)', [
      event.topic,
      [event.key],
      [event.text],
    ]);
  }

  async spawnConsumer(options: { group: string; pauseMs: number }): Promise<ForeignConsumer> {
    const file = (name: string) => fileURLToPath(new URL(`testing/${name}`, import.meta.url));
    const child = spawn(
      process.execPath,
      [
        '--conditions=parley-source',
        `--import=${file('typescript-paths.mjs')}`,
        file('consumer-process.ts'),
        this.database.urls('platform').system,
        options.group,
        String(options.pauseMs),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const received: string[] = [];
    const ready = new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the consumer ended early (${code})`)));
      createInterface(child.stdout).on('line', (line) => {
        if (line === 'ready') resolve();
        else received.push(line);
      });
    });
    const consumer = {
      received,
      kill: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
    this.consumers.push(consumer);
    await ready;
    return consumer;
  }

  async endTest(): Promise<void> {
    await Promise.all(this.consumers.splice(0).map((consumer) => consumer.kill()));
    await Promise.all(this.buses.splice(0).map((bus) => bus.stop()));
  }

  async stop(): Promise<void> {
    await this.endTest();
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
    await this.database.stop();
  }

  private pool(service: string): Pool {
    const known = this.pools.get(service);
    if (known !== undefined) return known;
    const applicationName = `${service} test`;
    const pool = createPool(this.database.urls(service).system, { applicationName, max: 8 });
    this.pools.set(service, pool);
    return pool;
  }
}
