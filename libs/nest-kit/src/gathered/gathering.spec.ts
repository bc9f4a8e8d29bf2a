import { Readable } from 'node:stream';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Dispatcher } from 'undici';
import { FrameReader, framesText, type GatheredHead } from './frames.js';
import {
  type GatheredAnswer,
  type GatheredCall,
  Gathering,
  type GatheredRequest,
} from './gathering.js';

afterEach(() => {
  jest.useRealTimers();
});

/** A service whose answers the test gives. */
class World {
  readonly log: string[] = [];
  readonly alone: { readonly name: string; readonly answer: (answer: GatheredAnswer) => void }[] =
    [];
  readonly calls: { readonly names: string[]; readonly body: Readable }[] = [];
  refuses: number | undefined;
  breaks: Error | undefined;
  readonly left = new Set<string>();
  readonly gathering = new Gathering({
    alone: ({ url }) =>
      new Promise((answer) => {
        this.log.push(`alone ${url}`);
        this.alone.push({ name: url, answer });
      }),
    together: (call) => this.together(call),
    failureOf: (cause) => new Error(`lost: ${String(cause)}`),
  });

  send(name: string, { token = 't', body = 'x' } = {}): Promise<string> {
    const request: GatheredRequest = {
      ...{ method: 'POST', url: name, headers: { name }, token },
      body: Buffer.from(body),
      isLeft: () => this.left.has(name),
    };
    return this.gathering.send(request).then(
      (answer) => `${name}: ${answer.statusCode} ${(answer.body as Buffer).toString()}`,
      (error: unknown) => `${name}: ${String(error)}`,
    );
  }

  /** Fills the way, so that what comes next gathers. */
  busy(token = 't'): Promise<string>[] {
    return [this.send('first', { token }), this.send('second', { token })];
  }

  answerAlone(name: string): void {
    this.alone
      .find((each) => each.name === name)
      ?.answer({ statusCode: 202, headers: {}, body: Buffer.from('done') });
  }

  answer(call: number, ats: readonly number[]): void {
    const frames = ats.map((at) => ({
      head: { at, status: 202, headers: {} },
      body: Buffer.from(`to ${this.calls[call]?.names[at] ?? ''}`),
    }));
    this.calls[call]?.body.push(framesText(frames));
  }

  private together(call: GatheredCall): Promise<Dispatcher.ResponseData> {
    const items = new FrameReader<GatheredHead>().push(call.body);
    const names = items.map(({ head }) => head.url);
    this.log.push(`together ${names.join(' ')}`);
    if (this.breaks) return Promise.reject(this.breaks);
    const body = new Readable({ read: () => undefined });
    this.calls.push({ names, body });
    const dump = () => Promise.resolve();
    const statusCode = this.refuses ?? 200;
    return Promise.resolve({
      statusCode,
      headers: {},
      body: Object.assign(body, { dump }),
    } as never);
  }
}

const turn = () => new Promise(setImmediate);

describe('requests', () => {
  it('go alone and at once while nothing is in the way', async () => {
    const world = new World();
    const sent = world.busy();
    expect(world.log).toEqual(['alone first', 'alone second']);
    world.answerAlone('first');
    world.answerAlone('second');
    expect(await Promise.all(sent)).toEqual(['first: 202 done', 'second: 202 done']);
    void world.send('third');
    expect(world.log.at(-1)).toBe('alone third');
  });

  it('gather while others have no answer, and are answered one by one', async () => {
    const world = new World();
    void world.busy();
    const sent = ['a', 'b', 'c'].map((name) => world.send(name));
    expect(world.log).toHaveLength(2);
    world.answerAlone('second');
    await turn();
    expect(world.log.at(-1)).toBe('together a b c');
    world.answer(0, [2]);
    expect(await sent[2]).toBe('c: 202 to c');
    world.answer(0, [1, 0]);
    expect(await sent[0]).toBe('a: 202 to a');
    expect(await sent[1]).toBe('b: 202 to b');
  });

  it('of another caller have a way of their own', () => {
    const world = new World();
    void world.busy();
    void world.send('mine');
    void world.busy('other');
    expect(world.log).toEqual(['alone first', 'alone second', 'alone first', 'alone second']);
  });

  it('do not wait until slow ones are all answered', async () => {
    const world = new World();
    void world.busy();
    void world.send('a');
    void world.send('slow');
    world.answerAlone('first');
    await turn();
    void world.send('c');
    void world.send('d');
    world.answer(0, [0]);
    await turn();
    expect(world.log.slice(2)).toEqual(['together a slow', 'together c d']);
  });

  it('do not wait for ever behind ones that are not answered at all', () => {
    jest.useFakeTimers();
    const world = new World();
    void world.busy();
    void world.send('a');
    void world.send('b');
    jest.runAllTimers();
    expect(world.log.at(-1)).toBe('together a b');
  });

  it('go when they are many, and alone when they are large or empty', () => {
    const world = new World();
    void world.busy();
    for (let n = 0; n < 50; n++) void world.send(`n${n}`);
    expect(world.calls[0]?.names).toHaveLength(50);
    void world.send('large', { body: 'x'.repeat(65_537) });
    void world.send('empty', { body: '' });
    expect(world.log.slice(-2)).toEqual(['alone large', 'alone empty']);
    for (let n = 0; n < 16; n++) void world.send(`k${n}`, { body: 'x'.repeat(65_536) });
    expect(world.calls[1]?.names.length).toBeGreaterThan(10);
  });

  it('are not sent when nobody waits any more', async () => {
    const world = new World();
    void world.busy();
    const sent = ['a', 'b', 'c'].map((name) => world.send(name));
    world.left.add('b');
    world.answerAlone('first');
    expect(await sent[1]).toMatch(/^b: Error: lost/);
    expect(world.log.at(-1)).toBe('together a c');
  });
});

describe('requests that went together', () => {
  const gathered = async (world: World) => {
    void world.busy();
    const sent = ['a', 'b'].map((name) => world.send(name));
    world.answerAlone('first');
    await turn();
    return sent;
  };

  it('go one by one when they are refused because of that', async () => {
    const world = new World();
    world.refuses = 404;
    const sent = await gathered(world);
    expect(world.log.slice(2)).toEqual(['together a b', 'alone a', 'alone b']);
    world.answerAlone('b');
    expect(await sent[1]).toBe('b: 202 done');
    world.answerAlone('a');
    expect(await sent[0]).toBe('a: 202 done');
  });

  it('are told when the service cannot be reached', async () => {
    const world = new World();
    world.breaks = new Error('nobody listens');
    const sent = await gathered(world);
    expect(await Promise.all(sent)).toEqual([
      'a: Error: lost: Error: nobody listens',
      'b: Error: lost: Error: nobody listens',
    ]);
  });

  it.each([
    ['breaks', (body: Readable) => void body.destroy(new Error('cut off'))],
    ['ends', (body: Readable) => void body.push(null)],
    ['is nonsense', (body: Readable) => void body.push(Buffer.from('\0\0\0\x02\0\0\0\0{x'))],
  ])('are told when the answer %s, but for those that have theirs', async (_how, end) => {
    const world = new World();
    const sent = await gathered(world);
    world.answer(0, [1]);
    expect(await sent[1]).toBe('b: 202 to b');
    const { body } = world.calls[0] ?? {};
    if (body) end(body);
    expect(await sent[0]).toMatch(/^a: Error: lost: /);
  });
});

describe('frames', () => {
  it('are read however they are cut', () => {
    const frames = [
      { head: { at: 0, name: 'ü' }, body: Buffer.from('{"a":') },
      { head: { at: 1, name: '' }, body: Buffer.alloc(0) },
      { head: { at: 2, name: '\0' }, body: Buffer.from([0, 0, 0, 1, 0xff]) },
    ];
    const text = framesText(frames);
    for (let step = 1; step <= text.length; step++) {
      const reader = new FrameReader<(typeof frames)[0]['head']>();
      const read = [];
      for (let from = 0; from < text.length; from += step) {
        read.push(...reader.push(text.subarray(from, from + step)));
      }
      expect(read.map(({ head, body }) => ({ head, body: Buffer.from(body) }))).toEqual(frames);
      expect(reader.isWhole).toBe(true);
    }
  });
});
