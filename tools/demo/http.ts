import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem } from './reply.ts';
import type { Reply } from './reply.ts';

const BODY_BYTES_MAX = 1024 * 1024;
/** Read and thrown away, so that a client that is still sending gets to see the 413. */
const DRAIN_BYTES_MAX = 16 * BODY_BYTES_MAX;

const hostPattern = /^[a-z0-9.\-[\]:]{1,255}$/i;

export type Body = { ok: true; value: unknown } | { ok: false; reply: Reply };

/** Undefined for an empty body. Null when the client went away before it was complete. */
export async function readJson(request: IncomingMessage): Promise<Body | null> {
  const bytes = await readBytes(request);
  if (bytes === null) return null;
  if (bytes === 'too-large') {
    const detail = `A body may have ${BODY_BYTES_MAX} bytes.`;
    return { ok: false, reply: problem(413, 'body-too-large', { detail }) };
  }
  if (bytes.length === 0) return { ok: true, value: undefined };
  const type = request.headers['content-type'] ?? 'application/json';
  if (!/^application\/([\w.-]+\+)?json\b/i.test(type)) {
    const detail = `Send application/json, not ${type}.`;
    return { ok: false, reply: problem(415, 'unsupported-media-type', { detail }) };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    const detail = `The body is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`;
    return { ok: false, reply: problem(400, 'malformed-json', { detail }) };
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer | 'too-large' | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= BODY_BYTES_MAX) chunks.push(chunk);
      if (size > DRAIN_BYTES_MAX) break;
    }
  } catch (error) {
    // The only failure of a request stream is that its client went away: nobody to answer.
    if (request.destroyed) return null;
    throw error;
  }
  return size > BODY_BYTES_MAX ? 'too-large' : Buffer.concat(chunks);
}

export function send(
  response: ServerResponse,
  content: { status: number; type: string; text: string },
  headers: Record<string, string> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  const length = String(Buffer.byteLength(content.text));
  response.writeHead(content.status, {
    ...{ 'content-type': content.type, 'content-length': length, 'cache-control': 'no-store' },
    ...headers,
  });
  response.end(content.text);
}

export function sendReply(
  response: ServerResponse,
  reply: { status: number; body: unknown },
  headers?: Record<string, string>,
): void {
  const { status, body } = reply;
  send(response, { status, type: typeOf(status), text: JSON.stringify(body) }, headers);
}

export function typeOf(status: number): string {
  return status >= 400 ? 'application/problem+json' : 'application/json';
}

/** The address under which the client sees this server, for the links in index and documents. */
export function originOf(request: IncomingMessage, bound: string): string {
  const host = request.headers.host ?? '';
  return hostPattern.test(host) ? `http://${host}` : bound;
}

export function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name.toLowerCase()];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
