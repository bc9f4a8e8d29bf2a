import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { Log } from '@parley/nest-kit';
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
    server.get('/*', { exposeHeadRoute: true }, (request, reply) => serve(request, reply));
  };
}

function serve(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?')[0] ?? '/';
  if (/^\/(v1|internal)(\/|$)/.test(path)) {
    reply.callNotFound(); // which knows the methods that there are
    return reply;
  }
  if (path.startsWith('/assets/')) {
    return reply.header('cache-control', assetMaxAge).sendFile(path.slice(1));
  }
  void reply.header('cache-control', 'no-cache');
  const isFile = /\.\w+$/.test(path);
  return isFile ? reply.sendFile(path.slice(1)) : reply.sendFile('index.html');
}
