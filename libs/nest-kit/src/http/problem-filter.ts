import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { AppError } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, throwError } from 'rxjs';
import type { Log } from '../logging.js';
import { type Scope, traceIdOf } from '../scope.js';
import { operationalError, type ProblemAnswer, problemOf } from './problem.js';

/**
 * Every failure of an HTTP request becomes a problem document; what was unexpected is logged. The
 * failure of an event's handler goes to the bus as it is, which then delivers the event again.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    /** Methods that exist for a path. */
    private readonly methodsOf: (path: string) => readonly string[],
  ) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> | undefined {
    if (host.getType() === 'rpc') return throwError(() => error);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const failure = request.is404 ? this.unknownRoute(request, reply) : error;
    sendProblem(failure, { request, reply, log: this.log });
    return undefined;
  }

  private unknownRoute(request: FastifyRequest, reply: FastifyReply): AppError {
    const path = pathOf(request);
    const methods = this.methodsOf(path);
    // A method that there is, and still no route: a part of the path is too long to be a name.
    if (methods.length === 0 || methods.includes(request.method)) {
      return new AppError('not-found', `There is nothing at ${path.slice(0, pathShownMax)}.`);
    }
    void reply.header('allow', methods.join(', '));
    return new AppError(
      'method-not-allowed',
      `${request.method} is not supported at ${path}; use ${methods.join(', ')}.`,
    );
  }
}

const pathShownMax = 200;
/** More than this of a refused body is not worth waiting for. */
const discardedBytesMax = 64 * 1_048_576;

export interface Failed {
  readonly scope: Scope | undefined;
  readonly path: string;
  readonly bodyBytesMax: number | undefined;
  readonly log: Log;
}

/** The problem document of `error`; what only we should know about it is logged. */
export function loggedProblemOf(
  error: unknown,
  { scope, path, bodyBytesMax, log }: Failed,
): ProblemAnswer {
  const answer = problemOf(error, {
    ...(scope && { traceId: traceIdOf(scope.traceparent) }),
    instance: path,
    ...(bodyBytesMax !== undefined && { bodyBytesMax }),
  });
  const known = operationalError(error);
  if (answer.body.code === 'internal') log.error({ err: error }, 'request failed');
  else if (known?.cause) log.debug({ err: known }, 'request refused');
  return answer;
}

/** Answers with the problem document of `error`, or cuts the connection once an answer has begun. */
export function sendProblem(
  error: unknown,
  { request, reply, log }: { request: FastifyRequest; reply: FastifyReply; log: Log },
): void {
  const { scope } = request;
  const bodyBytesMax = request.routeOptions.bodyLimit;
  const answer = loggedProblemOf(error, { scope, path: pathOf(request), bodyBytesMax, log });
  if (reply.raw.headersSent) {
    log.warn({ code: answer.body.code }, 'answer cut short by a failure');
    reply.raw.destroy();
    return;
  }
  afterBody(request, (isWhole) => {
    // What nobody will read must not be taken for the next request on this connection.
    if (!isWhole) void reply.header('connection', 'close');
    else reply.removeHeader('connection');
    void reply.code(answer.status).headers(answer.headers).send(JSON.stringify(answer.body));
  });
}

/**
 * Lets a refused body end before it is answered: whoever is cut off while sending often does not
 * hear why. How long that may take is up to the server's time limit for requests.
 */
function afterBody({ raw, headers }: FastifyRequest, answer: (isWhole: boolean) => void): void {
  const announced = Number(headers['content-length'] ?? 0);
  const isRead = raw.complete || raw.readableEnded;
  if (isRead || announced > discardedBytesMax) return answer(isRead);
  let left = discardedBytesMax;
  const finish = (isWhole: boolean) => {
    raw.off('data', discard).off('end', ended).off('close', cut);
    answer(isWhole);
  };
  const discard = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) finish(false);
  };
  const ended = () => finish(true);
  const cut = () => finish(false);
  raw.on('data', discard).once('end', ended).once('close', cut).resume();
}

function pathOf(request: FastifyRequest): string {
  const end = request.url.indexOf('?');
  return end === -1 ? request.url : request.url.slice(0, end);
}
