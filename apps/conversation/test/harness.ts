import {
  allRoutes,
  type AgentTurnEvent,
  type Conversation,
  type ConversationEvent,
  type ConversationState,
  type Draft,
  type Problem,
  type Question,
  type RouteId,
  type Turn,
} from '@parley/contracts';
import { type AnyContext, createService, type RunningService } from '@parley/nest-kit';
import { contextHeaders, testConfig, type TestKeys, testKeys } from '@parley/nest-kit/testing';
import { createPool, type Pool } from '@parley/postgres';
import { testDatabase, type TestDatabase } from '@parley/testing';
import type { ConversationConfig } from '../src/config.js';
import { conversationService } from '../src/service.js';
import { FakeServices } from './fake-services.js';

export interface CallOptions {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly key?: string;
  readonly ifMatch?: string;
  readonly context?: Partial<AnyContext>;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly json: T & Partial<Omit<Problem, 'status'>>;
}

const patienceMs = 45_000;

/** The conversation service on a database of its own, among services that a test scripts. */
export class Harness {
  readonly fakes = new FakeServices();
  service!: RunningService;
  /** Sees everything. */
  admin!: Pool;
  private database!: TestDatabase;
  private keys!: TestKeys;
  private config!: ConversationConfig;

  static async start(): Promise<Harness> {
    const harness = new Harness();
    const [database, keys, url] = await Promise.all([
      testDatabase(['conversation']),
      testKeys(),
      harness.fakes.start(),
    ]);
    const urls = database.urls('conversation');
    Object.assign(harness, {
      database,
      keys,
      admin: createPool(database.adminUrl, { applicationName: 'test', max: 3 }),
      config: {
        ...testConfig('conversation', keys),
        agentUrl: url,
        workflowUrl: url,
        dslCompilerUrl: url,
        dbOwnerUrl: urls.owner,
        dbAppUrl: urls.app,
        dbSystemUrl: urls.system,
      },
    });
    harness.service = await harness.another();
    return harness;
  }

  /** One more process of the service on the same data. */
  another(): Promise<RunningService> {
    return createService(conversationService(this.config));
  }

  async restart(): Promise<void> {
    await this.service.close();
    this.service = await this.another();
  }

  async stop(): Promise<void> {
    await this.service.close();
    await this.fakes.stop();
    await this.admin.end();
    await this.database.stop();
  }

  async call<T = unknown>(id: RouteId, options: CallOptions = {}): Promise<Answer<T>> {
    const { path, method } = routeOf(id);
    const response = await fetch(this.urlOf(path, options), {
      method,
      headers: {
        ...(await contextHeaders(this.keys, 'conversation', options.context)),
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...(options.key !== undefined && { 'idempotency-key': options.key }),
        ...(options.ifMatch !== undefined && { 'if-match': `"${options.ifMatch}"` }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    });
    const json = (await response.json()) as Answer<T>['json'];
    return { status: response.status, headers: response.headers, json };
  }

  async conversation(): Promise<string> {
    return (await this.call<Conversation>('createConversation', { body: {} })).json.id;
  }

  async state(conversation: string): Promise<ConversationState> {
    return (await this.call<ConversationState>('getConversation', { params: { conversation } }))
      .json;
  }

  async say(conversation: string, text: string, options: CallOptions = {}): Promise<Answer<Turn>> {
    const params = { conversation };
    return this.call<Turn>('startTurn', { params, body: { text }, ...options });
  }

  /** The turn when it is no longer running. */
  async ended(turn: Pick<Turn, 'id' | 'conversationId'>): Promise<Turn> {
    const params = { conversation: turn.conversationId, turn: turn.id };
    return eventually(async () => {
      const { status, json } = await this.call<Turn>('getTurn', { params });
      return status !== 200 || json.status === 'running' ? undefined : json;
    });
  }

  /** A conversation with a draft that the agent made. */
  async drafted(source = 'first', questions: readonly Question[] = []) {
    this.fakes.agent = () => [done('Here it is.', draftOf(source, questions))];
    const conversation = await this.conversation();
    await this.ended((await this.say(conversation, 'Make one')).json);
    const { draft } = await this.state(conversation);
    if (draft?.latest === undefined) throw new Error('there is no draft');
    return { conversation, draft, latest: draft.latest };
  }

  async draft(id: string): Promise<Draft> {
    return (await this.call<Draft>('getDraft', { params: { draft: id } })).json;
  }

  /** Facts that wait in the outbox or are on the bus, of one type. */
  async facts(type: string): Promise<Record<string, unknown>[]> {
    const { rows } = await this.admin.query<{ data: Record<string, unknown> }>(
      `SELECT event::jsonb -> 'data' AS data FROM (
         SELECT event FROM conversation.outbox
         UNION ALL SELECT unnest(envelopes) FROM bus.event) AS told (event)
       WHERE event::jsonb ->> 'type' = $1`,
      [type],
    );
    return rows.map(({ data }) => data);
  }

  /** An open page of the conversation. */
  async page(conversation: string, context?: Partial<AnyContext>): Promise<LivePage> {
    const { path } = routeOf('conversationEvents');
    const leave = new AbortController();
    const response = await fetch(this.urlOf(path, { params: { conversation } }), {
      headers: await contextHeaders(this.keys, 'conversation', context),
      signal: leave.signal,
    });
    return new LivePage(response, leave);
  }

  private urlOf(path: string, { params = {}, query }: CallOptions): string {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params[name]));
    return `${this.service.url}${filled}${query ? `?${String(new URLSearchParams(query))}` : ''}`;
  }
}

/** What a page has been told since it was opened. */
export class LivePage {
  readonly events: ConversationEvent[] = [];
  readonly ended: Promise<void>;
  private readonly leaving: AbortController;

  constructor(response: Response, leaving: AbortController) {
    this.leaving = leaving;
    this.ended = this.read(response).catch(() => undefined); // The end of a page is no failure.
  }

  get names(): string[] {
    return this.events.map(({ event }) => event);
  }

  /** The reply as far as this page knows it; a gap is an error. */
  get text(): string {
    const first = this.events[0];
    let text = first?.event === 'state' ? (first.data.turn?.textSoFar ?? '') : '';
    for (const event of this.events) {
      if (event.event !== 'delta') continue;
      if (event.data.offset > text.length) throw new Error('a piece is missing');
      text += event.data.text.slice(text.length - event.data.offset);
    }
    return text;
  }

  async until(seen: (page: this) => boolean): Promise<void> {
    await eventually(() => Promise.resolve(seen(this) || undefined));
  }

  close(): void {
    this.leaving.abort();
  }

  private async read({ body }: Response): Promise<void> {
    let rest = '';
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      const blocks = (rest + Buffer.from(chunk).toString('utf8')).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (event === undefined || data === undefined) continue;
        this.events.push({ event, data: JSON.parse(data) as unknown } as ConversationEvent);
      }
    }
  }
}

/** The value of `look` as soon as there is one. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Something to wait for until a test lets it go. */
export function gate(): { readonly opened: Promise<unknown>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { opened: promise, open: () => resolve(undefined) };
}

type Done = Extract<AgentTurnEvent, { event: 'done' }>;

export function done(text: string, draft?: Done['draft']): Done {
  const agent = { kind: 'agent' as const, id: 'planner', name: 'Planner' };
  return { event: 'done', text, agent, suggestions: [], ...(draft && { draft }) };
}

export function draftOf(source: string, questions: readonly Question[] = []): Done['draft'] {
  return { source, timezone: 'UTC', questions: [...questions] };
}

export function question(number: number, rest: Partial<Question> = {}): Question {
  return { number, text: `Question ${String(number)}?`, blocking: true, options: [], ...rest };
}

function routeOf(id: RouteId) {
  const route = allRoutes().find((one) => one.id === id);
  if (route === undefined) throw new Error(`there is no route ${id}`);
  return route;
}
