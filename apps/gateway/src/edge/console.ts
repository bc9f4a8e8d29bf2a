import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import { AppError } from '@parley/kernel';
import { type Log, sendProblem } from '@parley/nest-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const assetMaxAge = 'public, max-age=31536000, immutable';

/** Serves the built console; its own routes (`/runs/…`) all get the page. */
export function consolePlugin({ dir, log }: { dir: string; log: Log }) {
  const root = resolve(dir);
  return async (server: FastifyInstance): Promise<void> => {
    if (!existsSync(join(root, 'index.html'))) {
      log.warn({ dir: root }, 'the console is not built; only the API is served');
      return;
    }
    await server.register(fastifyStatic, { root, serve: false, cacheControl: false });
    server.get('/*', { exposeHeadRoute: true }, (request, reply) => serve({ request, reply, log }));
  };
}

interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly log: Log;
}

function serve({ request, reply, log }: Visit): FastifyReply {
  const path = request.url.split('?')[0] ?? '/';
  if (/^\/(v1|internal)(\/|$)/.test(path)) {
    sendProblem(new AppError('not-found', `There is nothing at ${path}.`), { request, reply, log });
    return reply;
  }
  if (path.startsWith('/assets/')) {
    return reply.header('cache-control', assetMaxAge).sendFile(path.slice(1));
  }
  void reply.header('cache-control', 'no-cache');
  const isFile = /\.\w+$/.test(path);
  return isFile ? reply.sendFile(path.slice(1)) : reply.sendFile('index.html');
}
