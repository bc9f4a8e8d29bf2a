import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { contextHeader } from '../context-tokens.js';
import {
  type AnswerHead,
  FrameReader,
  framesText,
  type GatheredHead,
  gatheredMediaType,
  gatheredPath,
} from './frames.js';

/*
 * Requests of one caller that come while others are on their way are sent together.
 *
 * H1  A request that nothing is in the way of goes at once and alone; there is no timer but the one
 *     that ends the wait behind requests that are slow to be answered.
 * H2  Each request is answered by itself, as soon as its answer is ready: none waits for another one.
 * H3  A service that refuses requests because they came together gets them one by one.
 * H4  What becomes of a request whose answer is lost is not known, and its caller is told so, as if
 *     it had gone alone.
 */

/** Requests on their way of which none has been answered, above which the next ones gather. */
const unansweredMax = 2;
const gatheredMsMaxDefault = 200;
/** As many as the engine begins in one breath. */
const itemsMax = 50;
const bytesMax = 1_048_576;
/** Larger ones go alone. */
const itemBytesMax = 65_536;

export interface GatheredRequest extends GatheredHead {
  /** On whose behalf: only requests under the same token go together. */
  readonly token: string;
  readonly body: Buffer;
  /** Whether nobody waits for the answer any more. */
  readonly isLeft: () => boolean;
}

export interface GatheredAnswer {
  readonly statusCode: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Readable | Buffer;
}

/** What is sent for all of them; the answer is a stream of frames. */
export interface GatheredCall {
  readonly path: string;
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface GatheringOptions<R extends GatheredRequest> {
  /** Sends one request by itself. */
  readonly alone: (request: R) => Promise<GatheredAnswer>;
  /** Sends many together to a process of the service. */
  readonly together: (call: GatheredCall) => Promise<Dispatcher.ResponseData>;
  /** What a caller hears whose answer has not come. */
  readonly failureOf: (cause: unknown) => Error;
  /** Gathered for longer, requests go all the same. @default 200 ms */
  readonly gatheredMsMax?: number;
}

interface Waiting<R extends GatheredRequest> {
  readonly request: R;
  readonly resolve: (answer: GatheredAnswer | Promise<GatheredAnswer>) => void;
  readonly reject: (error: unknown) => void;
}

/** The requests of one caller. */
interface Lane<R extends GatheredRequest> {
  unanswered: number;
  waiting: Waiting<R>[];
  waitingBytes: number;
  timer?: NodeJS.Timeout | undefined;
}

/** Sends requests to one service. */
export class Gathering<R extends GatheredRequest = GatheredRequest> {
  private readonly options: GatheringOptions<R>;
  private readonly gatheredMsMax: number;
  private readonly lanes = new Map<string, Lane<R>>();

  constructor(options: GatheringOptions<R>) {
    this.options = options;
    this.gatheredMsMax = options.gatheredMsMax ?? gatheredMsMaxDefault;
  }

  send(request: R): Promise<GatheredAnswer> {
    const { length } = request.body;
    if (length === 0 || length > itemBytesMax) return this.options.alone(request);
    const { token } = request;
    const lane = this.lanes.get(token) ?? { unanswered: 0, waiting: [], waitingBytes: 0 };
    this.lanes.set(token, lane);
    return new Promise((resolve, reject) => {
      lane.waiting.push({ request, resolve, reject });
      lane.waitingBytes += length;
      const isFull = lane.waiting.length >= itemsMax || lane.waitingBytes > bytesMax - itemBytesMax;
      if (lane.unanswered < unansweredMax || isFull) this.go(token, lane);
      else lane.timer ??= setTimeout(() => this.go(token, lane), this.gatheredMsMax);
    });
  }

  private go(token: string, lane: Lane<R>): void {
    clearTimeout(lane.timer);
    lane.timer = undefined;
    const items = lane.waiting;
    lane.waiting = [];
    lane.waitingBytes = 0;
    lane.unanswered += 1;
    let isAnswered = false;
    const answered = () => {
      if (isAnswered) return;
      isAnswered = true;
      lane.unanswered -= 1;
      if (lane.waiting.length > 0) this.go(token, lane);
      else if (lane.unanswered === 0) this.lanes.delete(token);
    };
    void this.deliver(items, answered).finally(answered);
  }

  private async deliver(items: readonly Waiting<R>[], answered: () => void): Promise<void> {
    const wanted = items.filter(({ request, reject }) => {
      if (!request.isLeft()) return true;
      reject(this.options.failureOf(new Error('nobody waits for the answer')));
      return false;
    });
    const [first] = wanted;
    if (first === undefined) return;
    if (wanted.length === 1) await this.alone(first);
    else await this.together(wanted, first.request.token, answered);
  }

  /** H1 */
  private async alone({ request, resolve, reject }: Waiting<R>): Promise<void> {
    await this.options.alone(request).then(resolve, reject);
  }

  private async together(
    items: readonly Waiting<R>[],
    token: string,
    answered: () => void,
  ): Promise<void> {
    const open = new Map(items.entries());
    try {
      const answer = await this.options.together(callOf(items, token));
      if (answer.statusCode !== 200) {
        await answer.body.dump();
        await Promise.all(items.map((item) => this.alone(item))); // H3
        return;
      }
      const frames = new FrameReader<AnswerHead>();
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        for (const { head, body } of frames.push(chunk)) {
          const headers = head.headers as GatheredAnswer['headers'];
          open.get(head.at)?.resolve({ statusCode: head.status, headers, body }); // H2
          open.delete(head.at);
        }
        answered();
      }
      if (open.size > 0) throw new Error('the answers ended too early');
    } catch (cause) {
      for (const { reject } of open.values()) reject(this.options.failureOf(cause)); // H4
    }
  }
}

function callOf(items: readonly Waiting<GatheredRequest>[], token: string): GatheredCall {
  const frames = items.map(({ request: { method, url, headers, body } }) => ({
    head: { method, url, headers } satisfies GatheredHead,
    body,
  }));
  return {
    path: gatheredPath,
    method: 'POST',
    headers: { 'content-type': gatheredMediaType, [contextHeader]: token },
    body: framesText(frames),
  };
}
