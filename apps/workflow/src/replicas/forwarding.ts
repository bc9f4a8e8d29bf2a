import { randomUUID } from 'node:crypto';
import { AppError } from '@parley/kernel';
import { contextHeader, wasNotSent, type Context, type ContextTokens } from '@parley/nest-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import type { Partitions } from './partitions.js';
import { commandHeader, notOwnerHeader, type Peers } from './peers.js';
import { partitionOfStart, placeKey, type Place } from './places.js';

/** Longer than it takes to miss a dead owner and to take over what it had. */
const patienceMsDefault = 10_000;
/** Between two looks at who has a partition, when nothing says that it has changed. */
const lookAgainMs = 250;
/** Two attempts at the same owner are never closer. */
const breathMs = 25;
/** So often an owner may answer that it cannot now, before that is the answer. */
const failuresMax = 2;

export interface ForwardingOptions {
  readonly partitions: Partitions;
  readonly peers: Pick<Peers, 'pass'>;
  readonly tokens: Pick<ContextTokens, 'verify'>;
  /** By method and path of the router. */
  readonly places: ReadonlyMap<string, Place>;
  /** Who has which partition is to be read again. */
  readonly refresh: () => void;
  /** Aborted when the process stops. */
  readonly stopping: AbortSignal;
  /** How long a request waits for a partition that is moving. @default 10 s */
  readonly patienceMs?: number;
}

/** What a request came to: answered by another process, or to be answered here. */
type Outcome = 'passed' | 'here';
/** What an attempt to pass a request on came to. */
type Attempt = 'passed' | 'not-owner' | 'not-sent' | 'unknown';

interface Routed {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly context: Context;
  readonly place: Place;
  readonly partition: number | undefined;
}

interface Passing {
  readonly commandId: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly left: AbortSignal;
}

/**
 * Sends each request to the process that has the run it is about.
 *
 * W1  A request is passed on once: whoever gets it from another process answers it, or says that it
 *     has not got the partition.
 * W2  A command that was passed on carries an id. Where it is not known what became of it, it is
 *     passed on again under the same one, and the run takes it once.
 * W3  Starts never wait for a takeover: who cannot reach the owner of a key starts the run itself,
 *     and the table of keys decides.
 * W4  A stream of a run ends when its partition goes; its client comes again and finds the new owner.
 */
export class Forwarding {
  private readonly options: ForwardingOptions;
  private readonly patienceMs: number;

  constructor(options: ForwardingOptions) {
    this.options = options;
    this.patienceMs = options.patienceMs ?? patienceMsDefault;
  }

  /** To be called before the server listens. */
  attach(server: FastifyInstance): void {
    const { places, partitions } = this.options;
    server.addHook('preHandler', (request, reply, done) => {
      const place = places.get(placeKey(request.method, request.routeOptions.url ?? ''));
      if (place === undefined || (place.where !== 'owner' && partitions.ownsAll)) return done();
      this.route(place, request, reply).then(
        (outcome) => {
          if (outcome === 'here') done();
        },
        (error: unknown) => done(error as Error),
      );
    });
  }

  /** Whether this process starts a run without asking another one. @throws AppError `malformed` */
  startsHere(
    request: Parameters<typeof partitionOfStart>[0],
    context: Parameters<typeof partitionOfStart>[1],
  ): boolean {
    const { partitions } = this.options;
    if (partitions.ownsAll) return true;
    const partition = partitionOfStart(request, context);
    const owner = partition === undefined ? undefined : partitions.ownerOf(partition);
    return partitions.canStart && (owner === undefined || owner.own || owner.url === undefined);
  }

  private async route(
    place: Place,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Outcome> {
    const context = await this.contextOf(request);
    if (context === undefined) return 'here'; // The guard refuses it, and says why.
    const partition = await place.partitionOf(request, context);
    const routed = { request, reply, context, place, partition };
    const { [commandHeader]: commandId } = request.headers;
    if (context.issuer === 'workflow' && typeof commandId === 'string') {
      if (request.scope) request.scope.commandId = commandId; // W2
      if (this.isHere(place, partition)) return this.answerHere(routed);
      await reply.code(421).header(notOwnerHeader, '1').send();
      return 'passed'; // W1
    }
    if (place.where === 'start') return this.toStarter(routed);
    if (partition === undefined) return 'here';
    return place.where === 'owner'
      ? this.toOwner(routed, partition)
      : this.rather(routed, partition);
  }

  private async contextOf({ headers }: FastifyRequest): Promise<Context | undefined> {
    const token = headers[contextHeader];
    if (typeof token !== 'string') return undefined;
    const context = await this.options.tokens.verify(token).catch(() => undefined);
    return context?.tenantId === undefined ? undefined : (context as Context);
  }

  private isHere({ where }: Place, partition: number | undefined): boolean {
    const { partitions } = this.options;
    if (where === 'start') return partitions.canStart;
    return partition === undefined || partitions.ownerOf(partition).own;
  }

  /** The partition is given away only when what is asked of it here is answered. */
  private answerHere({ reply, place, partition }: Routed): Outcome {
    if (place.where !== 'owner' || partition === undefined) return 'here';
    const { partitions } = this.options;
    const over = place.isStream
      ? partitions.whenGone(partition, () => reply.raw.destroy()) // W4
      : partitions.enter(partition);
    reply.raw.once('close', over);
    return 'here';
  }

  private async toOwner(routed: Routed, partition: number): Promise<Outcome> {
    const { partitions, stopping, refresh } = this.options;
    const left = leaving(routed.reply, routed.place.isStream ? stopping : undefined);
    const passing = { commandId: randomUUID(), left };
    const until = performance.now() + this.patienceMs;
    for (let failures = 0; !left.aborted;) {
      const owner = partitions.ownerOf(partition);
      if (owner.own) return this.answerHere(routed);
      if (owner.url !== undefined) {
        const attempt = await this.pass(owner.url, routed, passing, failures >= failuresMax);
        if (attempt === 'passed') return 'passed';
        if (attempt === 'unknown') failures += 1;
        refresh();
        await pause(breathMs);
      }
      const leftMs = until - performance.now();
      const isLast = stopping.aborted && partitions.urlsElsewhere.length === 0;
      if (leftMs <= 0 || isLast) throw movingError();
      if (!partitions.ownerOf(partition).own) {
        await partitions.nextChange(Math.min(leftMs, lookAgainMs));
      }
    }
    throw new AppError('unavailable', 'The client left.');
  }

  /** W3 */
  private async toStarter(routed: Routed): Promise<Outcome> {
    const { partitions, stopping } = this.options;
    const { partition } = routed;
    const passing = { commandId: randomUUID(), left: leaving(routed.reply) };
    const until = performance.now() + this.patienceMs;
    const owner = partition === undefined ? undefined : partitions.ownerOf(partition);
    if (owner?.own === false && owner.url !== undefined) {
      if ((await this.pass(owner.url, routed, passing)) === 'passed') return 'passed';
    }
    while (!partitions.canStart) {
      for (const url of partitions.urlsElsewhere) {
        const attempt = await this.pass(url, routed, passing);
        if (attempt === 'passed') return 'passed';
        // Without a key it would be another run.
        if (attempt === 'unknown' && partition === undefined) throw lostError();
      }
      const leftMs = until - performance.now();
      if (leftMs <= 0 || stopping.aborted || passing.left.aborted) throw movingError();
      await partitions.nextChange(Math.min(leftMs, lookAgainMs));
    }
    return 'here';
  }

  private async rather(routed: Routed, partition: number): Promise<Outcome> {
    const { partitions, stopping } = this.options;
    const owner = partitions.ownerOf(partition);
    if (owner.own || owner.url === undefined) return 'here';
    const passing = { commandId: randomUUID(), left: leaving(routed.reply, stopping) };
    return (await this.pass(owner.url, routed, passing)) === 'passed' ? 'passed' : 'here';
  }

  /** @param anyAnswer also one that says that it may be different in a moment */
  private async pass(
    url: string,
    { request, reply, context }: Routed,
    { commandId, left }: Passing,
    anyAnswer = false,
  ): Promise<Attempt> {
    const { method, url: path, headers, body } = request;
    try {
      const passed = { method, path, headers, body, context, commandId, signal: left };
      const answer = await this.options.peers.pass(url, passed);
      if (notOwnerHeader in answer.headers) return await discarded(answer, 'not-owner');
      // The run may have moved while it was told: what became of that is not known there either.
      if (answer.statusCode === 503 && !anyAnswer) return await discarded(answer, 'unknown');
      void reply.code(answer.statusCode).headers(answerHeaders(answer)).send(answer.body);
      return 'passed';
    } catch (error) {
      return wasNotSent(error) ? 'not-sent' : 'unknown';
    }
  }
}

async function discarded(answer: Dispatcher.ResponseData, attempt: Attempt): Promise<Attempt> {
  await answer.body.dump();
  return attempt;
}

/** About the connection between the two processes, or said by this one itself. */
const ownToConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'x-request-id']);

function answerHeaders({ headers }: Dispatcher.ResponseData): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name]) => !ownToConnection.has(name));
  return Object.fromEntries(kept) as Record<string, string | string[]>;
}

/** Aborted when nobody waits for the answer any more. */
function leaving({ raw }: FastifyReply, stopping?: AbortSignal): AbortSignal {
  const left = new AbortController();
  raw.once('close', () => left.abort());
  return stopping === undefined ? left.signal : AbortSignal.any([left.signal, stopping]);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function movingError(): AppError {
  return new AppError('unavailable', 'The run is moving to another process; repeat the request.', {
    retryAfterSeconds: 1,
  });
}

function lostError(): AppError {
  return new AppError(
    'unavailable',
    'It is not known whether the run has started; send an Idempotency-Key to be able to repeat it.',
    { retryAfterSeconds: 1 },
  );
}
