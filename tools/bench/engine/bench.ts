import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { Business } from './business.ts';
import { figuresOf, figuresText, type Figures } from './figures.ts';
import type { Installation } from './installation.ts';
import { startLoad, type Load } from './load.ts';
import { Watch } from './watch.ts';

const lagWaitMsMax = 120_000;
const pollMs = 200;

export interface Sustained {
  readonly name: string;
  readonly load: Omit<Load, 'onStarted'>;
  readonly warmUpMs?: number;
  readonly measureMs?: number;
  /** Starts are answered when the run is through: its end is seen by the client itself. */
  readonly endsWithStart?: boolean;
  /** Somebody else goes on: what was told of this one is recorded at some time. */
  readonly isBeside?: boolean;
}

/** One installation under measurement. */
export class Bench {
  readonly installation: Installation;
  readonly watch: Watch;
  readonly quick: boolean;
  readonly say: (text: string) => void;
  private business: Business | undefined;
  private readonly defined = new Map<string, Promise<string>>();

  constructor(
    installation: Installation,
    options: { readonly quick: boolean; readonly say: (text: string) => void },
  ) {
    this.installation = installation;
    this.watch = new Watch(installation.platform, installation.admin);
    this.quick = options.quick;
    this.say = options.say;
  }

  /** The workflow with this definition. */
  workflow(source: string): Promise<string> {
    const known = this.defined.get(source) ?? this.installation.define(source);
    this.defined.set(source, known);
    return known;
  }

  /** The system that runs call, approved as the connector `bench`. */
  async connector(): Promise<Business> {
    if (this.business !== undefined) return this.business;
    this.business = await Business.start();
    const { client } = this.installation;
    await client.call('importConnector', {
      body: { name: 'bench', document: this.business.document },
    });
    await client.call('configureConnector', {
      params: { connector: 'bench' },
      body: { baseUrl: `http://127.0.0.1:${this.business.port}`, approveAddress: true },
    });
    return this.business;
  }

  /** Keeps a load up and measures what is completed after the warm-up. */
  async sustained({ name, load, ...options }: Sustained): Promise<Figures> {
    const warmUpMs = options.warmUpMs ?? (this.quick ? 4_000 : 15_000);
    const measureMs = options.measureMs ?? (this.quick ? 10_000 : 60_000);
    let ms: number[] | undefined;
    let completed = 0;
    const running = await startLoad({
      ...load,
      onStarted: (started) => {
        if (ms === undefined) return;
        if (started.completed) completed += 1;
        ms.push(started.ms);
      },
    });
    const passed = (forMs: number) => Promise.race([sleep(forMs), running.failed]);
    await passed(warmUpMs);
    const mark = await this.watch.mark();
    const since = Date.now();
    ms = [];
    await passed(measureMs);
    const cost = await this.watch.costSince(mark);
    const until = Date.now();
    const taken = ms;
    ms = undefined;
    const lag = await this.watch.lag();
    const engineMib = this.watch.engineMib();
    await running.stop();
    const ended =
      options.endsWithStart === true
        ? { completed, ms: taken }
        : await this.endedBetween(load.path.split('/')[3] ?? '', since, until);
    const figures = figuresOf({ name, ...ended, cost, engineMib, lag, load: loadavg()[0] ?? 0 });
    this.say(figuresText(figures));
    if (options.isBeside !== true) await this.caughtUp();
    return figures;
  }

  /** One run after the other, with nothing else going on. */
  async idleLatency(name: string, load: Omit<Load, 'onStarted' | 'connections'>): Promise<Figures> {
    const measureMs = this.quick ? 4_000 : 15_000;
    const options = { name, endsWithStart: true, warmUpMs: 2_000, measureMs };
    return this.sustained({ ...options, load: { ...load, connections: 1 } });
  }

  /** Waits until everything that was told has been recorded. */
  async caughtUp(): Promise<void> {
    const deadline = Date.now() + lagWaitMsMax;
    for (;;) {
      const { relay, audit } = await this.watch.lag();
      if (relay + audit === 0) return;
      if (Date.now() > deadline) {
        this.say(`    still behind after ${lagWaitMsMax / 1000} s: relay ${relay}, audit ${audit}`);
        return;
      }
      await sleep(pollMs);
    }
  }

  async stop(): Promise<void> {
    await this.installation.stop();
    this.business?.stop();
  }

  /** As the engine's own clock has it: the time of the last entry, not of its commit. */
  private async endedBetween(workflowId: string, since: number, until: number) {
    const { rows } = await this.installation.admin.query<{
      completed: number;
      p50: number | null;
      p99: number | null;
    }>(
      `SELECT count(*) AS completed, percentile_disc(0.5) WITHIN GROUP (ORDER BY took) AS p50,
         percentile_disc(0.99) WITHIN GROUP (ORDER BY took) AS p99
       FROM (SELECT (extract(epoch FROM ended_at - created_at) * 1000)::float8 AS took
             FROM workflow.run WHERE workflow_id = $1 AND status = 'completed'
               AND ended_at >= $2 AND ended_at < $3) ended`,
      [workflowId, new Date(since), new Date(until)],
    );
    const { completed = 0, p50 = 0, p99 = 0 } = rows[0] ?? {};
    return { completed, ms: { p50: p50 ?? 0, p99: p99 ?? 0 } };
  }
}
