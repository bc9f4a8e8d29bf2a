import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  attemptsMax,
  deadLetterTopic,
  type Bus,
  type BusEvent,
  type BusSubscription,
  type Delivery,
  type SubscribeOptions,
} from '../bus.js';
import { eventually, versionOf, workflowEvent, workflowEvents } from './fixtures.js';

/** A consumer in a process of its own. */
export interface ForeignConsumer {
  /** Ids of events in the order in which the process got them. */
  readonly received: readonly string[];
  /** Ends the process without a chance to say goodbye. */
  kill(): Promise<void>;
}

/** What an adapter brings to the contract. Services: `workflow`, `agent`, `platform`. */
export interface BusHarness {
  /** The bus as a service sees it; each call is another process's worth. */
  bus(service: string): Bus;
  /** Publishes within a transaction that stays open until `commit`. */
  openPublisher(service: string): Promise<{
    publish(topic: string, events: readonly BusEvent[]): Promise<void>;
    commit(): Promise<void>;
    rollback(): Promise<void>;
  }>;
  /** Publishes past the checks of the client library. */
  publishUnchecked(
    service: string,
    event: { topic: string; key: string; text: string },
  ): Promise<void>;
  /** Reads topic `workflow` in another process, slowly: `pauseMs` per event. */
  spawnConsumer(options: { group: string; pauseMs: number }): Promise<ForeignConsumer>;
  /** Ends the buses and consumers of one test. */
  endTest(): Promise<void>;
  stop(): Promise<void>;
}

/** The promises of the `Bus` port; every adapter keeps them. */
export function busContract(name: string, makeHarness: () => Promise<BusHarness>): void {
  describe(`${name} as a bus`, () => {
    let harness: BusHarness;
    let groups = 0;
    const open: BusSubscription[] = [];

    beforeAll(async () => {
      harness = await makeHarness();
    }, 60_000);
    afterAll(() => harness.stop());
    afterEach(async () => {
      await Promise.all(open.splice(0).map((subscription) => subscription.stop()));
      await harness.endTest();
    });

    const newGroup = () => `platform.contract${++groups}`;

    async function consume(
      options: Partial<SubscribeOptions> & { on?: Bus } = {},
    ): Promise<Delivery[]> {
      const { on = harness.bus('platform'), handler, ...rest } = options;
      const received: Delivery[] = [];
      const subscription = on.subscribe({
        topics: ['workflow'],
        group: newGroup(),
        from: 'now',
        ...rest,
        handler: async (delivery) => {
          await handler?.(delivery);
          received.push(delivery);
        },
      });
      open.push(subscription);
      await subscription.ready;
      return received;
    }

    const versions = (received: readonly Delivery[], key: string) =>
      received.filter((each) => each.key === key).map((each) => versionOf(each.envelope));
    const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

    it('delivers in order per key, to a group of several members', async () => {
      const group = newGroup();
      const received: Delivery[] = [];
      const handler = async (delivery: Delivery) => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
        received.push(delivery);
      };
      await consume({ group, handler });
      await consume({ group, handler });
      const keys = ['ord1', 'ord2', 'ord3', 'ord4', 'ord5', 'ord6'];
      const publisher = harness.bus('workflow');
      await Promise.all(
        keys.map(async (key) => {
          for (let first = 1; first <= 41; first += 10) {
            await publisher.publish('workflow', workflowEvents(key, first, first + 9));
          }
        }),
      );
      await eventually('300 events', () => new Set(received.map(idOf)).size === 300);
      for (const key of keys) expect(firstSeen(versions(received, key))).toEqual(upTo(50));
    });

    it('shares with a member that joins later, and hands over without repeating anything', async () => {
      const group = newGroup();
      const keys = Array.from({ length: 8 }, (_, index) => `join${index}`);
      const order: string[] = [];
      const handler = async ({ key, envelope }: Delivery) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(`${key}:${versionOf(envelope)}`);
      };
      const first = await consume({ group, handler });
      await harness.bus('workflow').publish(
        'workflow',
        upTo(40).flatMap((version) => keys.map((key) => workflowEvent(key, version))),
      );
      await eventually('a start', () => first.length >= 40);
      const second = await consume({ group, handler });
      await eventually('all events', () => new Set(order).size === 320);
      expect(second.length).toBeGreaterThan(0);
      expect(order).toHaveLength(320);
      for (const key of keys) {
        const own = order.filter((each) => each.startsWith(`${key}:`));
        expect(own).toEqual(upTo(40).map((version) => `${key}:${version}`));
      }
    });

    it('delivers to every group, and keeps the text of an event', async () => {
      const event = workflowEvent('groups', 1);
      const text = JSON.stringify(event.envelope).replace('"version":1', '"version":1.0');
      const one = await consume();
      const other = await consume({ topics: ['*'] });
      await harness.bus('workflow').publish('workflow', [{ ...event, text }]);
      await eventually('both groups', () => one.length === 1 && other.length === 1);
      expect(one[0]).toMatchObject({ key: 'groups', envelope: event.envelope, text });
    });

    it('goes on after a restart of the group where it was, and loses nothing in between', async () => {
      const group = newGroup();
      const publisher = harness.bus('workflow');
      const before = await consume({ group });
      await publisher.publish('workflow', workflowEvents('restart', 1, 5));
      await eventually('the first five', () => before.length === 5);
      await open.pop()?.stop();
      await publisher.publish('workflow', workflowEvents('restart', 6, 10));
      const after = await consume({ group });
      await eventually('the next five', () => after.length === 5);
      expect(versions(after, 'restart')).toEqual([6, 7, 8, 9, 10]);
    });

    it('redelivers what failed, and holds back what is behind it in its key', async () => {
      const tried: string[] = [];
      const received = await consume({
        handler: async ({ key, envelope }) => {
          tried.push(`${key}${versionOf(envelope)}`);
          if (tried.filter((each) => each === 'retry1').length < 3) throw new Error('not yet');
        },
      });
      await harness.bus('workflow').publish('workflow', workflowEvents('retry', 1, 2));
      await eventually('both', () => received.length === 2);
      expect(tried).toEqual(['retry1', 'retry1', 'retry1', 'retry2']);
    });

    it('puts an event that keeps failing into the dead-letter topic and goes on', async () => {
      const group = newGroup();
      let tries = 0;
      const received = await consume({
        group,
        handler: async ({ envelope }) => {
          if (versionOf(envelope) !== 1) return;
          tries++;
          throw new Error('cannot be handled');
        },
      });
      const dead = await consume({ topics: [deadLetterTopic(group)], from: 'beginning' });
      await harness.bus('workflow').publish('workflow', workflowEvents('dead', 1, 2));
      await eventually('the second event', () => received.length === 1, 20_000);
      const [letter] = await eventually('the dead letter', () => dead.length === 1 && dead);
      expect(tries).toBe(attemptsMax);
      expect(letter?.envelope.data).toMatchObject({ version: 1 });
      expect(letter?.failure).toMatchObject({
        topic: 'workflow',
        attempts: attemptsMax,
        error: 'cannot be handled',
      });
    }, 30_000);

    it('puts what is not a valid event into the dead-letter topic unseen', async () => {
      const group = newGroup();
      const received = await consume({ group });
      const dead = await consume({ topics: [deadLetterTopic(group)], from: 'beginning' });
      const { envelope } = workflowEvent('misfit', 1);
      const text = JSON.stringify({ ...envelope, data: { version: 'one' } });
      await harness.publishUnchecked('workflow', { topic: 'workflow', key: 'misfit', text });
      await harness.bus('workflow').publish('workflow', [workflowEvent('misfit', 2)]);
      await eventually('the valid event', () => received.length === 1);
      const [letter] = await eventually('the dead letter', () => dead.length === 1 && dead);
      expect(versions(received, 'misfit')).toEqual([2]);
      expect(letter?.text).toBe(text);
      expect(letter?.failure?.error).toContain('not a valid parley.workflow.run.started.v1');
    });

    it('replays from a position: a new group, and a running one that is moved', async () => {
      const publisher = harness.bus('workflow');
      const reader = harness.bus('platform');
      await publisher.publish('workflow', workflowEvents('replay', 1, 3));
      const all = await consume({ from: 'beginning' });
      await eventually('all three', () => versions(all, 'replay').length === 3);
      const middle = await reader.positions(['workflow']);
      await publisher.publish('workflow', workflowEvents('replay', 4, 6));

      const group = newGroup();
      const tail = await consume({ group, from: middle });
      await eventually('the tail', () => versions(tail, 'replay').length === 3);
      expect(versions(tail, 'replay')).toEqual([4, 5, 6]);

      await reader.seek(group, ['workflow'], middle);
      await eventually('the tail again', () => versions(tail, 'replay').length === 6);
      expect(versions(tail, 'replay')).toEqual([4, 5, 6, 4, 5, 6]);
    });

    it('skips nothing of a publisher that commits after others have begun', async () => {
      const received = await consume();
      const late = await harness.openPublisher('workflow');
      const keys = ['late1', 'late2', 'late3', 'late4'];
      await late.publish(
        'workflow',
        keys.flatMap((key) => workflowEvents(`${key}x`, 1, 5)),
      );
      const quick = harness.bus('workflow');
      const others = quick.publish(
        'workflow',
        keys.flatMap((key) => workflowEvents(key, 1, 5)),
      );
      await late.commit();
      await others;
      await quick.publish('workflow', [workflowEvent('late1', 6)]);
      await eventually('all', () => received.length === 41);
      for (const key of keys) expect(versions(received, `${key}x`)).toEqual(upTo(5));
      expect(versions(received, 'late1')).toEqual(upTo(6));
    });

    it('delivers nothing of a publisher that gives up, and goes on behind it', async () => {
      const received = await consume();
      const before = await harness.bus('platform').positions(['workflow']);
      const failing = await harness.openPublisher('workflow');
      await failing.publish('workflow', workflowEvents('gone', 1, 5));
      await failing.rollback();
      expect(await harness.bus('platform').positions(['workflow'])).toEqual(before);
      await harness.bus('workflow').publish('workflow', workflowEvents('gone', 6, 8));
      await eventually('those behind', () => received.length === 3);
      expect(versions(received, 'gone')).toEqual([6, 7, 8]);
    });

    it('takes many publishers of many keys at once, each key in its order', async () => {
      const received = await consume();
      const keys = Array.from({ length: 12 }, (_, index) => `crowd${index}`);
      await Promise.all(
        [0, 1, 2, 3].map(async (member) => {
          const publisher = harness.bus('workflow');
          const own = keys.slice(member * 3, member * 3 + 3);
          for (let first = 1; first <= 271; first += 30) {
            await publisher.publish(
              'workflow',
              own.flatMap((key) => workflowEvents(key, first, first + 29)),
            );
          }
        }),
      );
      await eventually('all', () => received.length === 12 * 300);
      for (const key of keys) expect(versions(received, key)).toEqual(upTo(300));
      await harness.bus('workflow').publish('workflow', workflowEvents('crowd0', 301, 550));
      await eventually('many at once', () => received.length === 12 * 300 + 250);
      expect(versions(received, 'crowd0')).toEqual(upTo(550));
      for (const [, own] of Map.groupBy(received, ({ partition }) => partition)) {
        const first = own[0]?.position ?? 0;
        expect(own.map(({ position }) => position - first)).toEqual(own.map((_, index) => index));
      }
    });

    it('takes over from a consumer that is killed in the middle', async () => {
      const group = newGroup();
      const publisher = harness.bus('workflow');
      const victim = await harness.spawnConsumer({ group, pauseMs: 20 });
      const sent = workflowEvents('kill', 1, 60);
      await publisher.publish('workflow', sent);
      await eventually('a few events there', () => victim.received.length >= 5);
      const heir = await consume({ group });
      await victim.kill();
      await eventually('the rest here', () => {
        const seen = new Set([...victim.received, ...heir.map(idOf)]);
        return sent.every((event) => seen.has(event.envelope.id));
      });
      const here = versions(heir, 'kill');
      expect(here).toEqual(upTo(60).slice(60 - here.length));
      expect(here.length).toBeGreaterThan(0);
      const twice = heir.filter((each) => victim.received.includes(each.envelope.id));
      expect(twice.length).toBeLessThanOrEqual(5);
    }, 30_000);

    it('refuses events of another service, whatever the client library thinks', async () => {
      const { key, envelope } = workflowEvent('forged', 1);
      const forbidden = { code: 'forbidden' };
      const agent = harness.bus('agent');
      await expect(agent.publish('workflow', [{ key, envelope }])).rejects.toMatchObject(forbidden);
      await expect(agent.publish('agent', [{ key, envelope }])).rejects.toMatchObject(forbidden);
      const text = JSON.stringify(envelope);
      for (const topic of ['workflow', deadLetterTopic('platform')]) {
        await expect(harness.publishUnchecked('agent', { topic, key, text })).rejects.toMatchObject(
          forbidden,
        );
      }
    });

    it('hands to nobody what a service forges in a topic of its own', async () => {
      const group = newGroup();
      const received = await consume({ topics: ['*'], group });
      const dead = await consume({ topics: [deadLetterTopic(group)], from: 'beginning' });
      const { key, envelope } = workflowEvent('forged', 2);
      const honest = workflowEvents('forged', 3, 4);
      const forged = { ...envelope, source: '/services/agent' };
      const unchecked = (topic: string, text: string) =>
        harness.publishUnchecked(topic, { topic, key, text });
      await unchecked('agent', JSON.stringify(envelope));
      await unchecked(
        'agent',
        JSON.stringify(forged).replace('{', '{"type":"parley.agent.x.y.v1",'),
      );
      await unchecked('workflow', JSON.stringify({ ...envelope, partitionkey: 'another' }));
      await unchecked('workflow', `${JSON.stringify(envelope)}\u001e{}`);
      await harness.bus('workflow').publish('workflow', honest);
      await eventually('the honest events', () => received.length >= 3);
      const refused = await eventually('the dead letters', () => dead.length === 3 && dead);
      // The text that is two pieces is taken as its first one, which is as the service might have said it.
      expect(versions(received, 'forged')).toEqual([2, 3, 4]);
      expect(new Set(received.map(({ topic }) => topic))).toEqual(new Set(['workflow']));
      for (const { failure } of refused)
        expect(failure?.error).toContain('does not belong to topic');
    });

    it("refuses another service's group and its dead letters", async () => {
      const refused = (topics: string[], group: string) => {
        const subscription = harness.bus('agent').subscribe({
          topics,
          group,
          handler: () => Promise.resolve(),
        });
        open.push(subscription);
        return expect(subscription.ready).rejects.toMatchObject({ code: 'forbidden' });
      };
      await refused(['workflow'], 'platform.audit');
      await refused([deadLetterTopic('platform')], 'agent');
    });
  });
}

function idOf(delivery: Delivery): string {
  return delivery.envelope.id;
}

/** A redelivered event counts where it came first. */
function firstSeen(versions: readonly number[]): number[] {
  return [...new Set(versions)];
}
