import type {
  Author,
  Conversation,
  Diagnostic,
  Draft,
  DraftRevision,
  Message,
  Question,
  SideEffect,
  Suggestion,
  Turn,
} from '@parley/contracts';
import { obstaclesOf } from '@parley/conversation-domain';
import type { Json } from '@parley/kernel';
import { pageOf, type Page } from '@parley/nest-kit';
import type { Prisma } from './generated/prisma/client.js';

type ConversationRow = Prisma.ConversationGetPayload<{ include: { draft: true } }>;

/** A JSON column as its writer typed it: only this service writes these. */
function stored<T>(value: Prisma.JsonValue): T {
  return value as T;
}

/** A value for a JSON column. */
export function column(value: unknown): Prisma.InputJsonValue {
  return value as Prisma.InputJsonValue;
}

export function conversationOf(row: ConversationRow): Conversation {
  return {
    id: row.id,
    title: row.title,
    ...(row.draft === null ? {} : { draftId: row.draft.id }),
    ...(row.workflowId === null ? {} : { workflowId: row.workflowId }),
    createdBy: { kind: 'member', id: row.createdById, name: row.createdByName },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function messageOf(row: Prisma.MessageGetPayload<object>): Message {
  const isUser = row.role === 'user';
  return {
    id: row.id,
    conversationId: row.conversationId,
    role: isUser ? 'user' : 'assistant',
    author: { kind: isUser ? 'member' : 'agent', id: row.authorId, name: row.authorName },
    text: row.text,
    version: row.version,
    ...(row.turnId === null ? {} : { turnId: row.turnId }),
    ...(row.draftRevision === null ? {} : { draftRevision: row.draftRevision }),
    suggestions: stored<Suggestion[]>(row.suggestions),
    createdAt: row.createdAt.toISOString(),
    ...(row.editedAt === null ? {} : { editedAt: row.editedAt.toISOString() }),
  };
}

/** A page of messages, which were read latest first and one more than it holds. */
export function messagePage(
  rows: readonly Prisma.MessageGetPayload<object>[],
  pageSize: number,
): Page<Message> {
  return pageOf(rows, pageSize, { tokenOf: ({ id }) => id, item: messageOf });
}

export function turnOf(row: Prisma.TurnGetPayload<object>, textSoFar?: string): Turn {
  return {
    id: row.id,
    conversationId: row.conversationId,
    status: row.status as Turn['status'],
    userMessageId: row.userMessageId,
    ...(row.replyMessageId === null ? {} : { replyMessageId: row.replyMessageId }),
    ...(row.status === 'running' ? { textSoFar: textSoFar ?? '' } : {}),
    ...(row.error === null ? {} : { error: row.error }),
    createdAt: row.createdAt.toISOString(),
  };
}

export function draftOf(
  row: Prisma.DraftGetPayload<object>,
  latest: DraftRevision | undefined,
): Draft {
  const obstacles = obstaclesOf(latest);
  return {
    id: row.id,
    conversationId: row.conversationId,
    ...(row.workflowId === null ? {} : { workflowId: row.workflowId }),
    ...(row.versionInUse === null ? {} : { versionInUse: row.versionInUse }),
    ...(latest === undefined ? {} : { latest }),
    ...(row.approvedRevision === null ? {} : { approvedRevision: row.approvedRevision }),
    approvable: obstacles.length === 0,
    obstacles,
  };
}

export function revisionOf(row: Prisma.DraftRevisionGetPayload<object>): DraftRevision {
  const author: Author = {
    kind: row.authorKind === 'member' ? 'member' : 'agent',
    id: row.authorId,
    name: row.authorName,
  };
  return {
    draftId: row.draftId,
    number: row.number,
    hash: row.hash,
    author,
    origin: row.origin as DraftRevision['origin'],
    ...(row.restoredFrom === null ? {} : { restoredFrom: row.restoredFrom }),
    source: row.source,
    timezone: row.timezone,
    ...(row.irHash === null ? {} : { irHash: row.irHash }),
    ...(row.inputSchema === null ? {} : { inputSchema: stored<Json>(row.inputSchema) }),
    trigger: row.trigger,
    questions: stored<Question[]>(row.questions),
    diagnostics: stored<Diagnostic[]>(row.diagnostics),
    sideEffects: stored<SideEffect[]>(row.sideEffects),
    summary: stored<string[]>(row.summary),
    createdAt: row.createdAt.toISOString(),
  };
}
