import type { Connector, DemoLoaded } from '@parley/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { EmptyState } from '../../ui/empty-state';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { StatusPill } from '../../ui/status-pill';
import { DemoNotice, LoadDemo } from '../conversations/load-demo';
import { ImportDialog } from './import-dialog';
import styles from './connectors-page.module.css';

const pageSize = 100;

/** The systems that workflows can call, and what each still needs. */
export function ConnectorsPage() {
  const mayBuild = useMay('build');
  const [isImporting, setIsImporting] = useState(false);
  const [demo, setDemo] = useState<DemoLoaded>();
  const list = useInfiniteQuery({
    queryKey: ['connectors', 'list'],
    queryFn: ({ pageParam }) =>
      client.call('listConnectors', { query: { pageSize, pageToken: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
  });
  const connectors = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Connectors"
      actions={
        <>
          <LoadDemo onLoaded={setDemo} />
          <Button
            kind="primary"
            data-testid="import-connector"
            disabled={!mayBuild}
            title={mayBuild ? undefined : 'Your roles do not allow to import connectors'}
            onClick={() => setIsImporting(true)}
          >
            Import OpenAPI
          </Button>
        </>
      }
    >
      {demo === undefined ? null : <DemoNotice loaded={demo} hasLink={false} />}
      {list.isPending ? <Spinner label="Loading connectors" /> : null}
      {list.isError ? <Problem error={list.error} /> : null}
      {list.isSuccess && connectors.length === 0 ? (
        <EmptyState title="No system is connected yet">
          <p>
            Import the OpenAPI document of a system to let workflows call it, or load the demo
            business to try things out.
          </p>
        </EmptyState>
      ) : null}
      <ul className={styles['list']}>
        {connectors.map((connector) => (
          <Card key={connector.id} connector={connector} />
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
      {isImporting ? <ImportDialog onClose={() => setIsImporting(false)} /> : null}
    </Page>
  );
}

function Card({ connector }: { connector: Connector }) {
  const { id, name, title, description, baseUrl, operationCount, openQuestions } = connector;
  const isReady = openQuestions.length === 0;
  return (
    <li
      data-testid="connector-card"
      data-connector={name}
      data-ready={isReady}
      className={styles['card']}
    >
      <div className={styles['head']}>
        <Link to="/connectors/$connector" params={{ connector: id }}>
          {title}
        </Link>
        <StatusPill status={isReady ? 'ready' : 'not ready'} />
      </div>
      {description === undefined ? null : <p className={styles['about']}>{description}</p>}
      <p className={styles['facts']}>
        <code>{name}</code>
        <span>{operationCount === 1 ? '1 operation' : `${String(operationCount)} operations`}</span>
        {baseUrl === undefined ? null : <span>{baseUrl}</span>}
      </p>
      {isReady ? null : (
        <ul className={styles['questions']}>
          {openQuestions.map((question) => (
            <li key={question}>{question}</li>
          ))}
        </ul>
      )}
    </li>
  );
}
