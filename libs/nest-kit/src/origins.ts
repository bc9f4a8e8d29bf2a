/** A process that did not listen is asked after the others for so long. */
const avoidedMs = 1_000;

/**
 * Where the processes of one service listen. Each is asked in its turn; one that did not listen a
 * moment ago comes last, so that it costs nobody an attempt while it is away.
 */
export class Origins {
  private readonly urls: readonly string[];
  private readonly now: () => number;
  private readonly refusedAt = new Map<string, number>();
  private turn = 0;

  constructor(urls: string | readonly string[], now: () => number = Date.now) {
    this.urls = typeof urls === 'string' ? [urls] : urls;
    this.now = now;
  }

  get all(): readonly string[] {
    return this.urls;
  }

  /** Asks one after the other, until one listens. */
  async ask<T>(request: (url: string) => Promise<T>): Promise<T> {
    const urls = this.next();
    for (const [at, url] of urls.entries()) {
      try {
        const answer = await request(url);
        this.answered(url);
        return answer;
      } catch (error) {
        if (!wasNotSent(error)) throw error;
        this.refused(url);
        if (at === urls.length - 1) throw error;
      }
    }
    throw new Error('there is no address to ask');
  }

  /** In the order in which to try them. */
  next(): readonly string[] {
    const { urls } = this;
    if (urls.length === 1) return urls;
    this.turn = (this.turn + 1) % urls.length;
    const turned = [...urls.slice(this.turn), ...urls.slice(0, this.turn)];
    if (this.refusedAt.size === 0) return turned;
    const since = this.now() - avoidedMs;
    const isAway = (url: string) => (this.refusedAt.get(url) ?? Number.NEGATIVE_INFINITY) > since;
    return [...turned.filter((url) => !isAway(url)), ...turned.filter(isAway)];
  }

  /** Nobody listens there. */
  refused(url: string): void {
    if (this.urls.length > 1) this.refusedAt.set(url, this.now());
  }

  answered(url: string): void {
    if (this.refusedAt.size > 0) this.refusedAt.delete(url);
  }
}

const notSentCodes = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'ENOTFOUND', 'EAI_AGAIN']);

/** The connection was never made, so repeating cannot do anything twice. */
export function wasNotSent(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return typeof error.code === 'string' && notSentCodes.has(error.code);
}
