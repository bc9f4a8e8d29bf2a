import { randomBytes } from 'node:crypto';
import { draftApproved, internalRoutes, type Draft, type DraftApproved } from '@parley/contracts';
import { errorsOf, openQuestions } from '@parley/conversation-domain';
import { AppError, makeId } from '@parley/kernel';
import { currentScope, type Context, type Outbox, type Services } from '@parley/nest-kit';
import { appendOutbox } from '@parley/postgres';
import type { ConversationFeed } from '../conversations/conversation-feed.js';
import type { Db, Tx } from '../prisma.module.js';
import { findDraft, lockDraft } from './draft-rows.js';

export interface ApproverOptions {
  readonly db: Db;
  readonly services: Services;
  readonly feed: ConversationFeed;
  readonly outbox: Outbox;
}

type Registered = Pick<DraftApproved, 'workflowId' | 'version'>;

/**
 * Approves exactly what was seen: the hash in the request must be that of the latest revision. The
 * version is registered first and recorded second; both are idempotent by the hash, so repeating an
 * approval that broke in between completes it.
 */
export class Approver {
  private readonly options: ApproverOptions;

  constructor(options: ApproverOptions) {
    this.options = options;
  }

  /** @throws AppError `stale-revision`, `open-questions`, `invalid-definition`, `not-found` */
  async approve(draftId: string, hash: string, caller: Context): Promise<DraftApproved> {
    const { db, services, feed, outbox } = this.options;
    const { tenantId } = caller;
    const seen = await db.withTenant(tenantId, (tx) => findDraft(tx, draftId));
    const revision = approvable(seen, hash);
    const registered = await services.call(internalRoutes.registerVersion, {
      body: {
        draftId,
        revision: revision.number,
        revisionHash: hash,
        source: revision.source,
        timezone: revision.timezone,
        conversationId: seen.conversationId,
        ...(seen.workflowId === undefined ? {} : { workflowId: seen.workflowId }),
        approvedBy: { kind: 'member', id: caller.principal, name: caller.name },
      },
    });
    const approved = { draftId, revision: revision.number, hash, ...registered };
    const draft = await db.withTenant(tenantId, async (tx) => {
      await lockDraft(tx, draftId);
      await record(tx, seen, approved);
      await appendOutbox(tx, [{ envelope: eventOf(seen, approved, caller) }]);
      return findDraft(tx, draftId);
    });
    outbox.hint();
    feed.publish(draft.conversationId, { event: 'draft', data: draft });
    return approved;
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
  const errors = errorsOf(latest.diagnostics);
  if (errors.length > 0) {
    throw new AppError('invalid-definition', draft.obstacles[0] ?? 'The definition has errors.', {
      errors: errors.map(({ pointer, message, code }) => ({ pointer, message, code })),
    });
  }
  return latest;
}

async function record(
  tx: Tx,
  draft: Draft,
  approved: Registered & { revision: number },
): Promise<void> {
  const { workflowId, version, revision } = approved;
  await tx.draft.update({
    where: { id: draft.id },
    data: { workflowId, versionInUse: version, approvedRevision: revision },
  });
  await tx.conversation.update({ where: { id: draft.conversationId }, data: { workflowId } });
}

function eventOf(draft: Draft, approved: DraftApproved, caller: Context) {
  const now = Date.now();
  const data = { ...approved, conversationId: draft.conversationId, by: caller.principal };
  return draftApproved.create(data, {
    id: makeId('event', now, randomBytes),
    tenantId: caller.tenantId,
    key: draft.conversationId,
    timeMs: now,
    traceparent: currentScope()?.traceparent,
  });
}
