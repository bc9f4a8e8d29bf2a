import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { DEMO_API_KEY, findOperation } from './documents.ts';
import type { Operation, System } from './documents.ts';
import { headerOf, readJson, send, typeOf } from './http.ts';
import type { Disturbance, Knobs } from './knobs.ts';
import type { Call, Performed } from './ledger.ts';
import { problem } from './reply.ts';
import type { Input, Reply, Violation } from './reply.ts';
import type { Restaurant } from './restaurant.ts';
import { resolve, violationsOf } from './schema.ts';
import type { Schema } from './schema.ts';

/** An answer that never comes is given up after this, so that no connection stays for ever. */
const WITHHELD_MS_MAX = 10 * 60_000;
/** Connections without an answer at one time; the oldest is cut for a new one. */
const WITHHELD_MAX = 1000;

export interface Counter {
  restaurant: Restaurant;
  knobs: Knobs;
  clock: () => number;
  /** Connections that wait for an answer that will not come. */
  withheld: Set<Socket>;
}

interface Served {
  system: System;
  segments: string[];
  url: URL;
}

interface Decision {
  status: number;
  text: string;
  headers: Record<string, string>;
  effect: boolean;
  replayed: boolean;
  performed?: Performed;
}

/** One call of a business operation: decided and recorded at once, answered as the knobs say. */
export async function serveOperation(
  exchange: { request: IncomingMessage; response: ServerResponse },
  served: Served,
  counter: Counter,
): Promise<void> {
  const { request, response } = exchange;
  const { system, segments, url } = served;
  const method = request.method ?? 'GET';
  const { operation, allowed } = findOperation(system, method, segments);
  const body = await readJson(request);
  if (body === null) return;

  const now = counter.clock();
  const disturbance: Disturbance = operation
    ? counter.knobs.take(system.name, operation.id)
    : { latencyMs: 0, answer: 'sent' };
  const decision = operation
    ? decide(operation, { request, body, disturbance, served, counter, now })
    : refuse(unmatched(url, allowed), allowed.length > 0 ? { allow: allowed.join(', ') } : {});
  const requestId = headerOf(request, 'x-request-id');
  const traceId = headerOf(request, 'traceparent')?.split('-')[1];
  const call: Omit<Call, 'seq'> = {
    ...{ at: new Date(now).toISOString(), system: system.name, operation: operation?.id ?? null },
    ...{ method, path: url.pathname, idempotencyKey: headerOf(request, 'idempotency-key') },
    ...(requestId === null ? {} : { requestId }),
    ...(traceId === undefined ? {} : { traceId }),
    ...{ status: decision.status, effect: decision.effect, answer: disturbance.answer },
    replayed: decision.replayed,
  };
  counter.restaurant.record(call, decision.performed);
  if (requestId !== null) decision.headers['x-request-id'] = requestId;
  answer(response, decision, { ...disturbance, withheld: counter.withheld });
}

interface Attempt {
  request: IncomingMessage;
  body: NonNullable<Awaited<ReturnType<typeof readJson>>>;
  disturbance: Disturbance;
  served: Served;
  counter: Counter;
  now: number;
}

function decide(operation: Operation, attempt: Attempt): Decision {
  const { request, body, disturbance, served, counter, now } = attempt;
  if (disturbance.fail) return failure(disturbance.fail);
  if (operation.keyHeader && headerOf(request, operation.keyHeader) !== DEMO_API_KEY) {
    const detail = `Send the key of the till in the header ${operation.keyHeader}.`;
    const reply = problem(401, 'key-required', { detail });
    return refuse(reply, { 'www-authenticate': `ApiKey header="${operation.keyHeader}"` });
  }
  if (!body.ok && operation.body) return refuse(body.reply);
  const sent = operation.body && body.ok ? body.value : undefined;
  const input: Input = { ...parametersOf(operation, served), body: sent, now };
  const key = headerOf(request, 'idempotency-key');
  const violations = check(operation, input, { root: served.system.document, key });
  if (violations.length > 0) {
    const detail = 'The request does not fit the description of the operation.';
    return refuse(problem(422, 'invalid', { detail, errors: violations }));
  }
  const outcome = counter.restaurant.perform(operation, input, key);
  const headers: Record<string, string> = outcome.replayed
    ? { 'idempotency-replayed': 'true' }
    : {};
  return { ...outcome, text: outcome.body, headers };
}

function failure(fail: NonNullable<Disturbance['fail']>): Decision {
  const detail = 'The demo was told to fail this call.';
  const { status, retryAfterSeconds } = fail;
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return refuse(problem(status, 'on-demand', { detail }), headers);
}

function refuse(reply: Reply, headers: Record<string, string> = {}): Decision {
  const text = JSON.stringify(reply.body);
  return { status: reply.status, text, headers, effect: false, replayed: false };
}

function unmatched(url: URL, allowed: string[]): Reply {
  if (allowed.length === 0) {
    return problem(404, 'not-found', { detail: `There is nothing at ${url.pathname}.` });
  }
  return problem(405, 'method-not-allowed', { detail: `Use ${allowed.join(' or ')}.` });
}

function parametersOf(operation: Operation, { system, segments, url }: Served) {
  const params: Record<string, string> = {};
  for (const [index, part] of operation.segments.entries()) {
    if (part.startsWith('{')) params[part.slice(1, -1)] = segments[index] ?? '';
  }
  const query: Record<string, unknown> = {};
  for (const { name, in: place, schema } of operation.parameters) {
    if (place !== 'query') continue;
    const raw = url.searchParams.get(name);
    const resolved = resolve(schema, system.document);
    const value = raw === null ? resolved.default : valueOf(raw, resolved);
    if (value !== undefined) query[name] = value;
  }
  return { params, query };
}

/** What does not read as the wanted type stays text, and the check names it. */
function valueOf(raw: string, schema: Schema): unknown {
  if (schema.type === 'boolean') return raw === 'true' ? true : raw === 'false' ? false : raw;
  if (schema.type !== 'integer' && schema.type !== 'number') return raw;
  const number = Number(raw);
  return raw.trim() === '' || Number.isNaN(number) ? raw : number;
}

function check(
  operation: Operation,
  input: Input,
  { root, key }: { root: unknown; key: string | null },
): Violation[] {
  const values = new Map<string, unknown>([
    ...Object.entries(input.params),
    ...Object.entries(input.query),
    ...(key === null ? [] : [['Idempotency-Key', key] as const]),
  ]);
  const inParameters = operation.parameters.flatMap(({ name, required, schema }) => {
    if (!values.has(name))
      return required === true ? [{ pointer: `/${name}`, detail: 'is required' }] : [];
    const found = violationsOf(values.get(name), schema, root);
    return found.map(({ detail }) => ({ pointer: `/${name}`, detail }));
  });
  if (!operation.body) return inParameters;
  if (input.body === undefined) {
    const missing = { pointer: '', detail: 'a JSON body is required' };
    return operation.body.required ? [...inParameters, missing] : inParameters;
  }
  return [...inParameters, ...violationsOf(input.body, operation.body.schema, root)];
}

function answer(
  response: ServerResponse,
  decision: Decision,
  disturbance: Disturbance & { withheld: Set<Socket> },
): void {
  const { status, text, headers } = decision;
  const act = () => {
    if (disturbance.answer === 'withheld') hold(response, disturbance.withheld);
    else if (disturbance.answer === 'dropped') response.socket?.resetAndDestroy();
    else send(response, { status, type: typeOf(status), text }, headers);
  };
  if (disturbance.latencyMs > 0) setTimeout(act, disturbance.latencyMs).unref();
  else act();
}

function hold({ socket }: ServerResponse, withheld: Set<Socket>): void {
  if (!socket || socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), WITHHELD_MS_MAX).unref();
  socket.once('close', () => {
    clearTimeout(timer);
    withheld.delete(socket);
  });
  withheld.add(socket);
  if (withheld.size <= WITHHELD_MAX) return;
  for (const oldest of withheld) {
    oldest.destroy();
    return;
  }
}
