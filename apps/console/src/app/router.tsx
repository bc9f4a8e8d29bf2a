import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
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
  beforeLoad: () => {
    throw redirect({ to: '/conversations' });
  },
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

const runs = createRoute({
  getParentRoute: () => root,
  path: '/runs',
  component: lazyRouteComponent(() => import('../pages/runs/runs-page'), 'RunsPage'),
});

export const runRoute = createRoute({
  getParentRoute: () => root,
  path: '/runs/$run',
  component: lazyRouteComponent(() => import('../pages/runs/run-page'), 'RunPage'),
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
    runs,
    runRoute,
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
