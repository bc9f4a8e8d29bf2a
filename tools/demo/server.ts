import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { DEFAULT_SCALE, DEFAULT_SEED, serveControl } from './control.ts';
import { DEMO_API_KEY, loadSystems, publish } from './documents.ts';
import type { System } from './documents.ts';
import { originOf, send, sendReply } from './http.ts';
import { Knobs } from './knobs.ts';
import { LedgerFile } from './ledger.ts';
import type { Call } from './ledger.ts';
import { serveOperation } from './operation-call.ts';
import type { Counter } from './operation-call.ts';
import { problem } from './reply.ts';
import { Restaurant } from './restaurant.ts';

/** Longer than clients pool connections: they, not we, end an idle one. */
const KEEP_ALIVE_MS = 65_000;
const REQUEST_MS_MAX = 30_000;

export interface DemoOptions {
  host: string;
  /** 0 picks a free port. */
  port: number;
  /** @default 1 */
  seed?: number;
  /** Multiplies stock and kitchen capacity. @default 1 */
  scale?: number;
  /** Keeps business and ledger over a restart. Without it both live in memory. */
  stateFile?: string;
  /** Milliseconds since the epoch. @default Date.now */
  clock?: () => number;
}

export interface Demo {
  url: string;
  stop(): Promise<void>;
  calls(): Call[];
}

interface House extends Counter {
  systems: System[];
  bound: string;
  opening: { seed: number; scale: number };
}

/** Resolves when the restaurant answers; rejects when the port is taken or the file is damaged. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { seed = DEFAULT_SEED, scale = DEFAULT_SCALE, clock = Date.now } = options;
  const systems = loadSystems();
  const server = createServer({ requestTimeout: REQUEST_MS_MAX, keepAliveTimeout: KEEP_ALIVE_MS });
  const bound = await listen(server, options);
  const file = new LedgerFile(options.stateFile);
  try {
    // After listening: of two processes with one file, only the one with the port touches it.
    const at = new Date(clock()).toISOString();
    const restaurant = new Restaurant({ seed, scale, at }, file);
    const knobs = new Knobs(systems);
    const counter = { restaurant, knobs, clock, withheld: new Set<Socket>() };
    const house: House = { ...counter, systems, bound, opening: { seed, scale } };
    server.on('request', (request, response) => void serve({ request, response }, house));
    return {
      url: bound,
      stop: () => stop(server, restaurant),
      calls: () => restaurant.callsSince(),
    };
  } catch (error) {
    server.close();
    throw error;
  }
}

function listen(server: Server, { host, port }: DemoOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { address, family, port: actual } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`);
    });
  });
}

async function stop(server: Server, restaurant: Restaurant): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
  restaurant.close();
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

async function serve(exchange: Exchange, house: House): Promise<void> {
  try {
    await route(exchange, house);
  } catch (error) {
    console.error(error);
    const detail = 'The demo has a bug; its log says more.';
    sendReply(exchange.response, problem(500, 'bug', { detail }));
  }
}

async function route(exchange: Exchange, house: House): Promise<void> {
  const { request, response } = exchange;
  const target = targetOf(request, house.bound);
  if (!target) {
    const detail = 'The address cannot be read.';
    return sendReply(response, problem(400, 'malformed-url', { detail }));
  }
  const { url, segments } = target;
  const [first = '', ...rest] = segments;
  if (first === '_demo') return serveControl(exchange, url, house);
  const system = house.systems.find(({ name }) => name === first);
  if (!system) return serveIndex(exchange, url, house);
  if (request.method === 'GET' && rest.length === 1 && rest[0] === system.fileName) {
    const text = publish(system, originOf(request, house.bound));
    return send(response, { status: 200, type: system.mediaType, text });
  }
  return serveOperation(exchange, { system, segments: rest, url }, house);
}

function targetOf(request: IncomingMessage, bound: string) {
  try {
    const url = new URL(request.url ?? '/', bound);
    return { url, segments: url.pathname.split('/').slice(1).map(decodeURIComponent) };
  } catch (error) {
    if (error instanceof URIError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function serveIndex({ request, response }: Exchange, url: URL, house: House): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && url.pathname === '/') {
    const origin = originOf(request, house.bound);
    return sendReply(response, { status: 200, body: index(house.systems, origin) });
  }
  if (isRead && (url.pathname === '/healthz' || url.pathname === '/readyz')) {
    return sendReply(response, { status: 200, body: { status: 'ok' } });
  }
  const detail = `There is nothing at ${url.pathname}.`;
  sendReply(response, problem(404, 'not-found', { detail }));
}

/** What an importer needs to load every document without asking anybody. */
function index(systems: System[], origin: string) {
  return {
    name: 'Demo restaurant',
    description: 'Five systems of a restaurant to try things on. All of it is made up.',
    documents: systems.map(({ name, title, description, fileName, mediaType, apiKey }) => ({
      ...{ name, title, description, mediaType },
      url: `${origin}/${name}/${fileName}`,
      baseUrl: `${origin}/${name}`,
      ...(apiKey ? { credential: { ...apiKey, type: 'apiKey', value: DEMO_API_KEY } } : {}),
    })),
  };
}
