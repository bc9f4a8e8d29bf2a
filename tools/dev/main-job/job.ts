import assert from 'node:assert/strict';

import type { ConversationState, Draft, DraftRevision } from '@parley/contracts';
import { ParleyClient } from '@parley/sdk';

import { HeadlessBrowser, type Tokens } from '../issuer/browser.ts';
import type { Platform } from '../platform.ts';
import { portOffsets } from '../ports.ts';

/** What the person of the main job asks for. */
export const mainRequest =
  'When an order is placed, check kitchen capacity and stock; if both are fine schedule ' +
  'preparation and confirm, else reject. Ask the manager when the total is above 200.';

/** Who signs in; the development issuer's people. */
const people = {
  owner: 'owner@parley.local',
  manager: 'manager@parley.local',
  viewer: 'viewer@parley.local',
} as const;

/** One way through the main job; each step leaves what the next ones need. */
export interface Job {
  readonly platform: Platform;
  readonly owner: ParleyClient;
  readonly manager: ParleyClient;
  readonly viewer: ParleyClient;
  /** Where the owner is signed in. */
  readonly browser: HeadlessBrowser;
  readonly issuer: string;
  conversationId?: string;
  draft?: Draft;
  workflowId?: string;
  /** Every run that was started. */
  readonly runIds: string[];
}

/** Signs in as everybody who takes part, through the doors that a browser uses. */
export async function openJob(platform: Platform): Promise<Job> {
  const issuer = `http://127.0.0.1:${platform.portBase + portOffsets.issuer}`;
  const browser = new HeadlessBrowser(issuer, platform.url);
  await browser.signIn({ loginToken: platform.loginToken });
  const manager = await browser.signIn({ email: people.manager });
  const viewer = await browser.signIn({ email: people.viewer });
  const owner = await browser.signIn({ email: people.owner });
  const clientOf = ({ accessToken }: Tokens) =>
    new ParleyClient({ baseUrl: platform.url, token: () => accessToken });
  return {
    platform,
    owner: clientOf(owner),
    manager: clientOf(manager),
    viewer: clientOf(viewer),
    browser,
    issuer,
    runIds: [],
  };
}

/** What an earlier step left. */
export function need<T>(value: T | undefined, what: string): T {
  assert(value !== undefined, `there is no ${what} yet`);
  return value;
}

export function latestOf(draft: Draft | undefined): DraftRevision {
  return need(draft?.latest, 'revision of the draft');
}

/** What a turn brought. */
export interface Answered {
  readonly text: string;
  /** Pieces in which the text arrived. */
  readonly pieces: number;
  readonly state: ConversationState;
}

/** Says something and reads the reply as it arrives. */
export async function say(
  client: ParleyClient,
  conversation: string,
  turn: { text: string; answers?: { question: number; value: string }[] },
): Promise<Answered> {
  const leave = new AbortController();
  const params = { conversation };
  const events = client.events('conversationEvents', { params, signal: leave.signal });
  try {
    const first = await events.next();
    assert(
      first.done !== true && first.value.event === 'state',
      'the stream begins with the state',
    );
    const { id } = await client.call('startTurn', {
      params,
      body: turn,
      idempotencyKey: crypto.randomUUID(),
    });
    let text = '';
    let pieces = 0;
    for await (const event of events) {
      if (event.event === 'delta' && event.data.turnId === id) {
        assert.equal(event.data.offset, text.length, 'a piece of the reply is missing');
        text += event.data.text;
        pieces += 1;
      }
      if (event.event !== 'turn' || event.data.id !== id) continue;
      assert.notEqual(event.data.status, 'failed', event.data.error);
      if (event.data.status === 'completed') break;
    }
    const state = await client.call('getConversation', { params });
    const reply = state.messages.find(({ role, turnId }) => role === 'assistant' && turnId === id);
    assert.equal(reply?.text, text, 'the reply differs from the text that was streamed');
    return { text, pieces, state };
  } finally {
    leave.abort();
  }
}
