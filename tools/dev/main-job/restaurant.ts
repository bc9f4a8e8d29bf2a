import assert from 'node:assert/strict';

import type { Json } from '@parley/kernel';

import { demoCalls, type DemoCall } from '../../testbed/demo-client.ts';
import type { Platform } from '../platform.ts';
import { portOffsets } from '../ports.ts';

/** An order as the till of the demo business tells it. */
export interface Order {
  readonly orderId: string;
  readonly status: string;
  readonly total: number;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
}

/** The demo business, asked at its own addresses and not through Parley. */
export class Restaurant {
  private readonly platform: Platform;
  private apiKey: Record<string, string> | undefined;

  constructor(platform: Platform) {
    this.platform = platform;
  }

  async order(orderId: string): Promise<Order> {
    return (await this.get(`/pos/orders/${orderId}`)) as Order;
  }

  async preparationsOf(orderId: string): Promise<number> {
    const { preparations } = (await this.get(`/kitchen/preparations?orderId=${orderId}`)) as {
      preparations: unknown[];
    };
    return preparations.length;
  }

  /** Texts that members of the staff got, latest first. */
  async messages(): Promise<string[]> {
    const { messages } = (await this.get('/staff/messages')) as { messages: { text: string }[] };
    return messages.map(({ text }) => text);
  }

  /** Number of the last call that was received. */
  async mark(): Promise<number> {
    return (await demoCalls(this.platform)).at(-1)?.seq ?? 0;
  }

  /** Calls by Parley since a mark: those that this class makes itself carry no idempotency key. */
  async callsSince(mark: number): Promise<ReadonlyMap<string, readonly DemoCall[]>> {
    const calls = (await demoCalls(this.platform)).filter(({ seq }) => seq > mark);
    return Map.groupBy(calls, ({ operation }) => operation);
  }

  private async get(path: string): Promise<unknown> {
    this.apiKey ??= await this.publishedKey();
    const response = await fetch(`${this.url}${path}`, { headers: this.apiKey });
    assert(response.ok, `the demo answers ${response.status} to ${path}`);
    return response.json();
  }

  /** The demo tells everybody the key of its till. */
  private async publishedKey(): Promise<Record<string, string>> {
    const response = await fetch(this.url);
    const { documents } = (await response.json()) as {
      documents: { credential?: { header: string; value: string } }[];
    };
    const keys = documents.flatMap(({ credential }) => credential ?? []);
    return Object.fromEntries(keys.map(({ header, value }) => [header, value]));
  }

  private get url(): string {
    return `http://127.0.0.1:${this.platform.portBase + portOffsets.demo}`;
  }
}

/** What a caller of the workflow sends for this order. */
export function inputOf({ orderId, total, items }: Order): Json {
  return {
    orderId,
    total,
    items: items.map(({ sku, quantity }) => ({ sku, quantity })),
  };
}
