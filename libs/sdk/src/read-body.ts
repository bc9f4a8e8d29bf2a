import { unreachable } from './errors.js';

/** What breaks on the way to the platform, as an error that is told by its code. */
export async function onTheWay<T>(
  work: Promise<T>,
  { detail, signal }: { readonly detail: string; readonly signal: AbortSignal | undefined },
): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw unreachable(detail, cause);
  }
}

/**
 * The pieces of a body as they come. Leaving the loop, also by a failure, cancels the body.
 *
 * @throws ParleyError `unavailable` when the connection breaks, or nothing comes for `silenceMsMax`
 */
export async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  { silenceMsMax, signal }: { readonly silenceMsMax: number; readonly signal?: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const detail = 'The connection broke; connect again.';
  try {
    for (;;) {
      const chunk = await onTheWay(within(reader.read(), silenceMsMax), { detail, signal });
      if (chunk.done) return;
      yield chunk.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined); // The stream is already broken or closed.
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came for ${String(ms / 1000)} s`)), ms);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}
