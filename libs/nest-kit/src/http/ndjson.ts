import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Answers with one JSON value per line, as they come; the source ends when the caller leaves. */
export async function sendLines(
  reply: FastifyReply,
  values: AsyncIterable<unknown>,
): Promise<void> {
  const lines = async function* () {
    for await (const value of values) yield `${JSON.stringify(value)}\n`;
  };
  await reply
    .header('content-type', 'application/x-ndjson; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(Readable.from(lines(), { objectMode: false, highWaterMark: 16_384 }));
}
