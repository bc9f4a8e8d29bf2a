import type {
  Approval,
  Connector,
  Conversation,
  ConversationState,
  Draft,
  DraftApproved,
  LeasedTasks,
  Me,
  Run,
  RunTimeline,
  Secret,
  Turn,
} from '@parley/contracts';
import { expect } from '@jest/globals';
import { HeadlessBrowser } from '../dev/issuer/browser.ts';
import { startPlatform, type Platform } from '../dev/platform.ts';
import { ApiCaller } from './api-caller.ts';
import { demoCalls } from './demo-client.ts';
import { eventually } from './driver.ts';

/** A platform with the demo business and one of each kind of person. */
export interface Scene {
  readonly platform: Platform;
  readonly stranger: ApiCaller;
  readonly owner: ApiCaller;
  readonly viewer: ApiCaller;
  /** Has the roles operator and manager. */
  readonly manager: ApiCaller;
  /** Owner of another tenant. */
  readonly second: ApiCaller;
  /** The text of every answer so far. */
  readonly heard: string[];
  callerWith(bearer: string): ApiCaller;
}

export async function openScene(): Promise<Scene> {
  const platform = await startPlatform({ quiet: true });
  const heard: string[] = [];
  const callerWith = (bearer?: string) => new ApiCaller({ baseUrl: platform.url, bearer, heard });
  try {
    const issuer = `http://127.0.0.1:${String(platform.portBase + 2)}`;
    const browser = new HeadlessBrowser(issuer, platform.url);
    const as = async (who: { loginToken?: string; email?: string }) =>
      callerWith((await browser.signIn(who)).accessToken);
    const owner = await as({ loginToken: platform.loginToken });
    const viewer = await as({ email: 'viewer@parley.local' });
    const manager = await as({ email: 'manager@parley.local' });
    const second = await as({ email: 'owner@second.local' });
    await owner.ask('POST /v1/connectors/demo');
    return { platform, stranger: callerWith(), owner, viewer, manager, second, heard, callerWith };
  } catch (error) {
    await platform.stop();
    throw error;
  }
}

/** A definition with these tasks. */
export function definition(name: string, tasks: string, input = ''): string {
  const document = `{ dsl: 1.0.3, namespace: testbed, name: ${name}, version: 0.1.0 }`;
  return `document: ${document}\n${input}do:\n${tasks}`;
}

export interface Drafted {
  readonly conversationId: string;
  readonly turnId: string;
  readonly messageId: string;
  readonly draftId: string;
  readonly hash: string;
}

/** A draft that has become `source` by hand. */
export async function draft(caller: ApiCaller, source: string): Promise<Drafted> {
  const { id } = await caller.ask<Conversation>('POST /v1/conversations', { body: {} });
  const text = 'Check the kitchen capacity.';
  const turn = await caller.ask<Turn>(`POST /v1/conversations/${id}/turns`, { body: { text } });
  const proposed = await settled(caller, id);
  if (proposed.draft === undefined) throw new Error(`no draft: ${JSON.stringify(proposed)}`);
  const edited = await edit(caller, proposed.draft, source);
  return {
    conversationId: id,
    turnId: turn.id,
    messageId: turn.userMessageId,
    draftId: edited.id,
    hash: hashOf(edited),
  };
}

export async function edit(
  caller: ApiCaller,
  before: Draft | undefined,
  source: string,
): Promise<Draft> {
  return caller.ask<Draft>(`POST /v1/drafts/${before?.id ?? ''}/revisions`, {
    body: { source },
    headers: { 'if-match': hashOf(before) },
  });
}

export async function approve(
  caller: ApiCaller,
  { draftId, hash }: Pick<Drafted, 'draftId' | 'hash'>,
): Promise<DraftApproved> {
  const headers = { 'if-match': hash };
  return caller.ask<DraftApproved>(`POST /v1/drafts/${draftId}/approve`, { headers });
}

export async function bringIntoUse(
  caller: ApiCaller,
  source: string,
): Promise<Drafted & DraftApproved> {
  const drafted = await draft(caller, source);
  return { ...drafted, ...(await approve(caller, drafted)) };
}

/** A conversation whose turn has ended. */
export function settled(caller: ApiCaller, id: string): Promise<ConversationState> {
  return eventually(async () => {
    const state = await caller.ask<ConversationState>(`GET /v1/conversations/${id}`);
    return state.turn?.status === 'running' ? undefined : state;
  });
}

export function hashOf(of: Draft | undefined): string {
  return of?.latest?.hash ?? '';
}

export function start(caller: ApiCaller, workflowId: string, input: unknown = {}): Promise<Run> {
  return caller.ask<Run>(`POST /v1/workflows/${workflowId}/runs`, { body: { input } });
}

/** A run that has nothing more to do by itself. */
export function resting(caller: ApiCaller, runId: string): Promise<Run> {
  return eventually(async () => {
    const run = await caller.ask<Run>(`GET /v1/runs/${runId}`);
    return run.status === 'pending' || run.status === 'running' ? undefined : run;
  });
}

export async function approvalOf(caller: ApiCaller, runId: string): Promise<Approval> {
  await resting(caller, runId);
  const { items } = await caller.ask<{ items: Approval[] }>(`GET /v1/approvals?runId=${runId}`);
  if (items[0] === undefined) throw new Error(`run ${runId} asks nobody`);
  return items[0];
}

/** Ids of one thing of each kind, by the name of the path parameter; all are the owner's. */
export async function ownersThings(
  owner: ApiCaller,
  used: Drafted & DraftApproved,
  runId: string,
): Promise<Record<string, string>> {
  const { member } = await owner.ask<Me>('GET /v1/me');
  const connectors = await owner.ask<{ items: Connector[] }>('GET /v1/connectors');
  const { steps } = await owner.ask<RunTimeline>(`GET /v1/runs/${runId}/timeline`);
  const { id: approval } = await approvalOf(owner, runId);
  const secret = await owner.ask<Secret>('PUT /v1/secrets/billing', {
    body: { value: 'a-token-of-the-test', hosts: ['billing.example.com'] },
  });
  const work = '- give: { call: worker, with: { queue: packing, task: pack } }\n';
  const giving = await bringIntoUse(owner, definition('give-work', work));
  await start(owner, giving.workflowId);
  const { tasks } = await owner.ask<LeasedTasks>('POST /v1/task-queues/packing/poll', {
    body: { worker: 'one', leaseSeconds: 3_600, waitSeconds: 30 },
  });
  const pos = connectors.items.find(({ name }) => name === 'pos');
  return {
    conversation: used.conversationId,
    turn: used.turnId,
    message: used.messageId,
    draft: used.draftId,
    revision: '1',
    connector: pos?.id ?? '',
    scheme: 'apiKey',
    workflow: used.workflowId,
    version: '1',
    tag: 'live',
    run: runId,
    occurrence: steps.find(({ output }) => output !== undefined)?.occurrence ?? '',
    part: 'output',
    entry: '1',
    approval,
    member: member.id,
    secret: secret.name,
    queue: 'packing',
    task: tasks[0]?.id ?? '',
  };
}

const lists = ['connectors', 'workflows', 'runs', 'approvals', 'members'];

/** Runs calls that are to be refused, and checks that nobody can see a difference afterwards. */
export async function unchangedIn(scene: Scene, calls: () => Promise<void>): Promise<void> {
  const before = await everything(scene);
  await calls();
  expect(await everything(scene)).toEqual(before);
}

/** All that both tenants can see, and every call that the demo business has had. */
export async function everything({ owner, second, platform }: Scene): Promise<unknown> {
  const of = async (caller: ApiCaller) => {
    const page = (list: string) =>
      caller.ask<{ items: { id: string }[] }>(`GET /v1/${list}?pageSize=200`);
    const { items } = await page('conversations');
    const talks = items.map(({ id }) => caller.ask(`GET /v1/conversations/${id}`));
    const tenant = caller.ask('GET /v1/tenant');
    return Promise.all([tenant, ...lists.map(page), ...talks]);
  };
  return Promise.all([of(owner), of(second), demoCalls(platform)]);
}
