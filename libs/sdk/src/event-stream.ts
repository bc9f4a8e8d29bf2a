import { problemOf } from './errors.js';

const eventCharsMax = 16 * 1_048_576;

/** One server-sent event. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  /** The last id that the stream gave, also when this event brought none. */
  readonly id?: string;
}

/**
 * Reads server-sent events (WHATWG HTML, "event stream interpretation") from a byte stream. An event
 * that the stream broke off is not delivered. Leaving the loop cancels the stream.
 *
 * @throws ParleyError `too-large` when one event is larger than 16 Mi characters
 */
export async function* parseEventStream(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  let id: string | undefined;
  let event = '';
  let data: string[] = [];
  let chars = 0;
  for await (const line of linesOf(body)) {
    if (line !== '') {
      const [field, value] = splitField(line);
      if (field === 'event') event = value;
      else if (field === 'id') id = value;
      else if (field === 'data') {
        data.push(value);
        chars += value.length;
        assertSize(chars);
      }
      continue;
    }
    if (data.length > 0) {
      yield {
        event: event === '' ? 'message' : event,
        data: data.join('\n'),
        ...(id === undefined ? {} : { id }),
      };
    }
    event = '';
    data = [];
    chars = 0;
  }
}

/** Lines as they are complete; a long one is put together once, not again for each of its pieces. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  let chars = 0;
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true });
    const endsLine = /[\r\n]/.test(text) || pieces.at(-1)?.endsWith('\r') === true;
    pieces.push(text);
    chars += text.length;
    if (endsLine) {
      const lines = pieces.join('').split(/\r\n|\n|\r(?!$)/);
      const rest = lines.pop() ?? '';
      pieces = [rest];
      chars = rest.length;
      yield* lines;
    }
    assertSize(chars);
  }
}

function assertSize(chars: number): void {
  if (chars <= eventCharsMax) return;
  throw problemOf('too-large', 'An event is larger than 16 Mi characters.');
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value];
}
