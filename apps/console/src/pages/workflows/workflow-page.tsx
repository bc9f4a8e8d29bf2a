import type { Workflow, WorkflowVersion } from '@parley/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client';
import { workflowRoute } from '../../app/router';
import { Button } from '../../ui/button';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { When } from '../../ui/when';
import { StartRun } from '../runs/start-run';
import { RefineInChat } from './refine-in-chat';
import { VersionList } from './version-list';
import { VersionView } from './version-view';
import styles from './workflow-page.module.css';

const pageSize = 20;

/** A workflow, its versions, and what can be done with it. */
export function WorkflowPage() {
  const { workflow: workflowId } = workflowRoute.useParams();
  const found = useQuery({
    queryKey: ['workflow', workflowId],
    queryFn: () => client.call('getWorkflow', { params: { workflow: workflowId } }),
  });
  if (found.data !== undefined) return <WorkflowView key={workflowId} workflow={found.data} />;
  return (
    <Page title="Workflow" above={<Link to="/workflows">Workflows</Link>}>
      {found.isError ? <Problem error={found.error} /> : <Spinner label="Loading the workflow" />}
    </Page>
  );
}

function WorkflowView({ workflow }: { workflow: Workflow }) {
  const { id, title, summary, tags, latestVersion } = workflow;
  const list = useInfiniteQuery({
    queryKey: ['versions', id, latestVersion],
    queryFn: ({ pageParam }) =>
      client.call('listVersions', {
        params: { workflow: id },
        query: { pageSize, pageToken: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
  });
  const versions = list.data?.pages.flatMap((page) => page.items) ?? [];
  const [chosen, setChosen] = useState<number>();
  const shown = shownOf(versions, chosen ?? tags['live']);
  return (
    <Page
      title={title}
      above={<Link to="/workflows">Workflows</Link>}
      actions={
        <>
          <RefineInChat workflowId={id} />
          <StartRun workflowId={id} title={title} />
        </>
      }
    >
      {summary === undefined || summary === title ? null : <p>{summary}</p>}
      <Facts workflow={workflow} />
      {list.isPending ? <Spinner label="Loading versions" /> : null}
      {list.isError ? <Problem error={list.error} /> : null}
      <div className={styles['columns']}>
        <section aria-labelledby="versions" className={styles['versions']}>
          <h2 id="versions">Versions</h2>
          <VersionList
            workflow={workflow}
            versions={versions}
            shown={shown?.version}
            onShow={setChosen}
          />
          {list.hasNextPage ? (
            <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show earlier versions
            </Button>
          ) : null}
        </section>
        {shown === undefined ? null : <VersionView workflow={workflow} version={shown} />}
      </div>
    </Page>
  );
}

function shownOf(
  versions: readonly WorkflowVersion[],
  wanted: number | undefined,
): WorkflowVersion | undefined {
  return versions.find(({ version }) => version === wanted) ?? versions[0];
}

function Facts({ workflow }: { workflow: Workflow }) {
  const { id, name, trigger, nextRunAt, conversationId } = workflow;
  return (
    <dl className={styles['facts']}>
      <div>
        <dt>Trigger</dt>
        <dd>{trigger}</dd>
      </div>
      {nextRunAt === undefined ? null : (
        <div>
          <dt>Next run</dt>
          <dd>
            <When at={nextRunAt} />
          </dd>
        </div>
      )}
      <div>
        <dt>Runs</dt>
        <dd>
          <Link to="/runs" search={{ workflow: id }}>
            See its runs
          </Link>
        </dd>
      </div>
      {conversationId === undefined ? null : (
        <div>
          <dt>Comes from</dt>
          <dd>
            <Link to="/conversations/$conversation" params={{ conversation: conversationId }}>
              its conversation
            </Link>
          </dd>
        </div>
      )}
      <div>
        <dt>Name</dt>
        <dd>
          <code>{name}</code>
        </dd>
      </div>
    </dl>
  );
}
