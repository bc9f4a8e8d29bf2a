import {
  baseLevel,
  levelOf,
  levelOfFeature,
  levelOfKind,
  type Entry,
  type EntryKind,
  type LevelledFeature,
} from '@parley/engine';
import { AppError } from '@parley/kernel';
import type { Clock } from '../engine/clock.js';
import type { ReplicaStore } from './replica-store.js';

/** While an older replica is alive the answer stays the same. */
const askAgainMs = 60_000;

/**
 * What may be written, so that every replica can read it. A level is switched on when something of it
 * is first asked for: until then the release before can be started again.
 */
export class JournalLevels {
  private readonly store: Pick<ReplicaStore, 'switchOn'>;
  private readonly clock: Pick<Clock, 'now'>;
  private on: number = baseLevel;
  private askedAt = -Infinity;

  constructor(store: Pick<ReplicaStore, 'switchOn'>, clock: Pick<Clock, 'now'>) {
    this.store = store;
    this.clock = clock;
  }

  /** Another process may have switched a level on. It is never switched off. */
  learn(level: number): void {
    this.on = Math.max(this.on, level);
  }

  /** @throws AppError `unavailable` while a replica is alive that cannot read it */
  async switchOn(what: EntryKind | LevelledFeature): Promise<void> {
    await this.require(
      Object.hasOwn(levelOfFeature, what)
        ? levelOfFeature[what as LevelledFeature]
        : levelOfKind[what as EntryKind],
    );
  }

  /** @throws AppError `unavailable` while a replica is alive that cannot read it */
  async require(level: number): Promise<void> {
    if (level <= this.on) return;
    this.learn(await this.store.switchOn(level));
    this.assertOn(level);
  }

  /** Whether something may be written. */
  has(feature: LevelledFeature): boolean {
    return levelOfFeature[feature] <= this.on;
  }

  /** The same of what there is another way for; if it may not be, that is asked for, and it may be later. */
  hasOrAsks(feature: LevelledFeature): boolean {
    if (this.has(feature)) return true;
    const nowMs = this.clock.now();
    if (Math.abs(nowMs - this.askedAt) < askAgainMs) return false;
    this.askedAt = nowMs;
    // While it is refused the other way is taken.
    this.require(levelOfFeature[feature]).catch(() => undefined);
    return false;
  }

  /** For what was not asked for before. @throws AppError `unavailable` */
  assertWritable(entries: readonly Entry[]): void {
    this.assertOn(levelOf(entries));
  }

  private assertOn(level: number): void {
    if (level <= this.on) return;
    throw new AppError(
      'unavailable',
      'a replica of an older version of Parley is still running, and could not read what this would write; it is possible as soon as every replica has been updated',
    );
  }
}
