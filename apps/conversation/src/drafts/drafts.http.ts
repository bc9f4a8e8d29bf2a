import { Body, Controller, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import {
  DraftDiffQuery,
  routes,
  type DefinitionDiff,
  type Draft,
  type DraftApproved,
  type DraftRevision,
  type EditDraft,
  type PageQuery,
  type RestoreDraft,
} from '@parley/contracts';
import { questionsAfterEdit } from '@parley/conversation-domain';
import { AppError } from '@parley/kernel';
import {
  Caller,
  Endpoint,
  ifMatchOf,
  Outbox,
  pageOf,
  pageTokenOf,
  Services,
  type Context,
  type Page,
} from '@parley/nest-kit';
import type { FastifyReply } from 'fastify';
import { ConversationFeed } from '../conversations/conversation-feed.js';
import { DB, type Db, type Tx } from '../prisma.module.js';
import { revisionOf } from '../rows.js';
import { Approver } from './approver.js';
import { findDraft, findRevision, lockDraft } from './draft-rows.js';
import { RevisionWriter, type Proposal } from './revision-writer.js';

/** Largest number that the column holds. */
const revisionMax = 2_147_483_647;

@Controller()
export class DraftsHttp {
  constructor(
    @Inject(DB) private readonly db: Db,
    @Inject(RevisionWriter) private readonly writer: RevisionWriter,
    @Inject(Approver) private readonly approver: Approver,
    @Inject(ConversationFeed) private readonly feed: ConversationFeed,
    private readonly services: Services,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(routes.getDraft)
  async get(
    @Param('draft') draftId: string,
    @Caller() caller: Context,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Draft> {
    const draft = await this.db.withTenant(caller.tenantId, (tx) => findDraft(tx, draftId));
    if (draft.latest !== undefined) void reply.header('etag', `"${draft.latest.hash}"`);
    return draft;
  }

  @Endpoint(routes.listDraftRevisions)
  async revisions(
    @Param('draft') draftId: string,
    @Query() query: PageQuery,
    @Caller() caller: Context,
  ): Promise<Page<DraftRevision>> {
    const token = pageTokenOf(query.pageToken, /^\d{1,10}$/) ?? String(revisionMax);
    const rows = await this.db.withTenant(caller.tenantId, async (tx) => {
      await findDraft(tx, draftId);
      return tx.draftRevision.findMany({
        where: { draftId, number: { lt: Math.min(Number(token), revisionMax) } },
        orderBy: { number: 'desc' },
        take: query.pageSize + 1,
      });
    });
    return pageOf(rows, query.pageSize, {
      tokenOf: ({ number }) => String(number),
      item: revisionOf,
    });
  }

  @Endpoint(routes.getDraftRevision)
  async revision(
    @Param('draft') draftId: string,
    @Param('revision') revision: string,
    @Caller() caller: Context,
  ): Promise<DraftRevision> {
    if (!/^\d{1,9}$/.test(revision)) {
      throw new AppError('not-found', `Draft ${draftId} has no revision ${revision}.`);
    }
    return this.db.withTenant(caller.tenantId, (tx) => findRevision(tx, draftId, Number(revision)));
  }

  @Endpoint(routes.editDraft)
  async edit(
    @Param('draft') draftId: string,
    @Body() body: EditDraft,
    @Headers() headers: Record<string, string>,
    @Caller() caller: Context,
  ): Promise<Draft> {
    const seen = ifMatchOf(headers);
    return this.propose(draftId, caller, (draft, latest) => {
      assertSeen(draft, seen);
      return {
        source: body.source,
        timezone: body.timezone ?? latest.timezone,
        questions: questionsAfterEdit(latest.questions, body.source),
        author: { kind: 'member', id: caller.principal, name: caller.name },
        origin: 'edit',
      };
    });
  }

  @Endpoint(routes.restoreDraft)
  async restore(
    @Param('draft') draftId: string,
    @Body() body: RestoreDraft,
    @Caller() caller: Context,
  ): Promise<Draft> {
    const wanted = await this.db.withTenant(caller.tenantId, (tx) =>
      findRevision(tx, draftId, body.revision),
    );
    return this.propose(draftId, caller, () => ({
      source: wanted.source,
      timezone: wanted.timezone,
      questions: wanted.questions,
      author: { kind: 'member', id: caller.principal, name: caller.name },
      origin: 'restore',
      restoredFrom: wanted.number,
    }));
  }

  @Endpoint(routes.diffDraft)
  async diff(
    @Param('draft') draftId: string,
    @Query() query: DraftDiffQuery,
    @Caller() caller: Context,
  ): Promise<DefinitionDiff> {
    const { from, to } = query;
    const { draft, earlier, after } = await this.db.withTenant(caller.tenantId, async (tx) => ({
      draft: await findDraft(tx, draftId),
      earlier: from === 'in-use' ? undefined : await findRevision(tx, draftId, from),
      after: await findRevision(tx, draftId, to),
    }));
    const [before, catalogue] = await Promise.all([
      earlier ?? this.inUse(draft),
      this.services.call(routes.getCatalogue),
    ]);
    return this.services.call(routes.diffDefinitions, {
      body: { before: before.source, after: after.source, catalogue },
    });
  }

  @Endpoint(routes.approveDraft)
  approve(
    @Param('draft') draftId: string,
    @Headers() headers: Record<string, string>,
    @Caller() caller: Context,
  ): Promise<DraftApproved> {
    return this.approver.approve(draftId, ifMatchOf(headers), caller);
  }

  private async inUse(draft: Draft): Promise<{ source: string }> {
    if (draft.workflowId === undefined) {
      throw new AppError('not-found', 'There is no version in use yet: nothing has been approved.');
    }
    const params = { workflow: draft.workflowId, version: 'live' };
    return this.services.call(routes.getVersion, { params });
  }

  /** Makes a revision of a proposal, unless the draft changes while the proposal is checked. */
  private async propose(
    draftId: string,
    caller: Context,
    make: (draft: Draft, latest: DraftRevision) => Proposal,
  ): Promise<Draft> {
    const { tenantId } = caller;
    const before = await this.db.withTenant(tenantId, (tx) => findDraft(tx, draftId));
    const checked = await this.writer.check(make(before, latestOf(before)), before.latest);
    const draft = await this.db.withTenant(tenantId, async (tx) => {
      const now = await lockDraft(tx, draftId);
      assertSeen(now, latestOf(before).hash);
      await assertNoTurn(tx, now.conversationId);
      await this.writer.write(tx, now, checked, tenantId);
      return findDraft(tx, draftId);
    });
    this.outbox.hint();
    this.feed.publish(draft.conversationId, { event: 'draft', data: draft });
    return draft;
  }
}

function latestOf(draft: Draft): DraftRevision {
  if (draft.latest !== undefined) return draft.latest;
  throw new AppError('not-found', 'The draft has no revision yet.');
}

function assertSeen(draft: Draft, hash: string): void {
  if (draft.latest?.hash === hash) return;
  throw new AppError(
    'stale-revision',
    'The draft has changed since you saw it. Look at the latest revision and try again.',
  );
}

/** What a running turn will propose starts from what it has seen. */
async function assertNoTurn(tx: Tx, conversationId: string): Promise<void> {
  const running = await tx.turn.count({ where: { conversationId, status: 'running' } });
  if (running === 0) return;
  throw new AppError('in-flight', 'The agent is working on this draft; wait for its answer.', {
    retryAfterSeconds: 1,
  });
}
