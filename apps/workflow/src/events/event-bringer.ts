import { hashText } from '@parley/ir';
import { isInteresting } from '@parley/engine';
import type { Message } from '../engine/turn-record.js';
import { typesOf } from '../engine/subscriptions.js';
import type { ArrivedEvent } from './arrived-event.js';
import type { EventStore, Subscription } from './event-store.pg.js';

/** How long an event is kept for tasks that begin to listen after it came. */
const keptMs = 5 * 60_000;
const sweepMs = 10_000;
const leftMax = 500;

export interface EventBringerOptions {
  readonly store: Pick<
    EventStore,
    | 'remember'
    | 'unbrought'
    | 'subscriptionsTo'
    | 'freshSubscriptions'
    | 'eventsBefore'
    | 'bring'
    | 'markBrought'
    | 'leftBehind'
    | 'forgetBefore'
  >;
  readonly now: () => number;
  readonly onError: (error: unknown, message: string) => void;
}

/**
 * Brings events to the runs that listen.
 *
 * B1  An event is remembered, durably, before it is held against the tasks that listen; a task listens,
 *     durably, before it is held against what is remembered. So one of them finds the other.
 *     What nobody was found for, because the process died in between, is found by a sweep.
 * B2  What is brought twice is one message (its id is made of event and task), and the run itself
 *     remembers what it heard last.
 * B3  Here it is only decided who might want an event; the run decides whether it does.
 * B4  What comes again after it was brought is not: a task that has begun to listen since then is
 *     another one, and its run has heard it.
 */
export class EventBringer {
  private readonly options: EventBringerOptions;
  private timer: NodeJS.Timeout | undefined;
  /** Partitions of which it is not known whether somebody began to listen when nobody had them. */
  private readonly unchecked = new Set<number>();
  private brought: (messages: readonly Message[]) => void = () => undefined;

  constructor(options: EventBringerOptions) {
    this.options = options;
  }

  /**
   * @param partitions those that this process has just taken over
   * @param brought is told of messages that are now in inboxes of runs, which would be found there
   *   somewhat later
   */
  async start(
    partitions: readonly number[],
    brought: (messages: readonly Message[]) => void,
  ): Promise<void> {
    this.brought = brought;
    clearInterval(this.timer);
    this.timer = setInterval(() => void this.sweep(), sweepMs);
    await this.catchUpIn(partitions);
    await this.sweep();
  }

  /** These partitions have come later; what fails now is made up for by a sweep. */
  taken(partitions: readonly number[]): void {
    this.catchUpIn(partitions).catch((error: unknown) => {
      this.options.onError(
        error,
        'who has begun to listen could not be read; it is read again soon',
      );
    });
  }

  /** Whoever had them may have died between the begin of a task and its `catchUp` (B1). */
  private async catchUpIn(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    for (const partition of partitions) this.unchecked.add(partition);
    const fresh = await this.options.store.freshSubscriptions(partitions, keptMs);
    for (const subscription of fresh) await this.catchUp(subscription);
    for (const partition of partitions) this.unchecked.delete(partition);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Resolves when everybody who wants the events will hear them. */
  async arrived(events: readonly ArrivedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const { store } = this.options;
    await store.remember(events); // B1
    await this.bring(await store.unbrought(events)); // B4
  }

  /** Like `arrived`, for events that are remembered already. */
  async bring(events: readonly ArrivedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const messages: Message[] = [];
    for (const [tenantId, some] of Map.groupBy(events, (event) => event.tenantId)) {
      const types = [...new Set(some.map(({ type }) => type))];
      const subscriptions = await this.options.store.subscriptionsTo(tenantId, types);
      for (const event of some) {
        for (const subscription of subscriptions) {
          if (this.isWanted(event, subscription)) messages.push(messageOf(event, subscription));
        }
      }
    }
    await this.deliver(messages);
    await this.options.store.markBrought(events);
  }

  /** Like `catchUp`, for somebody who does not wait for it. */
  begun(subscription: Subscription): void {
    this.catchUp(subscription).catch((error: unknown) => {
      this.options.onError(
        error,
        `run ${subscription.runId} may have missed an event at its start`,
      );
    });
  }

  /** A task has begun to listen: events of the last minutes that its run has not heard are brought. */
  async catchUp(subscription: Subscription): Promise<void> {
    const types = typesOf(subscription.interests);
    const before = await this.options.store.eventsBefore(subscription, types, keptMs);
    const wanted = before.filter((event) => this.isWanted(event, subscription));
    await this.deliver(wanted.map((event) => messageOf(event, subscription, true)));
  }

  private isWanted({ event, runId }: ArrivedEvent, subscription: Subscription): boolean {
    if (runId !== undefined && runId !== subscription.runId) return false;
    return isInteresting(event, subscription.interests, this.options.now());
  }

  private async deliver(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    this.brought(await this.options.store.bring(messages));
  }

  /** Brings what a process that died had only remembered, and forgets what is old. */
  private async sweep(): Promise<void> {
    try {
      await this.catchUpIn([...this.unchecked]);
      const left = await this.options.store.leftBehind(leftMax);
      if (left.length > 0) await this.bring(left);
      await this.options.store.forgetBefore(2 * keptMs);
    } catch (error) {
      this.options.onError(error, 'events that were left behind could not be brought; again soon');
    }
  }
}

/** B2 */
function messageOf(
  { source, id, event }: ArrivedEvent,
  { runId, tenantId, occurrence, attempt }: Subscription,
  late = false,
): Message {
  const identity = [source, id, runId, occurrence, String(attempt)].join('\0');
  const stimulus = { kind: 'event', occurrence, event, ...(late ? { late } : {}) } as const;
  return {
    id: `evt:${hashText(identity).slice(0, 40)}`,
    tenantId,
    runId,
    body: { kind: 'tell', stimulus },
  };
}
