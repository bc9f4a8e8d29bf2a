import { createHash } from 'node:crypto';
import { err, ok, type Result } from '@parley/kernel';
import type { Approval, Outbound, OutboundResponse } from '@parley/outbound';

/** The bytes of a document, and what is said of them. */
export interface FetchedDocument {
  readonly bytes: Buffer;
  /** SHA-256 (hex) of the bytes. */
  readonly sha256: string;
  /** Lower case, without parameters; empty when the answer names none. */
  readonly mediaType: string;
}

export interface DocumentFetcherOptions {
  readonly outbound: Pick<Outbound, 'send'>;
  /** Internal places that documents may come from; @default none */
  readonly approvals?: readonly Approval[];
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
}

export const documentLimits = {
  bytesMax: 5 * 1_048_576,
  /** One document, all its redirects included. */
  fetchMsMax: 10_000,
  redirectsMax: 5,
  /** Documents that are fetched at the same time, for everybody together. */
  underWayMax: 64,
  /** For this long a document is taken as it was, without asking again. */
  freshMsMax: 30_000,
  /** Documents and bytes that are kept to be asked for by their tag. */
  keptMax: 200,
  keptBytesMax: 64 * 1_048_576,
} as const;

interface Kept {
  readonly document: FetchedDocument;
  readonly etag?: string;
  readonly atMs: number;
}

type Fetched = Result<FetchedDocument, string>;

const tooBusy: Fetched = err('Too many documents are being fetched; try again in a moment.');

/**
 * Fetches public documents for definitions. What one tenant has fetched another gets from memory:
 * documents are asked for without credentials, so everybody would be given the same.
 */
export class DocumentFetcher {
  private readonly options: DocumentFetcherOptions;
  private readonly now: () => number;
  private readonly kept = new Map<string, Kept>();
  private readonly underWay = new Map<string, Promise<Fetched>>();
  private keptBytes = 0;

  constructor(options: DocumentFetcherOptions) {
    this.options = options;
    this.now = options.now ?? (() => performance.now());
  }

  /** The error is why there is no document, in a sentence. */
  fetch(uri: string): Promise<Fetched> {
    const kept = this.kept.get(uri);
    if (kept !== undefined && this.now() - kept.atMs < documentLimits.freshMsMax) {
      return Promise.resolve(ok(kept.document));
    }
    const known = this.underWay.get(uri);
    if (known !== undefined) return known;
    if (this.underWay.size >= documentLimits.underWayMax) return Promise.resolve(tooBusy);
    const fetching = this.ask(uri, kept).finally(() => this.underWay.delete(uri));
    this.underWay.set(uri, fetching);
    return fetching;
  }

  private async ask(uri: string, kept: Kept | undefined): Promise<Fetched> {
    const deadlineMs = this.now() + documentLimits.fetchMsMax;
    let url = uri;
    for (let redirects = 0; redirects <= documentLimits.redirectsMax; redirects += 1) {
      const leftMs = Math.ceil(deadlineMs - this.now());
      if (leftMs <= 0) return err(`It took longer than ${documentLimits.fetchMsMax / 1_000} s.`);
      const answer = await this.options.outbound.send({
        method: 'GET',
        url,
        headers: {
          accept: 'application/json, application/yaml, text/yaml;q=0.9, */*;q=0.5',
          ...(kept?.etag === undefined ? {} : { 'if-none-match': kept.etag }),
        },
        approvals: this.options.approvals ?? [],
        raw: true,
        timeoutMs: leftMs,
      });
      if (answer.kind === 'failure') return err(answer.message);
      if (answer.status === 304 && kept !== undefined) return this.again(uri, kept);
      if (answer.status === 200) return this.read(uri, answer);
      const next = redirectOf(url, answer);
      if (!next.ok) return next;
      url = next.value;
    }
    return err(`It was redirected more than ${documentLimits.redirectsMax} times.`);
  }

  private again(uri: string, kept: Kept): Fetched {
    this.keep(uri, { ...kept, atMs: this.now() });
    return ok(kept.document);
  }

  private read(uri: string, { body, headers }: OutboundResponse): Fetched {
    const bytes = body.kind === 'binary' ? Buffer.from(body.base64, 'base64') : Buffer.alloc(0);
    const { bytesMax } = documentLimits;
    if (bytes.length === 0) return err('The answer is empty.');
    if (bytes.length > bytesMax) {
      return err(`It is larger than ${bytesMax / 1_048_576} MiB.`);
    }
    const mediaType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const document = { bytes, sha256, mediaType };
    const { etag } = headers;
    this.keep(uri, { document, ...(etag === undefined ? {} : { etag }), atMs: this.now() });
    return ok(document);
  }

  private keep(uri: string, kept: Kept): void {
    this.forget(uri);
    this.kept.set(uri, kept);
    this.keptBytes += kept.document.bytes.length;
    const { keptMax, keptBytesMax } = documentLimits;
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= keptMax && this.keptBytes <= keptBytesMax) return;
      this.forget(oldest);
    }
  }

  private forget(uri: string): void {
    this.keptBytes -= this.kept.get(uri)?.document.bytes.length ?? 0;
    this.kept.delete(uri);
  }
}

/** Where an answer leads; never from https to http. */
function redirectOf(from: string, { status, headers }: OutboundResponse): Result<string, string> {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) {
    return err(`The answer is ${status}.`);
  }
  if (!URL.canParse(location, from))
    return err('It is redirected to something that is no address.');
  const next = new URL(location, from);
  if (from.startsWith('https:') && next.protocol !== 'https:') {
    return err('It is redirected from https to http.');
  }
  return ok(next.href);
}
