import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJson, sendReply } from './http.ts';
import { problem, seen } from './reply.ts';
import type { Reply, Violation } from './reply.ts';
import type { Counter } from './operation-call.ts';
import { violationsOf } from './schema.ts';
import type { Schema } from './schema.ts';

const SCALE_MAX = 1_000_000;
const SEED_MAX = 4_294_967_295;
export const DEFAULT_SEED = 1;
export const DEFAULT_SCALE = 1;

const resetSchema: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    seed: { type: 'integer', minimum: 0, maximum: SEED_MAX },
    scale: { type: 'integer', minimum: 1, maximum: SCALE_MAX },
  },
};

/** `/_demo/…`: what a test does to the restaurant from outside its business. */
export async function serveControl(
  exchange: { request: IncomingMessage; response: ServerResponse },
  url: URL,
  counter: Counter & { opening: { seed: number; scale: number } },
): Promise<void> {
  const { request, response } = exchange;
  const body = await readJson(request);
  if (body === null) return;
  if (!body.ok) return sendReply(response, body.reply);
  const reply = control(`${request.method} ${url.pathname}`, { url, body: body.value, counter });
  sendReply(response, reply);
}

interface Order {
  url: URL;
  body: unknown;
  counter: Counter & { opening: { seed: number; scale: number } };
}

function control(route: string, { url, body, counter }: Order): Reply {
  const { restaurant, knobs } = counter;
  switch (route) {
    case 'POST /_demo/reset':
      return reset(body ?? {}, counter);
    case 'GET /_demo/knobs':
      return seen(knobs.list());
    case 'PUT /_demo/knobs': {
      const violations = knobs.set(body ?? null);
      return violations.length > 0 ? refused(violations) : seen(knobs.list());
    }
    case 'DELETE /_demo/knobs':
      knobs.clear();
      return seen([]);
    case 'GET /_demo/calls': {
      const since = sinceOf(url.searchParams.get('since'));
      if (since !== undefined) return seen(restaurant.callsSince(since));
      return refused([{ pointer: '/since', detail: 'must be the number of a call, or a time' }]);
    }
    case 'DELETE /_demo/calls':
      restaurant.clearCalls();
      return seen([]);
    default:
      return problem(404, 'not-found', { detail: `There is no ${route}.` });
  }
}

function reset(body: unknown, { restaurant, knobs, clock, opening }: Order['counter']): Reply {
  const violations = violationsOf(body, resetSchema, {});
  if (violations.length > 0) return refused(violations);
  const { seed = opening.seed, scale = opening.scale } = body as { seed?: number; scale?: number };
  restaurant.reset({ seed, scale, at: new Date(clock()).toISOString() });
  knobs.clear();
  return seen({ seed, scale });
}

function refused(errors: Violation[]): Reply {
  return problem(422, 'invalid', { detail: 'The request cannot be understood.', errors });
}

function sinceOf(raw: string | null): number | Date | undefined {
  if (raw === null || raw === '') return 0;
  if (/^\d{1,15}$/.test(raw)) return Number(raw);
  const moment = new Date(raw);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}
