import type { z } from 'zod';
import * as connectors from './connectors.js';
import * as conversations from './conversations.js';
import * as definitions from './definitions.js';
import type { ErrorCode } from './errors.js';
import { PageQuery } from './ids.js';
import { languageRoutes } from './language-routes.js';
import * as platform from './platform.js';
import { incomingEventRoutes } from './incoming-event-routes.js';
import { runControlRoutes } from './run-control-routes.js';
import * as runHistory from './run-history.js';
import { runReplayRoutes } from './run-replay-routes.js';
import { runStartRoutes } from './run-start-routes.js';
import { scheduleRoutes } from './schedule-routes.js';
import { secretRoutes } from './secret-routes.js';
import { taskQueueRoutes } from './task-queue-routes.js';
import * as workflows from './workflows.js';

/** A service that the gateway routes to; `gateway` answers itself. */
export type ServiceName =
  'gateway' | 'conversation' | 'agent' | 'workflow' | 'platform' | 'dsl-compiler';

/** One operation of the public REST API. */
export interface Route {
  readonly id: string;
  readonly service: ServiceName;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path template, e.g. `/v1/runs/{run}`. */
  readonly path: string;
  readonly summary: string;
  /** What the caller must be allowed to do; absent: public. */
  readonly permission?: platform.Permission;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Largest body in bytes; default 1 MiB. */
  readonly bodyBytesMax?: number;
  readonly status: number;
  /** Absent: no content. */
  readonly response?: z.ZodType;
  /** The answer is a stream of server-sent events with these shapes. */
  readonly events?: z.ZodType;
  /** The answer may take a while: it comes early, with what there is, when a process stops. */
  readonly waits?: boolean;
  /** The stream takes Last-Event-ID; others begin with the whole state each time. */
  readonly resumable?: boolean;
  /** Requests of one caller that come at the same time may go to the service together. */
  readonly gathers?: boolean;
  /** Takes an Idempotency-Key header. */
  readonly idempotent?: boolean;
  /** Needs If-Match with the hash that was seen. */
  readonly ifMatch?: boolean;
  /** Codes beyond those that every route can answer with. */
  readonly errors?: readonly ErrorCode[];
}

/**
 * Whether a request without a body says as much as one with an empty object. Not where it replaces all of
 * something: there it would rather have been lost.
 */
export function mayLackBody({ method, body }: Pick<Route, 'method' | 'body'>): boolean {
  return method !== 'PUT' && body?.safeParse({}).success === true;
}

const mebibyte = 1_048_576;

/** The public REST API: one row per operation. OpenAPI, SDK and gateway are made from it. */
export const routes = {
  clientConfig: {
    service: 'gateway',
    method: 'GET',
    path: '/v1/client-config',
    summary: 'What a client needs to sign in',
    status: 200,
    response: platform.ClientConfig,
  },
  health: {
    service: 'gateway',
    method: 'GET',
    path: '/v1/health',
    summary: 'State of every service',
    status: 200,
    response: platform.PlatformHealth,
  },

  me: {
    service: 'platform',
    method: 'GET',
    path: '/v1/me',
    summary: 'The caller',
    permission: 'read',
    status: 200,
    response: platform.Me,
  },
  tenant: {
    service: 'platform',
    method: 'GET',
    path: '/v1/tenant',
    summary: 'The tenant',
    permission: 'read',
    status: 200,
    response: platform.Tenant,
  },
  updateTenant: {
    service: 'platform',
    method: 'PATCH',
    path: '/v1/tenant',
    summary: 'Change the tenant',
    permission: 'administer',
    body: platform.UpdateTenant,
    status: 200,
    response: platform.Tenant,
  },
  listMembers: {
    service: 'platform',
    method: 'GET',
    path: '/v1/members',
    summary: 'Members of the tenant',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: platform.MemberPage,
  },
  addMember: {
    service: 'platform',
    method: 'POST',
    path: '/v1/members',
    summary: 'Add a member',
    permission: 'administer',
    body: platform.AddMember,
    status: 201,
    response: platform.Member,
    errors: ['conflict'],
  },
  updateMember: {
    service: 'platform',
    method: 'PATCH',
    path: '/v1/members/{member}',
    summary: 'Change a member',
    permission: 'administer',
    body: platform.UpdateMember,
    status: 200,
    response: platform.Member,
    errors: ['not-found', 'conflict'],
  },
  listEvents: {
    service: 'platform',
    method: 'GET',
    path: '/v1/events',
    summary: 'Events of the tenant by subject pattern, oldest first',
    permission: 'read',
    query: platform.EventQuery,
    status: 200,
    response: platform.StreamEventPage,
  },

  listConversations: {
    service: 'conversation',
    method: 'GET',
    path: '/v1/conversations',
    summary: 'Conversations, latest first',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: conversations.ConversationPage,
  },
  createConversation: {
    service: 'conversation',
    method: 'POST',
    path: '/v1/conversations',
    summary: 'Open a conversation',
    permission: 'build',
    body: conversations.CreateConversation,
    status: 201,
    response: conversations.Conversation,
    idempotent: true,
    errors: ['not-found', 'key-reused'],
  },
  getConversation: {
    service: 'conversation',
    method: 'GET',
    path: '/v1/conversations/{conversation}',
    summary: 'A conversation with its latest messages, running turn and draft',
    permission: 'read',
    status: 200,
    response: conversations.ConversationState,
    errors: ['not-found'],
  },
  conversationEvents: {
    service: 'conversation',
    method: 'GET',
    path: '/v1/conversations/{conversation}/events',
    summary: 'Live events of a conversation',
    permission: 'read',
    status: 200,
    events: conversations.ConversationEvent,
    errors: ['not-found'],
  },
  startTurn: {
    service: 'conversation',
    method: 'POST',
    path: '/v1/conversations/{conversation}/turns',
    summary: 'Say something',
    permission: 'build',
    body: conversations.StartTurn,
    status: 202,
    response: conversations.Turn,
    idempotent: true,
    errors: ['not-found', 'in-flight', 'key-reused'],
  },
  getTurn: {
    service: 'conversation',
    method: 'GET',
    path: '/v1/conversations/{conversation}/turns/{turn}',
    summary: 'State of a turn',
    permission: 'read',
    status: 200,
    response: conversations.Turn,
    errors: ['not-found'],
  },
  listMessages: {
    service: 'conversation',
    method: 'GET',
    path: '/v1/conversations/{conversation}/messages',
    summary: 'Messages of a conversation, latest first',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: conversations.MessagePage,
    errors: ['not-found'],
  },
  editMessage: {
    service: 'conversation',
    method: 'PUT',
    path: '/v1/conversations/{conversation}/messages/{message}',
    summary: 'Edit a message of yours; earlier texts are kept',
    permission: 'build',
    body: conversations.EditMessage,
    status: 200,
    response: conversations.Message,
    errors: ['not-found', 'forbidden'],
  },
  listMessageVersions: {
    service: 'conversation',
    method: 'GET',
    path: '/v1/conversations/{conversation}/messages/{message}/versions',
    summary: 'The texts that a message has had',
    permission: 'read',
    status: 200,
    response: conversations.MessageVersionList,
    errors: ['not-found'],
  },
  getDraft: {
    service: 'conversation',
    method: 'GET',
    path: '/v1/drafts/{draft}',
    summary: 'A draft with its latest revision (ETag is the hash)',
    permission: 'read',
    status: 200,
    response: conversations.Draft,
    errors: ['not-found'],
  },
  listDraftRevisions: {
    service: 'conversation',
    method: 'GET',
    path: '/v1/drafts/{draft}/revisions',
    summary: 'Revisions, latest first',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: conversations.DraftRevisionPage,
    errors: ['not-found'],
  },
  getDraftRevision: {
    service: 'conversation',
    method: 'GET',
    path: '/v1/drafts/{draft}/revisions/{revision}',
    summary: 'One revision',
    permission: 'read',
    status: 200,
    response: conversations.DraftRevision,
    errors: ['not-found'],
  },
  editDraft: {
    service: 'conversation',
    method: 'POST',
    path: '/v1/drafts/{draft}/revisions',
    summary: 'Store an edit by hand as a new revision',
    permission: 'build',
    body: conversations.EditDraft,
    bodyBytesMax: 7 * mebibyte,
    status: 201,
    response: conversations.Draft,
    ifMatch: true,
    errors: ['not-found', 'stale-revision', 'in-flight'],
  },
  restoreDraft: {
    service: 'conversation',
    method: 'POST',
    path: '/v1/drafts/{draft}/restore',
    summary: 'Make an earlier revision the latest again',
    permission: 'build',
    body: conversations.RestoreDraft,
    status: 201,
    response: conversations.Draft,
    errors: ['not-found', 'stale-revision', 'in-flight'],
  },
  diffDraft: {
    service: 'conversation',
    method: 'GET',
    path: '/v1/drafts/{draft}/diff',
    summary: 'What changed between two revisions, or against the version in use',
    permission: 'read',
    query: conversations.DraftDiffQuery,
    status: 200,
    response: definitions.DefinitionDiff,
    errors: ['not-found'],
  },
  approveDraft: {
    service: 'conversation',
    method: 'POST',
    path: '/v1/drafts/{draft}/approve',
    summary: 'Approve exactly the revision with the hash in If-Match',
    permission: 'approve-draft',
    status: 200,
    response: conversations.DraftApproved,
    ifMatch: true,
    errors: ['not-found', 'stale-revision', 'open-questions', 'invalid-definition'],
  },

  ...languageRoutes,

  listConnectors: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/connectors',
    summary: 'Connectors',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: connectors.ConnectorPage,
  },
  importConnector: {
    service: 'workflow',
    method: 'POST',
    path: '/v1/connectors',
    summary: 'Import an OpenAPI 3.x document; importing the same name again replaces it',
    permission: 'build',
    body: connectors.ImportConnector,
    bodyBytesMax: 11 * mebibyte,
    status: 201,
    response: connectors.Connector,
    errors: ['invalid-openapi', 'too-large'],
  },
  loadDemo: {
    service: 'workflow',
    method: 'POST',
    path: '/v1/connectors/demo',
    summary: 'Import the demo business and approve its address',
    permission: 'administer',
    status: 200,
    response: connectors.DemoLoaded,
    errors: ['not-available', 'unavailable'],
  },
  getConnector: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/connectors/{connector}',
    summary: 'A connector',
    permission: 'read',
    status: 200,
    response: connectors.Connector,
    errors: ['not-found'],
  },
  configureConnector: {
    service: 'workflow',
    method: 'PATCH',
    path: '/v1/connectors/{connector}',
    summary: 'Choose the base URL, approve its address',
    permission: 'build',
    body: connectors.ConfigureConnector,
    status: 200,
    response: connectors.Connector,
    errors: ['not-found', 'forbidden', 'address-not-approved'],
  },
  deleteConnector: {
    service: 'workflow',
    method: 'DELETE',
    path: '/v1/connectors/{connector}',
    summary: 'Remove a connector',
    permission: 'build',
    status: 204,
    errors: ['not-found', 'conflict'],
  },
  getConnectorCatalogue: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/connectors/{connector}/operations',
    summary: 'Operations of a connector',
    permission: 'read',
    status: 200,
    response: connectors.CatalogueConnector,
    errors: ['not-found'],
  },
  setCredential: {
    service: 'workflow',
    method: 'PUT',
    path: '/v1/connectors/{connector}/credentials/{scheme}',
    summary: 'Store a credential; it can never be read back',
    permission: 'build',
    body: connectors.SetCredential,
    status: 204,
    errors: ['not-found'],
  },
  deleteCredential: {
    service: 'workflow',
    method: 'DELETE',
    path: '/v1/connectors/{connector}/credentials/{scheme}',
    summary: 'Remove a credential',
    permission: 'build',
    status: 204,
    errors: ['not-found'],
  },
  testConnector: {
    service: 'workflow',
    method: 'POST',
    path: '/v1/connectors/{connector}/test',
    summary: 'Call a safe operation and report what happened',
    permission: 'build',
    status: 200,
    response: connectors.ConnectorTest,
    errors: ['not-found', 'address-not-approved'],
  },
  getCatalogue: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/catalogue',
    summary: 'Every operation that workflows may call',
    permission: 'read',
    status: 200,
    response: connectors.Catalogue,
  },

  listWorkflows: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/workflows',
    summary: 'Workflows',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: workflows.WorkflowPage,
  },
  getWorkflow: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/workflows/{workflow}',
    summary: 'A workflow',
    permission: 'read',
    status: 200,
    response: workflows.Workflow,
    errors: ['not-found'],
  },
  listVersions: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/workflows/{workflow}/versions',
    summary: 'Versions, latest first',
    permission: 'read',
    query: PageQuery,
    status: 200,
    response: workflows.WorkflowVersionPage,
    errors: ['not-found'],
  },
  getVersion: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/workflows/{workflow}/versions/{version}',
    summary: 'A version, by number or tag',
    permission: 'read',
    status: 200,
    response: workflows.WorkflowVersion,
    errors: ['not-found'],
  },
  setTag: {
    service: 'workflow',
    method: 'PUT',
    path: '/v1/workflows/{workflow}/tags/{tag}',
    summary: 'Point a tag to a version',
    permission: 'build',
    body: workflows.SetTag,
    status: 200,
    response: workflows.Workflow,
    errors: ['not-found'],
  },

  ...runStartRoutes,
  getRun: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/runs/{run}',
    summary: 'A run',
    permission: 'read',
    status: 200,
    response: workflows.Run,
    errors: ['not-found'],
  },
  getTimeline: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/runs/{run}/timeline',
    summary: 'Every step of a run',
    permission: 'read',
    status: 200,
    response: workflows.RunTimeline,
    errors: ['not-found'],
  },
  getStepPayload: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/runs/{run}/steps/{occurrence}/{part}',
    summary: 'The whole input or output of a step, as a download',
    permission: 'read',
    query: workflows.StepPayloadQuery,
    status: 200,
    errors: ['not-found'],
  },
  getRunHistory: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/runs/{run}/history',
    summary: 'Every entry of the journal of a run, from the first one on',
    permission: 'read',
    query: runHistory.HistoryQuery,
    status: 200,
    response: runHistory.HistoryPage,
    errors: ['not-found'],
  },
  getHistoryEntry: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/runs/{run}/history/{entry}',
    summary: 'One entry with everything in it but credentials, as a download',
    permission: 'read',
    status: 200,
    errors: ['not-found'],
  },
  getRunState: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/runs/{run}/state',
    summary: 'A run and its steps as they were right after an entry of its history',
    permission: 'read',
    query: runHistory.RunStateQuery,
    status: 200,
    response: runHistory.RunStateAt,
    errors: ['not-found'],
  },
  exportRun: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/runs/{run}/export',
    summary: 'The run, its definition and its journal as one file that can be checked',
    permission: 'read',
    status: 200,
    response: runHistory.RunExportFile,
    errors: ['not-found'],
  },
  runEvents: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/runs/{run}/events',
    summary: 'Live events of a run (Last-Event-ID resumes)',
    permission: 'read',
    status: 200,
    events: workflows.RunEvent,
    resumable: true,
    errors: ['not-found'],
  },
  cancelRun: {
    service: 'workflow',
    method: 'POST',
    path: '/v1/runs/{run}/cancel',
    summary: 'Cancel a run',
    permission: 'run',
    body: workflows.CancelRun,
    status: 202,
    response: workflows.Run,
    errors: ['not-found', 'illegal-transition'],
  },
  ...runControlRoutes,
  ...runReplayRoutes,
  ...incomingEventRoutes,
  retryRun: {
    service: 'workflow',
    method: 'POST',
    path: '/v1/runs/{run}/retry',
    summary: 'Run the failed step of a failed run again',
    permission: 'run',
    status: 202,
    response: workflows.Run,
    errors: ['not-found', 'illegal-transition'],
  },
  rerunRun: {
    service: 'workflow',
    method: 'POST',
    path: '/v1/runs/{run}/rerun',
    summary: 'Start a new run of the live version with the input of this one, or another',
    permission: 'run',
    body: workflows.RerunRun,
    status: 202,
    response: workflows.Run,
    idempotent: true,
    errors: ['not-found', 'invalid-input', 'in-flight', 'key-reused', 'overloaded'],
  },

  ...scheduleRoutes,
  ...secretRoutes,
  ...taskQueueRoutes,

  listApprovals: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/approvals',
    summary: 'Approvals, latest first',
    permission: 'read',
    query: workflows.ApprovalListQuery,
    status: 200,
    response: workflows.ApprovalPage,
  },
  approvalEvents: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/approvals/events',
    summary: 'Live events of the inbox',
    permission: 'read',
    status: 200,
    events: workflows.ApprovalEvent,
  },
  getApproval: {
    service: 'workflow',
    method: 'GET',
    path: '/v1/approvals/{approval}',
    summary: 'An approval',
    permission: 'read',
    status: 200,
    response: workflows.Approval,
    errors: ['not-found'],
  },
  decideApproval: {
    service: 'workflow',
    method: 'POST',
    path: '/v1/approvals/{approval}/decide',
    summary: 'Approve or reject',
    permission: 'decide',
    body: workflows.DecideApproval,
    status: 200,
    response: workflows.Approval,
    errors: ['not-found', 'forbidden', 'invalid-input', 'conflict'],
  },
} as const satisfies Record<string, Omit<Route, 'id'>>;

/** Name of an operation; also its operationId. */
export type RouteId = keyof typeof routes;

/** Every route with its id. */
export function allRoutes(): Route[] {
  return Object.entries(routes).map(([id, route]) => ({ id, ...(route as Omit<Route, 'id'>) }));
}
