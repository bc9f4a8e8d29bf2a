import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { AppError } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, throwError } from 'rxjs';
import type { Log } from '../logging.js';
import { traceIdOf } from '../scope.js';
import { operationalError, problemOf } from './problem.js';

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
const discardedBytesMax = 128 * 1_048_576;

/** Answers with the problem document of `error`, or cuts the connection once an answer has begun. */
export function sendProblem(
  error: unknown,
  { request, reply, log }: { request: FastifyRequest; reply: FastifyReply; log: Log },
): void {
  const { scope } = request;
  const answer = problemOf(error, {
    ...(scope && { traceId: traceIdOf(scope.traceparent) }),
    instance: pathOf(request),
  });
  const known = operationalError(error);
  if (answer.body.code === 'internal') log.error({ err: error }, 'request failed');
  else if (known?.cause) log.debug({ err: known }, 'request refused');
  if (reply.raw.headersSent) {
    log.warn({ code: answer.body.code }, 'answer cut short by a failure');
    reply.raw.destroy();
    return;
  }
  if (!request.raw.complete) endBody(request, reply);
  void reply.code(answer.status).headers(answer.headers).send(JSON.stringify(answer.body));
}

/**
 * A body that nobody will read must not be taken for the next request on this connection. To close
 * at once would often cut off the answer too, so the rest of a body of known length is discarded.
 */
function endBody(request: FastifyRequest, reply: FastifyReply): void {
  const length = Number(request.headers['content-length'] ?? Infinity);
  if (length > discardedBytesMax) void reply.header('connection', 'close');
  else {
    reply.removeHeader('connection');
    request.raw.resume();
  }
}

function pathOf(request: FastifyRequest): string {
  const end = request.url.indexOf('?');
  return end === -1 ? request.url : request.url.slice(0, end);
}
