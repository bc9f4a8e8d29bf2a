import {
  draftApproved,
  internalRoutes,
  type Draft,
  type DraftApproved,
  type DraftRevision,
  type RegisterVersion,
  type VersionRegistered,
} from '@parley/contracts';
import { hindranceInWords, hindrancesIn, openQuestions } from '@parley/conversation-domain';
import { AppError, isAppError } from '@parley/kernel';
import { eventFacts, type Context, type Outbox, type Services } from '@parley/nest-kit';
import { appendOutbox } from '@parley/postgres';
import type { ConversationFeed } from '../conversations/conversation-feed.js';
import { findConversation } from '../conversations/conversation-rows.js';
import type { Db, Tx } from '../prisma.module.js';
import { conversationOf } from '../rows.js';
import { findDraft, lockDraft } from './draft-rows.js';
import type { RevisionWriter } from './revision-writer.js';

export interface ApproverOptions {
  readonly db: Db;
  readonly services: Services;
  readonly writer: RevisionWriter;
  readonly feed: ConversationFeed;
  readonly outbox: Outbox;
}

/**
 * Approves exactly what was seen: the hash in the request must be that of the latest revision. The
 * version is registered first and recorded second; both happen once however often they are asked for,
 * so repeating an approval that broke in between completes it.
 */
export class Approver {
  private readonly options: ApproverOptions;

  constructor(options: ApproverOptions) {
    this.options = options;
  }

  /** @throws AppError `stale-revision`, `open-questions`, `invalid-definition`, `not-found`, `timeout` */
  async approve(draftId: string, hash: string, caller: Context): Promise<DraftApproved> {
    const { db, feed, outbox } = this.options;
    const { tenantId } = caller;
    const seen = await db.withTenant(tenantId, (tx) => findDraft(tx, draftId));
    const revision = approvable(seen, hash);
    const registered = await this.register(seen, revision, caller);
    const approved = { draftId, revision: revision.number, hash, ...registered };
    const { draft, conversation } = await db.withTenant(tenantId, async (tx) => {
      const locked = await lockDraft(tx, draftId);
      if (!isRecorded(locked, approved)) await record(tx, approved, { locked, caller });
      return {
        draft: await findDraft(tx, draftId),
        conversation: await findConversation(tx, seen.conversationId),
      };
    });
    outbox.hint();
    feed.publish(conversation.id, { event: 'draft', data: draft });
    feed.publish(conversation.id, { event: 'conversation', data: conversationOf(conversation) });
    return approved;
  }

  private async register(
    seen: Draft,
    revision: DraftRevision & { readonly irHash: string },
    caller: Context,
  ): Promise<VersionRegistered> {
    try {
      return await register(this.options.services, {
        draftId: seen.id,
        revision: revision.number,
        revisionHash: revision.hash,
        irHash: revision.irHash,
        source: revision.source,
        timezone: revision.timezone,
        conversationId: seen.conversationId,
        ...(seen.workflowId === undefined ? {} : { workflowId: seen.workflowId }),
        approvedBy: { kind: 'member', id: caller.principal, name: caller.name },
      });
    } catch (error) {
      if (!isAppError(error) || error.code !== 'stale-revision') throw error;
      throw await this.renewed(revision, caller, error);
    }
  }

  /**
   * The text means something else than when it was shown. A revision with the same text shows what it
   * means now, so that somebody can approve that.
   */
  private async renewed(
    outdated: DraftRevision,
    caller: Context,
    cause: AppError,
  ): Promise<AppError> {
    const { db, writer, feed, outbox } = this.options;
    const { source, timezone, questions, number, draftId } = outdated;
    const author = { kind: 'member' as const, id: caller.principal, name: caller.name };
    const proposal = { source, timezone, questions, author, restoredFrom: number };
    const checked = await writer.check({ ...proposal, origin: 'restore' }, undefined);
    const summary = [cause.message];
    const draft = await db.withTenant(caller.tenantId, async (tx) => {
      const locked = await lockDraft(tx, draftId);
      if (locked.latest?.hash === outdated.hash) {
        await writer.write(tx, locked, { ...checked, summary }, caller.tenantId);
      }
      return findDraft(tx, draftId);
    });
    outbox.hint();
    feed.publish(draft.conversationId, { event: 'draft', data: draft });
    const now = draft.latest?.number ?? number;
    const message = `${cause.message} Revision ${String(now)} shows what it is now: look at it and approve that.`;
    return new AppError('stale-revision', message, { cause });
  }
}

/** Documents are fetched and compiled meanwhile; a little less than the edge waits for an answer. */
const registerMsMax = 30_000;

async function register(services: Services, body: RegisterVersion): Promise<VersionRegistered> {
  try {
    return await services.call(internalRoutes.registerVersion, { body, timeoutMs: registerMsMax });
  } catch (error) {
    if (!isAppError(error) || error.code !== 'timeout') throw error;
    const message = `Making a version of this draft takes longer than ${registerMsMax / 1_000} s. Approve it again in a moment: that completes what has begun.`;
    throw new AppError('timeout', message, { cause: error, retryAfterSeconds: 5 });
  }
}

function approvable(draft: Draft, hash: string) {
  const { latest } = draft;
  if (latest?.hash !== hash) {
    throw new AppError(
      'stale-revision',
      'This is not the latest revision of the draft. Look at the latest one and approve that.',
    );
  }
  const open = openQuestions(latest.questions);
  if (open.length > 0) {
    throw new AppError('open-questions', draft.obstacles[0] ?? 'Questions are open.', {
      errors: open.map(({ number, text }) => ({ message: `Question ${String(number)}: ${text}` })),
    });
  }
  const hindrances = hindrancesIn(latest.diagnostics);
  if (hindrances.length > 0) {
    throw new AppError('invalid-definition', draft.obstacles[0] ?? 'The definition has errors.', {
      errors: hindrances.map((found) => ({
        pointer: found.pointer,
        message: hindranceInWords(found),
        code: found.code,
      })),
    });
  }
  const { irHash } = latest;
  if (irHash === undefined) {
    const message =
      'This revision was made by an earlier version of Parley. Restore it, look at it and approve that.';
    throw new AppError('stale-revision', message);
  }
  return { ...latest, irHash };
}

/** An approval is recorded once, and a late one does not take the place of a later revision's. */
function isRecorded(draft: Draft, { revision }: DraftApproved): boolean {
  return (draft.approvedRevision ?? 0) >= revision;
}

async function record(
  tx: Tx,
  approved: DraftApproved,
  { locked, caller }: { locked: Draft; caller: Context },
): Promise<void> {
  const { workflowId, version, revision } = approved;
  const { id, conversationId } = locked;
  await tx.draft.update({
    where: { id },
    data: { workflowId, versionInUse: version, approvedRevision: revision },
  });
  await tx.conversation.update({ where: { id: conversationId }, data: { workflowId } });
  const data = { ...approved, conversationId, by: caller.principal };
  const envelope = draftApproved.create(data, eventFacts(caller.tenantId, conversationId));
  await appendOutbox(tx, [{ envelope }]);
}
