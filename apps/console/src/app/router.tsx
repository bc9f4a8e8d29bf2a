import { RunStatus } from '@parley/contracts';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
} from '@tanstack/react-router';
import { NotFound } from './not-found';
import { PageError } from './page-error';
import { Shell } from './shell';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: PageError,
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: () => <Navigate to="/conversations" replace />,
});

const conversations = createRoute({
  getParentRoute: () => root,
  path: '/conversations',
  component: lazyRouteComponent(
    () => import('../pages/conversations/conversations-page'),
    'ConversationsPage',
  ),
});

/** `run`: the run that the next thing said is about. */
export const conversationRoute = createRoute({
  getParentRoute: () => root,
  path: '/conversations/$conversation',
  validateSearch: (search: Record<string, unknown>): { run?: string } =>
    typeof search['run'] === 'string' ? { run: search['run'] } : {},
  component: lazyRouteComponent(
    () => import('../pages/conversations/conversation-page'),
    'ConversationPage',
  ),
});

const workflows = createRoute({
  getParentRoute: () => root,
  path: '/workflows',
  component: lazyRouteComponent(() => import('../pages/workflows/workflows-page'), 'WorkflowsPage'),
});

export const workflowRoute = createRoute({
  getParentRoute: () => root,
  path: '/workflows/$workflow',
  component: lazyRouteComponent(() => import('../pages/workflows/workflow-page'), 'WorkflowPage'),
});

/** What the list of runs is narrowed to. */
export interface RunsSearch {
  readonly workflow?: string;
  readonly status?: RunStatus;
  /** Only runs that nothing moves any more. */
  readonly stalled?: true;
  readonly tag?: string;
  /** Like `total>=100`. */
  readonly attribute?: string;
  /** Started then or later. */
  readonly from?: string;
  /** Started before then. */
  readonly before?: string;
}

export const runsRoute = createRoute({
  getParentRoute: () => root,
  path: '/runs',
  validateSearch: (search: Record<string, unknown>): RunsSearch => {
    const { workflow, tag, attribute, from, before } = search;
    const status = RunStatus.safeParse(search['status']);
    return {
      ...(typeof workflow === 'string' ? { workflow } : {}),
      ...(status.success ? { status: status.data } : {}),
      ...(search['stalled'] === true ? { stalled: true } : {}),
      // A tag such as 2027 is a number in the address.
      ...(typeof tag === 'string' || typeof tag === 'number' ? { tag: String(tag) } : {}),
      ...(typeof attribute === 'string' ? { attribute } : {}),
      ...(isTime(from) ? { from } : {}),
      ...(isTime(before) ? { before } : {}),
    };
  },
  component: lazyRouteComponent(() => import('../pages/runs/runs-page'), 'RunsPage'),
});

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

export const runRoute = createRoute({
  getParentRoute: () => root,
  path: '/runs/$run',
  component: lazyRouteComponent(() => import('../pages/runs/run-page'), 'RunPage'),
});

/** `entry`: the moment that is looked at. */
export const runHistoryRoute = createRoute({
  getParentRoute: () => root,
  path: '/runs/$run/history',
  validateSearch: (search: Record<string, unknown>): { entry?: number } => {
    const entry = Number(search['entry']);
    return Number.isSafeInteger(entry) && entry >= 1 ? { entry } : {};
  },
  component: lazyRouteComponent(() => import('../pages/runs/history-page'), 'HistoryPage'),
});

const schedules = createRoute({
  getParentRoute: () => root,
  path: '/schedules',
  component: lazyRouteComponent(() => import('../pages/schedules/schedules-page'), 'SchedulesPage'),
});

const taskQueues = createRoute({
  getParentRoute: () => root,
  path: '/task-queues',
  component: lazyRouteComponent(
    () => import('../pages/task-queues/task-queues-page'),
    'TaskQueuesPage',
  ),
});

export const taskQueueRoute = createRoute({
  getParentRoute: () => root,
  path: '/task-queues/$queue',
  component: lazyRouteComponent(
    () => import('../pages/task-queues/task-queue-page'),
    'TaskQueuePage',
  ),
});

const inbox = createRoute({
  getParentRoute: () => root,
  path: '/inbox',
  component: lazyRouteComponent(() => import('../pages/inbox/inbox-page'), 'InboxPage'),
});

const connectors = createRoute({
  getParentRoute: () => root,
  path: '/connectors',
  component: lazyRouteComponent(
    () => import('../pages/connectors/connectors-page'),
    'ConnectorsPage',
  ),
});

export const connectorRoute = createRoute({
  getParentRoute: () => root,
  path: '/connectors/$connector',
  component: lazyRouteComponent(
    () => import('../pages/connectors/connector-page'),
    'ConnectorPage',
  ),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    conversations,
    conversationRoute,
    workflows,
    workflowRoute,
    runsRoute,
    runRoute,
    runHistoryRoute,
    schedules,
    taskQueues,
    taskQueueRoute,
    inbox,
    connectors,
    connectorRoute,
  ]),
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
