import { randomBytes } from 'node:crypto';
import { routes } from '@parley/contracts';
import { makeId } from '@parley/kernel';
import { currentContext, type Services } from '@parley/nest-kit';
import type { Tx } from '../prisma.module.js';
import type { CheckedProposal, RevisionWriter } from './revision-writer.js';

/** The version in use of a workflow, ready to become the first revision of a draft. */
export interface WorkflowDraft {
  readonly workflowId: string;
  readonly version: number;
  readonly title: string;
  readonly checked: CheckedProposal;
}

/** Lets a conversation go on from a workflow that is already in use. */
export class WorkflowDrafts {
  private readonly services: Services;
  private readonly writer: RevisionWriter;

  constructor(services: Services, writer: RevisionWriter) {
    this.services = services;
    this.writer = writer;
  }

  /** @throws AppError `not-found` */
  async prepare(workflowId: string): Promise<WorkflowDraft> {
    const params = { workflow: workflowId, version: 'live' };
    const [workflow, version] = await Promise.all([
      this.services.call(routes.getWorkflow, { params }),
      this.services.call(routes.getVersion, { params }),
    ]);
    const { principal, name } = currentContext();
    const checked = await this.writer.check(
      {
        source: version.source,
        timezone: version.timezone,
        questions: [],
        author: { kind: 'member', id: principal, name },
        origin: 'workflow',
      },
      undefined,
    );
    return { workflowId, version: version.version, title: workflow.title, checked };
  }

  async store(
    tx: Tx,
    start: WorkflowDraft,
    conversation: { readonly id: string; readonly tenantId: string },
  ): Promise<void> {
    const id = makeId('draft', Date.now(), randomBytes);
    const { id: conversationId, tenantId } = conversation;
    const { workflowId, version: versionInUse } = start;
    await tx.draft.create({ data: { id, tenantId, conversationId, workflowId, versionInUse } });
    await this.writer.write(tx, { id, conversationId }, start.checked, tenantId);
    await tx.draft.update({ where: { id }, data: { approvedRevision: 1 } });
  }
}
