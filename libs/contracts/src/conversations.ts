import { z } from 'zod';
import { Diagnostic, SideEffect } from './definitions.js';
import { idOf, JsonValue, Ordinal, ordinalMax, pageOf, Timestamp, Timezone } from './ids.js';

/** Who wrote something: a member of the tenant or an agent. */
export const Author = z
  .object({ kind: z.enum(['member', 'agent']), id: z.string(), name: z.string() })
  .meta({ id: 'Author' });
export type Author = z.infer<typeof Author>;

/** A button under a reply. */
export const Suggestion = z
  .object({
    label: z.string(),
    action: z.enum(['send', 'answer', 'load-demo', 'import-openapi']),
    /** For `send`: the text of the turn. For `answer`: the value. */
    text: z.string().optional(),
    /** For `answer`: the number of the question. */
    question: z.int().optional(),
  })
  .meta({ id: 'Suggestion' });
export type Suggestion = z.infer<typeof Suggestion>;

export const Message = z
  .object({
    id: idOf('message'),
    conversationId: idOf('conversation'),
    role: z.enum(['user', 'assistant']),
    author: Author,
    text: z.string(),
    /** 1, and one more for each edit; earlier texts stay readable. */
    version: z.int(),
    turnId: idOf('turn').optional(),
    /** Number of the draft revision that this message produced. */
    draftRevision: z.int().optional(),
    suggestions: z.array(Suggestion),
    createdAt: Timestamp,
    editedAt: Timestamp.optional(),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;

export const MessagePage = pageOf('MessagePage', Message);

/** One earlier or current text of a message. */
export const MessageVersion = z
  .object({ version: z.int(), text: z.string(), createdAt: Timestamp })
  .meta({ id: 'MessageVersion' });
export type MessageVersion = z.infer<typeof MessageVersion>;
export const MessageVersionList = z
  .object({ items: z.array(MessageVersion).describe('Oldest first; the latest 200') })
  .meta({ id: 'MessageVersionList' });

/** Body of `PUT …/messages/{message}`. */
export const EditMessage = z
  .strictObject({ text: z.string().min(1).max(20_000) })
  .meta({ id: 'EditMessage' });
export type EditMessage = z.infer<typeof EditMessage>;

/** One request of a person and the agent's answer to it. */
export const Turn = z
  .object({
    id: idOf('turn'),
    conversationId: idOf('conversation'),
    status: z.enum(['running', 'completed', 'failed']),
    userMessageId: idOf('message'),
    replyMessageId: idOf('message').optional(),
    /** What of the reply has been produced so far, while the turn is running. */
    textSoFar: z.string().optional(),
    error: z.string().optional().describe('Why the turn failed and what to do, when it failed'),
    createdAt: Timestamp,
  })
  .meta({ id: 'Turn' });
export type Turn = z.infer<typeof Turn>;

/** An answer to a numbered question of the draft. */
export const Answer = z
  .strictObject({ question: z.int().min(1), value: z.string().min(1).max(2000) })
  .meta({ id: 'Answer' });
export type Answer = z.infer<typeof Answer>;

/** Body of `POST /v1/conversations/{conversation}/turns` (takes an Idempotency-Key). */
export const StartTurn = z
  .strictObject({
    text: z.string().min(1).max(20_000),
    answers: z.array(Answer).max(20).optional(),
    /** A run that the request is about, e.g. one that failed. */
    runId: idOf('run').optional(),
  })
  .meta({ id: 'StartTurn' });
export type StartTurn = z.infer<typeof StartTurn>;

export const Conversation = z
  .object({
    id: idOf('conversation'),
    title: z.string(),
    draftId: idOf('draft').optional(),
    workflowId: idOf('workflow').optional(),
    createdBy: Author,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Conversation' });
export type Conversation = z.infer<typeof Conversation>;
export const ConversationPage = pageOf('ConversationPage', Conversation);

/** Body of `POST /v1/conversations`. */
export const CreateConversation = z
  .strictObject({
    title: z.string().min(1).max(200).optional(),
    /** Continue from this workflow's version in use: the draft starts as its definition. */
    workflowId: idOf('workflow').optional(),
  })
  .meta({ id: 'CreateConversation' });
export type CreateConversation = z.infer<typeof CreateConversation>;

/** A numbered question that the agent could not answer itself. */
export const Question = z
  .object({
    number: z.int().min(1),
    text: z.string(),
    /** Approval waits for the answer. */
    blocking: z.boolean(),
    options: z.array(z.object({ label: z.string(), value: z.string() })),
    answer: z.string().optional(),
    /** Name of the task that the question is about. */
    task: z.string().optional(),
    /** What the planner needs to apply the answer; opaque to everybody else. */
    subject: JsonValue.optional(),
  })
  .meta({ id: 'Question' });
export type Question = z.infer<typeof Question>;

/** One state of a draft; never changed once written. */
export const DraftRevision = z
  .object({
    draftId: idOf('draft'),
    number: z.int().min(1),
    /** Content hash over everything that an approval covers; use it as ETag and in If-Match. */
    hash: z.string(),
    author: Author,
    /** What led here: a turn, an edit by hand, a restored revision, or a version of a workflow. */
    origin: z.enum(['turn', 'edit', 'restore', 'workflow']),
    restoredFrom: z.int().optional(),
    /** The definition, YAML as shown. */
    source: z.string(),
    timezone: z.string(),
    /** Hash of the compiled definition, documents from outside included; absent when it does not compile. */
    irHash: z.string().optional(),
    /** The definition's `input.schema`, when it declares one. */
    inputSchema: JsonValue.optional(),
    /** In words: how runs start, e.g. "Started by a person" or "Every weekday at 09:00 (Europe/Berlin)". */
    trigger: z.string(),
    questions: z.array(Question),
    diagnostics: z.array(Diagnostic),
    sideEffects: z.array(SideEffect),
    /** The change against the revision before, computed from the two texts. */
    summary: z.array(z.string()),
    createdAt: Timestamp,
  })
  .meta({ id: 'DraftRevision' });
export type DraftRevision = z.infer<typeof DraftRevision>;

export const DraftRevisionPage = pageOf('DraftRevisionPage', DraftRevision);

export const Draft = z
  .object({
    id: idOf('draft'),
    conversationId: idOf('conversation'),
    workflowId: idOf('workflow').optional(),
    versionInUse: z
      .int()
      .optional()
      .describe(
        'The version that approving this draft last put into use, or that the draft was made from',
      ),
    latest: DraftRevision.optional(),
    approvedRevision: z.int().optional().describe('Number of the revision that was approved last'),
    approvable: z.boolean().describe('Whether the latest revision can be approved'),
    obstacles: z.array(z.string()).describe('Why the latest revision cannot be approved'),
  })
  .meta({ id: 'Draft' });
export type Draft = z.infer<typeof Draft>;

/** Body of `POST /v1/drafts/{draft}/revisions`; If-Match carries the hash it started from. */
export const EditDraft = z
  .strictObject({
    source: z.string().min(1).max(1_048_576),
    timezone: Timezone.optional(),
  })
  .meta({ id: 'EditDraft' });
export type EditDraft = z.infer<typeof EditDraft>;

/** Body of `POST /v1/drafts/{draft}/restore`. */
export const RestoreDraft = z.strictObject({ revision: Ordinal }).meta({ id: 'RestoreDraft' });
export type RestoreDraft = z.infer<typeof RestoreDraft>;

/** Answer of `POST /v1/drafts/{draft}/approve`. */
export const DraftApproved = z
  .object({
    draftId: idOf('draft'),
    revision: z.int(),
    hash: z.string(),
    workflowId: idOf('workflow'),
    version: z.int(),
  })
  .meta({ id: 'DraftApproved' });
export type DraftApproved = z.infer<typeof DraftApproved>;

/** Query of `GET /v1/drafts/{draft}/diff`: two revisions, or the version in use against one. */
export const DraftDiffQuery = z.object({
  from: z
    .union([z.literal('in-use'), z.coerce.number().int().min(1).max(ordinalMax)])
    .describe('Revision or in-use'),
  to: z.coerce.number().int().min(1).max(ordinalMax),
});
export type DraftDiffQuery = z.infer<typeof DraftDiffQuery>;

/** First event after connecting, and after every reconnect: everything needed to draw the page. */
export const ConversationState = z
  .object({
    conversation: Conversation,
    messages: z.array(Message).describe('The latest 200, oldest first'),
    earlierPageToken: z
      .string()
      .optional()
      .describe('There are older messages: pass as pageToken to listMessages'),
    turn: Turn.optional().describe(
      'The turn that is running, with its text so far, or the latest one if it failed',
    ),
    draft: Draft.optional(),
  })
  .meta({ id: 'ConversationState' });
export type ConversationState = z.infer<typeof ConversationState>;

/**
 * Server-sent events of `GET /v1/conversations/{conversation}/events`. `state` comes first and after
 * every reconnect; what follows may repeat what it already says. Of a delta whose offset is less than
 * the length of the text so far that much is known already; one whose offset is greater tells of a
 * gap, and connecting again brings all of it. The `message` with the reply is what counts in the end.
 */
export const ConversationEvent = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('state'), data: ConversationState }),
    z.object({ event: z.literal('conversation'), data: Conversation }),
    z.object({ event: z.literal('message'), data: Message }),
    z.object({ event: z.literal('turn'), data: Turn }),
    z.object({
      event: z.literal('delta'),
      data: z.object({ turnId: idOf('turn'), offset: z.int(), text: z.string() }),
    }),
    z.object({ event: z.literal('draft'), data: Draft }),
  ])
  .meta({ id: 'ConversationEvent' });
export type ConversationEvent = z.infer<typeof ConversationEvent>;
