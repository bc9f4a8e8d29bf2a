import type {
  Approval,
  Connector,
  Run,
  RunStep,
  Workflow,
  WorkflowVersion,
} from '@parley/contracts';

export const workflowId = 'wf_01k00000000000000000000000';
export const runId = 'run_01k00000000000000000000000';
export const approvalId = 'apr_01k00000000000000000000000';

export const workflow: Workflow = {
  id: workflowId,
  name: 'handle-order',
  title: 'Handle an order',
  latestVersion: 2,
  tags: { live: 2 },
  trigger: 'Started by a person',
  createdAt: '2026-11-02T09:00:00.000Z',
  updatedAt: '2026-11-02T10:00:00.000Z',
};

export const version: WorkflowVersion = {
  workflowId,
  version: 2,
  source: 'document:\n  name: handle-order\n',
  timezone: 'Europe/Berlin',
  irHash: 'a1',
  sideEffects: [],
  trigger: 'Started by a person',
  revisionHash: 'b2',
  approvedBy: 'mem_01',
  createdAt: '2026-11-02T10:00:00.000Z',
};

export const run: Run = {
  id: runId,
  workflowId,
  workflowName: 'handle-order',
  version: 2,
  status: 'running',
  startedBy: 'Olivia Owner',
  tags: [],
  attributes: {},
  input: { orderId: 'ord-1' },
  waitingFor: [],
  createdAt: '2026-11-02T10:00:00.000Z',
  updatedAt: '2026-11-02T10:00:00.000Z',
  position: 1,
};

export const completedRun: Run = {
  ...run,
  status: 'completed',
  output: { confirmed: true },
  endedAt: '2026-11-02T10:00:01.500Z',
};

export const failedRun: Run = {
  ...run,
  status: 'failed',
  error: { type: 'https://parley.dev/errors/call', status: 422, title: 'Call refused' },
  failedStep: 'do/confirm',
  endedAt: '2026-11-02T10:00:02.000Z',
};

export const checkStep: RunStep = {
  occurrence: 'do/check',
  node: 'do/check',
  name: 'check',
  kind: 'call',
  status: 'completed',
  startedAt: '2026-11-02T10:00:00.100Z',
  endedAt: '2026-11-02T10:00:00.400Z',
  attempts: [
    {
      attempt: 1,
      startedAt: '2026-11-02T10:00:00.100Z',
      endedAt: '2026-11-02T10:00:00.200Z',
      error: { type: 'x', status: 503, title: 'No answer' },
    },
    { attempt: 2, startedAt: '2026-11-02T10:00:00.300Z', endedAt: '2026-11-02T10:00:00.400Z' },
  ],
  input: { value: { item: 'soup' }, truncated: false, bytes: 15 },
  output: { value: { free: 3 }, truncated: false, bytes: 10 },
  calls: 'kitchen · GET /capacity',
};

export const approval: Approval = {
  id: approvalId,
  runId,
  workflowId,
  workflowName: 'handle-order',
  step: 'do/ask',
  title: 'Order above 200',
  assignee: { role: 'manager' },
  mine: true,
  status: 'pending',
  requestedAt: '2026-11-02T10:00:00.000Z',
};

export const connector: Connector = {
  id: 'con_01k00000000000000000000000',
  name: 'kitchen',
  title: 'Kitchen',
  version: '1.0.0',
  documentHash: 'c3',
  servers: [],
  baseUrl: 'http://127.0.0.1:7420/kitchen',
  addressApproved: false,
  securitySchemes: [],
  operationCount: 4,
  openQuestions: ['The address is not approved.'],
  createdAt: '2026-11-02T10:00:00.000Z',
  updatedAt: '2026-11-02T10:00:00.000Z',
};
