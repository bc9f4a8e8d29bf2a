import type { ReplicaNews } from '@parley/contracts';
import type { LimitOf, LimitUse, ShareOf } from '../engine/tenant-limits.js';
import type { Partitions } from './partitions.js';
import type { NewsToReplicas } from './replica-news.js';
import { LimitShares } from './limit-shares.js';

const lookMs = 1_000;
/** Of one process in one piece of news; those that are more have their turn later. */
const requestsMax = 1_000;

/** What keeps to the limits. */
export interface LimitKeeper {
  /** Tenants that use something of a limit, or would. */
  limitUses(): readonly LimitUse[];
  /** A share may have grown. */
  sharesChanged(): void;
}

export interface LimitLoansOptions {
  readonly partitions: Pick<Partitions, 'size' | 'peers' | 'onTaken'>;
  readonly news: Pick<NewsToReplicas, 'limits'>;
  /** Where the others reach this process. */
  readonly url: string;
  /** Of this process, as long as it lives: what its forerunner had asked for is not lent to it. */
  readonly life: string;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

type Asked = NonNullable<ReplicaNews['limitsAsked']>;
type Lent = NonNullable<ReplicaNews['limitsLent']>;

/**
 * Asks the other processes once a second for what a tenant lacks here of its limits, and lends them what
 * it does not use. Where nobody lacks anything, nobody says anything.
 */
export class LimitLoans {
  private readonly options: LimitLoansOptions;
  private readonly shares: LimitShares;
  private keeper: LimitKeeper | undefined;
  /** What is used here while another process is answered. */
  private uses: ReadonlyMap<string, LimitUse> = new Map();
  private looks = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: LimitLoansOptions) {
    this.options = options;
    this.shares = new LimitShares({
      owned: () => options.partitions.size,
      now: options.now,
      useOf: (of) => this.uses.get(keyOf(of)) ?? { used: 0, wanted: 0 },
    });
    options.partitions.onTaken(() => this.keeper?.sharesChanged());
  }

  readonly share: ShareOf = (limit, tenantId) => this.shares.of(limit, tenantId);

  start(keeper: LimitKeeper): void {
    this.keeper = keeper;
    this.timer = setInterval(() => this.look(), lookMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.keeper = undefined;
  }

  /** Once a second. */
  look(): void {
    const { partitions, news, url, life, now } = this.options;
    this.shares.prune();
    const { peers } = partitions;
    if (this.keeper === undefined) return;
    const at = now();
    const uses = peers.length === 0 ? [] : this.keeper.limitUses();
    for (const [peer, requests] of this.shares.requests(uses, peers)) {
      const inTurn = rotated(requests, this.looks * requestsMax).slice(0, requestsMax);
      news.limits(peer, { limitsAsked: { url, life, at, requests: inTurn } });
    }
    this.looks += 1;
    this.keeper.sharesChanged();
  }

  /** Another process asks for some of what this one may use. */
  asked({ url, life, at, requests }: Asked): void {
    if (this.keeper === undefined || !this.options.partitions.peers.includes(url)) return;
    this.uses = new Map(this.keeper.limitUses().map((use) => [keyOf(use), use]));
    const loans = this.shares.lend(url, requests);
    this.options.news.limits(url, { limitsLent: { url: this.options.url, life, at, loans } });
  }

  /** Another process has answered. */
  lent({ url, life, at, loans }: Lent): void {
    if (life !== this.options.life) return;
    this.shares.borrow(url, at, loans);
    this.keeper?.sharesChanged();
  }
}

/** All of them, from that one on; behind the last comes the first. */
function rotated<T>(items: readonly T[], from: number): T[] {
  const start = from % Math.max(1, items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}

function keyOf({ limit, tenantId }: LimitOf): string {
  return `${limit} ${tenantId}`;
}
