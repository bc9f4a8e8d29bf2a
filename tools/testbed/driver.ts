import {
  isParleyError,
  ParleyClient,
  type CallId,
  type CallOptions,
  type ResponseOf,
} from '@parley/sdk';

const patienceMsDefault = 60_000;

/** Asks again until there is an answer, through everything that passes by itself. */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  patienceMs = patienceMsDefault,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!isParleyError(error) || !error.retryable || Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error(`nothing after ${String(patienceMs / 1000)} s`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** A client whose every call is repeated while the platform is being knocked over. */
export function persistentClient(
  baseUrl: string,
  accessToken: string,
  patienceMs?: number,
): ParleyClient {
  return new (class extends ParleyClient {
    override call<K extends CallId>(id: K, options?: CallOptions<K>): Promise<ResponseOf<K>> {
      return eventually(async () => ({ answer: await super.call(id, options) }), patienceMs).then(
        ({ answer }) => answer,
      );
    }
  })({ baseUrl, token: () => accessToken });
}

/** Brings a hand-written definition into use, the way an engineer does. @returns the workflow's id */
export async function approveDefinition(client: ParleyClient, source: string): Promise<string> {
  const conversation = await client.call('createConversation', { body: {} });
  await client.call('startTurn', {
    params: { conversation: conversation.id },
    body: { text: 'Check the kitchen capacity.' },
    idempotencyKey: 'first-draft',
  });
  const draft = await eventually(async () => {
    const state = await client.call('getConversation', {
      params: { conversation: conversation.id },
    });
    return state.turn === undefined ? state.draft : undefined;
  });
  const edited = await client.call('editDraft', {
    params: { draft: draft.id },
    body: { source },
    ifMatch: draft.latest?.hash ?? '',
  });
  if (!edited.approvable) throw new Error(edited.obstacles.join('\n'));
  const approved = await client.call('approveDraft', {
    params: { draft: draft.id },
    ifMatch: edited.latest?.hash ?? '',
  });
  return approved.workflowId;
}
