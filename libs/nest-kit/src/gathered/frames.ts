/** Where a service takes requests of one caller that came at the same time. Never routed. */
export const gatheredPath = '/internal/v1/gathered';
export const gatheredMediaType = 'application/vnd.parley.gathered';

/** A request on its way with others. */
export interface GatheredHead {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer to one of them; answers come in the order in which they are ready. */
export interface AnswerHead {
  /** The place of the request among those that came together. */
  readonly at: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export interface Frame<H> {
  readonly head: H;
  readonly body: Buffer;
}

const lengthBytes = 4;
const lengthsBytes = 2 * lengthBytes;

/**
 * Frames one after the other: the lengths of head and body, the head in JSON, the body as it is. What
 * a body holds is nobody's business on the way, so what is wrong in it is wrong there alone.
 */
export function framesText<H>(frames: readonly Frame<H>[]): Buffer {
  const heads = frames.map(({ head }) => JSON.stringify(head));
  const sizes = heads.map((head) => Buffer.byteLength(head));
  const total = frames.reduce(
    (sum, { body }, index) => sum + lengthsBytes + (sizes[index] ?? 0) + body.length,
    0,
  );
  const text = Buffer.allocUnsafe(total);
  let at = 0;
  for (const [index, { body }] of frames.entries()) {
    at = text.writeUInt32BE(sizes[index] ?? 0, at);
    at = text.writeUInt32BE(body.length, at);
    at += text.write(heads[index] ?? '', at);
    at += body.copy(text, at);
  }
  return text;
}

/** Reads frames from a stream that is cut anywhere. */
export class FrameReader<H> {
  private chunks: Buffer[] = [];
  private size = 0;
  private needed = lengthsBytes;

  /** Whether nothing of a frame is missing. */
  get isWhole(): boolean {
    return this.size === 0;
  }

  /** The frames that are whole with this. */
  push(chunk: Buffer): Frame<H>[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size < this.needed) return [];
    const text = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    const frames: Frame<H>[] = [];
    let at = 0;
    for (;;) {
      this.needed = neededAt(text, at);
      if (text.length - at < this.needed) break;
      const headEnd = at + lengthsBytes + text.readUInt32BE(at);
      const head = JSON.parse(text.toString('utf8', at + lengthsBytes, headEnd)) as H;
      at += this.needed;
      frames.push({ head, body: text.subarray(headEnd, at) });
    }
    const rest = text.subarray(at);
    this.chunks = rest.length === 0 ? [] : [rest];
    this.size = rest.length;
    return frames;
  }
}

/** The length of the frame that begins there, or of its lengths when they are not there yet. */
function neededAt(text: Buffer, at: number): number {
  if (text.length - at < lengthsBytes) return lengthsBytes;
  return lengthsBytes + text.readUInt32BE(at) + text.readUInt32BE(at + lengthBytes);
}
