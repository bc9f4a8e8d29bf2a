import { z } from 'zod';
import { Answer, Author, Question, Suggestion } from './conversations.js';
import { idOf } from './ids.js';
import { RoleName, Tenant } from './platform.js';
import { RunError } from './workflows.js';

/*
 * Shapes of calls between services (`/internal/v1/…`, never routed by the gateway). The tenant and
 * the principal come from the context token, not from the body.
 */

/** `POST platform /internal/v1/principals/resolve`: whom a verified bearer belongs to. */
export const ResolvePrincipal = z
  .strictObject({
    issuer: z.string(),
    subject: z.string(),
    email: z.string().optional(),
    name: z.string().optional(),
  })
  .meta({ id: 'ResolvePrincipal' });
export type ResolvePrincipal = z.infer<typeof ResolvePrincipal>;

export const Principal = z
  .object({
    tenantId: idOf('tenant'),
    memberId: idOf('member'),
    name: z.string(),
    roles: z.array(RoleName),
  })
  .meta({ id: 'Principal' });
export type Principal = z.infer<typeof Principal>;

/** `GET platform /internal/v1/directory`: who can be asked in this tenant. */
export const Directory = z
  .object({
    tenant: Tenant,
    roles: z.array(RoleName),
    members: z.array(z.object({ id: idOf('member'), name: z.string(), roles: z.array(RoleName) })),
  })
  .meta({ id: 'Directory' });
export type Directory = z.infer<typeof Directory>;

/** `POST workflow /internal/v1/versions`: registers an approved revision, idempotent by its hash. */
export const RegisterVersion = z
  .strictObject({
    draftId: idOf('draft'),
    revision: z.int().min(1),
    revisionHash: z.string(),
    /** Hash of what the revision compiled to when it was shown; it covers documents from outside, too. */
    irHash: z.string(),
    source: z.string(),
    timezone: z.string(),
    conversationId: idOf('conversation'),
    workflowId: idOf('workflow').optional(),
    approvedBy: Author,
  })
  .meta({ id: 'RegisterVersion' });
export type RegisterVersion = z.infer<typeof RegisterVersion>;

export const VersionRegistered = z
  .object({ workflowId: idOf('workflow'), version: z.int() })
  .meta({ id: 'VersionRegistered' });
export type VersionRegistered = z.infer<typeof VersionRegistered>;

/** `POST agent /internal/v1/turns`: one turn; idempotent by `turnId`; answers as NDJSON. */
export const AgentTurn = z
  .strictObject({
    turnId: idOf('turn'),
    conversationId: idOf('conversation'),
    text: z.string(),
    answers: z.array(Answer),
    history: z.array(z.object({ role: z.enum(['user', 'assistant']), text: z.string() })),
    draft: z
      .object({
        source: z.string(),
        timezone: z.string(),
        questions: z.array(Question),
      })
      .optional(),
    /** A run that the turn is about. */
    run: z
      .object({
        id: idOf('run'),
        status: z.string(),
        failedStep: z.string().optional(),
        error: RunError.optional(),
      })
      .optional(),
  })
  .meta({ id: 'AgentTurn' });
export type AgentTurn = z.infer<typeof AgentTurn>;

/** What a turn proposes; absent members stay as they are. */
export const ProposedDraft = z
  .object({
    source: z.string(),
    timezone: z.string(),
    questions: z.array(Question),
  })
  .meta({ id: 'ProposedDraft' });
export type ProposedDraft = z.infer<typeof ProposedDraft>;

/** One line of the answer to an AgentTurn. `done` or `failed` comes last, exactly once. */
export const AgentTurnEvent = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('delta'), text: z.string() }),
    z.object({
      event: z.literal('done'),
      text: z.string().describe('The whole reply'),
      agent: Author,
      draft: ProposedDraft.optional(),
      suggestions: z.array(Suggestion),
    }),
    z.object({ event: z.literal('failed'), code: z.string(), detail: z.string() }),
  ])
  .meta({ id: 'AgentTurnEvent' });
export type AgentTurnEvent = z.infer<typeof AgentTurnEvent>;

/** Claims of an internal context token; see the token module of nest-kit. */
export const ContextClaims = z
  .object({
    kind: z.enum(['request', 'work']),
    tenantId: idOf('tenant').optional().describe('Absent only for calls that precede a tenant'),
    principal: z.string().describe('Member id, or the service itself'),
    name: z.string(),
    roles: z.array(RoleName),
    runId: idOf('run').optional(),
  })
  .meta({ id: 'ContextClaims' });
export type ContextClaims = z.infer<typeof ContextClaims>;

/** What runs processes on this installation, because whoever operates it has enabled it. */
export const Executors = z.object({ enabled: z.array(z.string()) }).meta({ id: 'Executors' });
export type Executors = z.infer<typeof Executors>;

/** A limit of a tenant that all processes of the workflow service keep together. */
const limitOf = {
  limit: z.enum(['calls', 'callsWaiting', 'turnsWaiting']),
  tenantId: idOf('tenant'),
};
const amount = z.int().min(0).max(1_000_000);
/** Who asks, and its clock when it did: with an answer both come back. */
const asking = { url: z.string().max(2_000), life: z.string().max(64), at: z.int() };

const LimitsAsked = z.object({
  ...asking,
  requests: z.array(z.object({ ...limitOf, wanted: amount, used: amount })).max(1_000),
});
const LimitsLent = z.object({
  ...asking,
  url: asking.url.describe('Who lends'),
  loans: z.array(z.object({ ...limitOf, amount, held: amount })).max(1_000),
});

/**
 * What one process of the workflow service tells another, so that it looks sooner than it would by
 * itself. Everything in it is found without it, too, a little later; loans alone come by no other way.
 */
export const ReplicaNews = z
  .strictObject({
    partitions: z.boolean().optional().describe('Who has which partition may have changed'),
    messages: z.boolean().optional().describe('Runs of the receiver were told something'),
    schedules: z.boolean().optional().describe('A schedule is new, or what it waits for has come'),
    approvals: z
      .array(z.object({ tenantId: idOf('tenant'), approvalId: idOf('approval') }))
      .max(1_000)
      .optional()
      .describe('Approvals that were asked for, decided or withdrawn'),
    queues: z
      .array(z.object({ tenantId: idOf('tenant'), queue: z.string() }))
      .max(1_000)
      .optional()
      .describe('Task queues in which there may be work'),
    limitsAsked: LimitsAsked.optional().describe('What the sender lacks of limits of tenants'),
    limitsLent: LimitsLent.optional().describe('What the receiver had asked for'),
  })
  .meta({ id: 'ReplicaNews' });
export type ReplicaNews = z.infer<typeof ReplicaNews>;
