import {
  draftProposed,
  internalRoutes,
  routes,
  type Author,
  type CompileDefinition,
  type CompileResult,
  type Draft,
  type DraftRevision,
  type Question,
} from '@parley/contracts';
import {
  hasUnreadDocuments,
  needsExecutors,
  revisionHash,
  withExecutors,
  withReasons,
} from '@parley/conversation-domain';
import { describeTrigger, type Ir } from '@parley/ir';
import { isAppError } from '@parley/kernel';
import { eventFacts, type Services } from '@parley/nest-kit';
import { appendOutbox } from '@parley/postgres';
import type { Tx } from '../prisma.module.js';
import { column, revisionOf } from '../rows.js';

/** What a person or an agent wants the draft to become. */
export interface Proposal {
  readonly source: string;
  readonly timezone: string;
  readonly questions: readonly Question[];
  readonly author: Author;
  readonly origin: DraftRevision['origin'];
  readonly restoredFrom?: number;
}

/** A proposal with all that is computed from it; made before the transaction that stores it. */
export type CheckedProposal = Omit<DraftRevision, 'draftId' | 'number' | 'createdAt'>;

/** With this the whole stays below what the edge waits for an answer. */
const resolveMsMax = 20_000;

/** Checks proposals with the compiler and stores them as revisions. */
export class RevisionWriter {
  private readonly services: Services;

  constructor(services: Services) {
    this.services = services;
  }

  /**
   * Compiles a proposal against the tenant's connectors and compares it with the revision before. A
   * definition that does not compile is stored with its diagnostics; it just cannot be approved. The
   * same goes for one whose documents nobody can read.
   */
  async check(proposal: Proposal, before: DraftRevision | undefined): Promise<CheckedProposal> {
    const { source, timezone, author, origin, restoredFrom } = proposal;
    const catalogue = await this.services.call(routes.getCatalogue);
    const [compiled, changes] = await Promise.all([
      this.compile({ source, timezone, catalogue }),
      this.changesOf(before?.source, source),
    ]);
    const { hash: irHash } = (compiled.ir ?? {}) as Partial<Ir>;
    return {
      hash: revisionHash({ source, timezone, irHash }),
      author,
      origin,
      ...(restoredFrom === undefined ? {} : { restoredFrom }),
      source,
      timezone,
      ...(irHash === undefined ? {} : { irHash }),
      ...(compiled.inputSchema === undefined ? {} : { inputSchema: compiled.inputSchema }),
      trigger: describeTrigger((compiled.ir ?? {}) as Pick<Ir, 'schedule'>, timezone),
      questions: [...proposal.questions],
      diagnostics: compiled.diagnostics,
      sideEffects: compiled.sideEffects,
      summary: changes,
    };
  }

  /** Adds the revision inside a transaction that holds the conversation's lock. */
  async write(
    tx: Tx,
    draft: Pick<Draft, 'id' | 'conversationId' | 'latest'>,
    checked: CheckedProposal,
    tenantId: string,
  ): Promise<DraftRevision> {
    const now = new Date();
    const number = (draft.latest?.number ?? 0) + 1;
    const { author, restoredFrom, inputSchema, ...rest } = checked;
    const row = await tx.draftRevision.create({
      data: {
        ...rest,
        draftId: draft.id,
        number,
        tenantId,
        authorKind: author.kind,
        authorId: author.id,
        authorName: author.name,
        ...(restoredFrom === undefined ? {} : { restoredFrom }),
        ...(inputSchema === undefined ? {} : { inputSchema: column(inputSchema) }),
        questions: column(checked.questions),
        diagnostics: column(checked.diagnostics),
        sideEffects: column(checked.sideEffects),
        summary: column(checked.summary),
        createdAt: now,
      },
    });
    await tx.draft.update({ where: { id: draft.id }, data: { latestRevision: number } });
    const { id: draftId, conversationId } = draft;
    const data = { conversationId, draftId, revision: number, hash: checked.hash, by: author.id };
    const envelope = draftProposed.create(data, eventFacts(tenantId, conversationId));
    await appendOutbox(tx, [{ envelope }]);
    return revisionOf(row);
  }

  /** What the text says alone, and what this installation says to it. */
  private async compile(body: CompileDefinition): Promise<CompileResult> {
    const compiled = await this.compileWithDocuments(body);
    if (!needsExecutors(compiled.diagnostics)) return compiled;
    const { enabled } = await this.services.call(internalRoutes.executors);
    return { ...compiled, diagnostics: withExecutors(compiled.diagnostics, enabled) };
  }

  /** Documents outside are fetched only where there are any. */
  private async compileWithDocuments(body: CompileDefinition): Promise<CompileResult> {
    const compiled = await this.services.call(routes.compileDefinition, { body });
    if (!hasUnreadDocuments(compiled.diagnostics)) return compiled;
    const resolved = await this.resolve(body, compiled);
    const reasons = (resolved.missing ?? []).map(({ uri, reason }) => [uri, reason] as const);
    return { ...resolved, diagnostics: withReasons(resolved.diagnostics, new Map(reasons)) };
  }

  /** Whoever edits gets an answer, also when the documents take too long: then they stay unread. */
  private async resolve(body: CompileDefinition, unread: CompileResult): Promise<CompileResult> {
    try {
      return await this.services.call(routes.compileDefinition, {
        body: { ...body, resolve: true },
        timeoutMs: resolveMsMax,
      });
    } catch (error) {
      if (!isAppError(error) || error.code !== 'timeout') throw error;
      return unread;
    }
  }

  private async changesOf(before: string | undefined, after: string): Promise<string[]> {
    if (before === undefined) return [];
    const diff = await this.services.call(routes.diffDefinitions, { body: { before, after } });
    return diff.changes.map(({ summary }) => summary);
  }
}
