import { internalRoutes, type ReplicaNews } from '@parley/contracts';
import type { Services } from '@parley/nest-kit';
import type { LookAt, RunChange } from '../engine/engine-options.js';

/** News of the same moment are one call; there is never more than one on its way to each process. */
const gatherMs = 10;
const listedMax = 1_000;
const callTimeoutMs = 2_000;
const retryMs = 250;
/** One that is not among the living any more is told no longer. */
const attemptsMax = 4;

export interface NewsOptions {
  readonly services: Pick<Services, 'call'>;
  /** Where the others are that are alive. */
  readonly peers: () => readonly string[];
  readonly onError: (error: unknown, url: string) => void;
}

/** In whose name processes of the service tell each other something. */
const self = { principal: 'workflow', name: 'workflow', roles: [] };

type LimitNews = Pick<ReplicaNews, 'limitsAsked' | 'limitsLent'>;

/**
 * Tells the other processes what is worth a look. What they do not hear they find later.
 *
 * News of limits are calls of their own, and are not repeated: they are renewed every second anyway, and
 * a process of an earlier version that refuses them hears of everything else.
 */
export class NewsToReplicas {
  private readonly options: NewsOptions;
  private readonly waiting = new Map<string, ReplicaNews>();
  private readonly ofLimits = new Map<string, LimitNews>();
  private readonly telling = new Set<string>();

  constructor(options: NewsOptions) {
    this.options = options;
  }

  hint(urls: readonly string[], about: LookAt): void {
    for (const url of urls) this.add(url, { [about]: true });
  }

  schedules(): void {
    for (const url of this.options.peers()) this.add(url, { schedules: true });
  }

  /** There may be work in a queue of which others' workers wait. */
  work(tenantId: string, queue: string): void {
    for (const url of this.options.peers()) this.add(url, { queues: [{ tenantId, queue }] });
  }

  /** What a process lacks of limits of tenants, or is lent: the latest news of it count. */
  limits(url: string, news: LimitNews): void {
    this.ofLimits.set(url, { ...this.ofLimits.get(url), ...news });
    this.begin(url);
  }

  /** What other processes may wait for: approvals, and the end of what a schedule has started. */
  changed({ row, approvals }: Pick<RunChange, 'row' | 'approvals'>): void {
    const { tenantId } = row;
    if (approvals.length > 0) {
      const told = approvals.map((approvalId) => ({ tenantId, approvalId }));
      for (const url of this.options.peers()) this.add(url, { approvals: told });
    }
    if (row.endedAt !== undefined && row.scheduledBy !== undefined) this.schedules();
  }

  private add(url: string, news: ReplicaNews): void {
    this.waiting.set(url, merged(this.waiting.get(url) ?? {}, news));
    this.begin(url);
  }

  private begin(url: string): void {
    if (this.telling.has(url)) return;
    this.telling.add(url);
    setTimeout(() => void this.tell(url), gatherMs);
  }

  private async tell(url: string, attempt = 1): Promise<void> {
    const body = this.waiting.get(url);
    this.waiting.delete(url);
    const heard = body === undefined || (await this.isHeard(url, body));
    const isGone = attempt >= attemptsMax && !this.options.peers().includes(url);
    if (!heard && !isGone) {
      this.waiting.set(url, merged(body, this.waiting.get(url) ?? {}));
    }
    const limits = this.ofLimits.get(url);
    this.ofLimits.delete(url);
    if (heard && limits !== undefined) await this.isHeard(url, limits);
    const isMore = this.waiting.has(url) || this.ofLimits.has(url);
    if (!isMore) this.telling.delete(url);
    else if (heard) setTimeout(() => void this.tell(url), gatherMs);
    else setTimeout(() => void this.tell(url, attempt + 1), retryMs);
  }

  private async isHeard(url: string, body: ReplicaNews): Promise<boolean> {
    const options = { address: url, body, context: self, timeoutMs: callTimeoutMs };
    try {
      await this.options.services.call(internalRoutes.replicaNews, options);
      return true;
    } catch (error) {
      this.options.onError(error, url);
      return false;
    }
  }
}

function merged(before: ReplicaNews, after: ReplicaNews): ReplicaNews {
  const approvals = [...(before.approvals ?? []), ...(after.approvals ?? [])];
  const queues = new Map(
    [...(before.queues ?? []), ...(after.queues ?? [])].map((one) => [JSON.stringify(one), one]),
  );
  return {
    ...before,
    ...after,
    ...(approvals.length === 0 ? {} : { approvals: approvals.slice(-listedMax) }),
    ...(queues.size === 0 ? {} : { queues: [...queues.values()].slice(-listedMax) }),
  };
}
