import { partitionCount } from '../engine/run-id.js';
import {
  tenantLimits,
  type LimitOf,
  type LimitUse,
  type TenantLimit,
} from '../engine/tenant-limits.js';

/** For so long after it was asked for something may be begun with a loan; it is renewed every second. */
const usableMs = 2_500;
/** For so long its lender holds it: what was begun in the last moment is told of in time. */
export const heldMs = 5_000;

/** What one process asks another for: in all, whatever it has lent before. */
export type LoanRequest = LimitUse;

export interface Loan extends LimitOf {
  /** Up to so much the borrower may begin something. */
  readonly amount: number;
  /** So much is kept for it: at least what it still uses of earlier loans. */
  readonly held: number;
}

export interface LimitSharesOptions {
  /** Partitions that this process has. */
  readonly owned: () => number;
  /** Milliseconds that only grow. */
  readonly now: () => number;
  /** What this process uses itself. */
  readonly useOf: (of: LimitOf) => Pick<LimitUse, 'used' | 'wanted'>;
  /** @default those of the engine */
  readonly limits?: Readonly<Record<TenantLimit, number>>;
}

interface Borrowed {
  readonly amount: number;
  /** The most that was held for this process, by this loan or the one before. */
  readonly held: number;
  /** By this process's clock. */
  readonly askedAt: number;
}

/** By peer, for one limit of one tenant. */
interface Account {
  readonly borrowed: Map<string, Borrowed>;
  /** Oldest and largest first: each may still be in use. */
  readonly lent: Map<string, readonly { readonly held: number; readonly until: number }[]>;
  readonly asked: Map<string, { readonly wanted: number; readonly until: number }>;
}

/**
 * Limits of tenants that several processes keep together: each has the share of the partitions that it
 * owns, and lends what it does not use.
 *
 * B1  What all processes may use together is at most the limit, and one more for each process whose share
 *     is less than one: no process is without. Lost, late and repeated news do not change that: a loan
 *     ends for its borrower before it ends for its lender, whatever became of the news of it, and no two
 *     clocks are compared.
 * B2  What is in use of a loan is held for its borrower as long as that is heard, so its lender begins
 *     nothing in its place. When the lender wants its own share back, the borrower begins nothing more
 *     with it, and the lender has it as soon as what is in use has ended.
 * B3  Beyond that there is only what was begun under a share that has gone since: with partitions that
 *     have moved, or a loan whose lender was not heard for `heldMs`. It ends; nothing is begun meanwhile.
 * B4  A process that has all partitions has the limit itself.
 */
export class LimitShares {
  private readonly options: LimitSharesOptions;
  private readonly limits: Readonly<Record<TenantLimit, number>>;
  private readonly accounts = new Map<string, Account>();

  constructor(options: LimitSharesOptions) {
    this.options = options;
    this.limits = options.limits ?? tenantLimits;
  }

  /** How much this process may use now. */
  of(limit: TenantLimit, tenantId: string): number {
    const account = this.accounts.get(keyOf({ limit, tenantId }));
    if (account === undefined) return Math.max(1, this.baseOf(limit));
    const borrowed = sum(this.loansOf(account).map(([, { amount }]) => amount));
    return Math.min(this.limits[limit], this.ownOf(limit, account) + borrowed);
  }

  /**
   * What to ask whom for, so that this process can do what it would like to; what is lacking, of all
   * alike.
   */
  requests(uses: readonly LimitUse[], peers: readonly string[]): Map<string, LoanRequest[]> {
    const requests = new Map<string, LoanRequest[]>();
    for (const { limit, tenantId, used, wanted } of uses) {
      const account = this.accounts.get(keyOf({ limit, tenantId }));
      const own = account === undefined ? this.baseOf(limit) : this.ownOf(limit, account);
      const lacking = Math.min(this.limits[limit], Math.max(used, wanted)) - Math.max(1, own);
      if (lacking <= 0) continue;
      const loans = new Map(account === undefined ? [] : this.loansOf(account));
      const had = sum([...loans.values()].map(({ amount }) => amount));
      const held = sum([...loans.values()].map((loan) => loan.held));
      for (const peer of peers) {
        const loan = loans.get(peer) ?? { amount: 0, held: 0 };
        const more = loan.amount + Math.ceil((lacking - had) / peers.length);
        const less = Math.ceil((loan.amount * lacking) / Math.max(1, had));
        const inUse = Math.ceil((loan.held * Math.max(0, used - own)) / Math.max(1, held));
        const request = {
          ...{ limit, tenantId },
          wanted: Math.min(lacking, had < lacking ? more : less),
          used: Math.min(loan.held, inUse),
        };
        if (request.wanted === 0 && request.used === 0) continue;
        requests.set(peer, [...(requests.get(peer) ?? []), request]);
      }
    }
    return requests;
  }

  /** Another process asks. @returns what it is lent, from when it asked on */
  lend(peer: string, requests: readonly LoanRequest[]): Loan[] {
    return requests.map((request) => this.lendOne(peer, request));
  }

  /** Another process has answered what this one asked for at `askedAt`. */
  borrow(peer: string, askedAt: number, loans: readonly Loan[]): void {
    for (const { amount, held, ...of } of loans) {
      const { borrowed } = this.accountOf(of);
      const before = borrowed.get(peer);
      if (before !== undefined && before.askedAt > askedAt) continue; // Overtaken by a later answer.
      borrowed.set(peer, {
        amount,
        held: Math.max(held, before?.amount ?? 0),
        askedAt: Math.min(askedAt, this.options.now()),
      });
    }
  }

  /** Forgets what is over. */
  prune(): void {
    const now = this.options.now();
    for (const [key, account] of this.accounts) {
      const valid = new Map(this.loansOf(account));
      for (const peer of [...account.borrowed.keys()]) {
        if (!valid.has(peer)) account.borrowed.delete(peer);
      }
      for (const [peer, { until }] of account.asked) if (until <= now) account.asked.delete(peer);
      for (const peer of [...account.lent.keys()]) {
        if (this.lentTo(account, peer) === 0) account.lent.delete(peer);
      }
      if (account.borrowed.size + account.asked.size + account.lent.size === 0) {
        this.accounts.delete(key);
      }
    }
  }

  private lendOne(peer: string, request: LoanRequest): Loan {
    const account = this.accountOf(request);
    const now = this.options.now();
    const until = now + heldMs;
    account.asked.set(peer, { wanted: request.wanted, until });
    const base = this.baseOf(request.limit);
    const before = this.lentTo(account, peer);
    const toOthers = this.lentInAll(account) - before;
    const { used, wanted } = this.options.useOf(request);
    const reserve = Math.max(1, Math.min(base, Math.max(used, wanted)));
    const fair = this.fairPart(account, peer, base - reserve);
    const amount = Math.max(0, Math.min(request.wanted, fair, base - reserve - toOthers));
    const held = Math.max(amount, Math.min(request.used, before, base - 1 - toOthers)); // B2
    const still = (account.lent.get(peer) ?? []).filter(
      (loan) => loan.until > now && loan.held > held,
    );
    account.lent.set(peer, [...still, { held, until }]);
    return { limit: request.limit, tenantId: request.tenantId, amount, held };
  }

  /** Those who want less than an equal part leave the rest to the others. */
  private fairPart({ asked }: Account, peer: string, amount: number): number {
    const now = this.options.now();
    const wants = [...asked].filter(([, { until }]) => until > now);
    const smallestFirst = wants.sort(([, a], [, b]) => a.wanted - b.wanted);
    let left = amount;
    for (const [at, [asking, { wanted }]] of smallestFirst.entries()) {
      const part = Math.min(wanted, Math.ceil(left / (smallestFirst.length - at)));
      if (asking === peer) return part;
      left -= part;
    }
    return 0;
  }

  private baseOf(limit: TenantLimit): number {
    return Math.floor((this.limits[limit] * this.options.owned()) / partitionCount);
  }

  private ownOf(limit: TenantLimit, account: Account): number {
    return Math.max(1, this.baseOf(limit) - this.lentInAll(account));
  }

  private lentInAll(account: Account): number {
    return sum([...account.lent.keys()].map((peer) => this.lentTo(account, peer)));
  }

  /** The most of what may still be in use: the news of a later, smaller loan may be lost. */
  private lentTo({ lent }: Account, peer: string): number {
    const now = this.options.now();
    const loans = lent.get(peer) ?? [];
    return Math.max(0, ...loans.filter(({ until }) => until > now).map(({ held }) => held));
  }

  private loansOf({ borrowed }: Account): [string, Borrowed][] {
    const now = this.options.now();
    return [...borrowed].flatMap(([peer, loan]): [string, Borrowed][] => {
      if (loan.askedAt <= now - heldMs) return [];
      return [[peer, loan.askedAt > now - usableMs ? loan : { ...loan, amount: 0 }]];
    });
  }

  private accountOf(of: LimitOf): Account {
    const key = keyOf(of);
    const account = this.accounts.get(key) ?? {
      borrowed: new Map(),
      lent: new Map(),
      asked: new Map(),
    };
    this.accounts.set(key, account);
    return account;
  }
}

function keyOf({ limit, tenantId }: LimitOf): string {
  return `${limit} ${tenantId}`;
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
