import type { Connector } from '@parley/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { connectorRoute } from '../../app/router';
import { Button } from '../../ui/button';
import { Dialog, DialogForm } from '../../ui/dialog';
import { Notice } from '../../ui/notice';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { StatusPill } from '../../ui/status-pill';
import { AddressSection } from './address-section';
import { ConnectionTest } from './connection-test';
import { CredentialsSection } from './credentials-section';
import { OperationsSection } from './operations-section';
import styles from './connector-page.module.css';

/** Where a connector's calls go, how they sign in, and what can be called. */
export function ConnectorPage() {
  const { connector: id } = connectorRoute.useParams();
  const found = useQuery({
    queryKey: ['connectors', id],
    queryFn: () => client.call('getConnector', { params: { connector: id } }),
  });
  if (found.data !== undefined) return <ConnectorView key={id} connector={found.data} />;
  return (
    <Page title="Connector" above={<Link to="/connectors">Connectors</Link>}>
      {found.isError ? <Problem error={found.error} /> : <Spinner label="Loading the connector" />}
    </Page>
  );
}

function ConnectorView({ connector }: { connector: Connector }) {
  const { title, description, name, version, openQuestions, notices = [] } = connector;
  const isReady = openQuestions.length === 0;
  return (
    <Page
      title={title}
      above={<Link to="/connectors">Connectors</Link>}
      beside={<StatusPill status={isReady ? 'ready' : 'not ready'} />}
      actions={<Remove connector={connector} />}
    >
      {description === undefined ? null : <p className={styles['about']}>{description}</p>}
      <p className={styles['facts']}>
        <span>
          Name in workflows <code>{name}</code>
        </span>
        <span>Version {version} of the document</span>
      </p>
      {isReady ? null : (
        <Notice tone="warn" title="Before it can be called" testId="open-questions">
          <ul className={styles['questions']}>
            {openQuestions.map((question) => (
              <li key={question}>{question}</li>
            ))}
          </ul>
        </Notice>
      )}
      <AddressSection connector={connector} />
      <CredentialsSection connector={connector} />
      <ConnectionTest connector={connector} />
      <OperationsSection connector={connector} />
      {notices.length === 0 ? null : (
        <details className={styles['notices']}>
          <summary>What the import left out or assumed ({notices.length})</summary>
          <ul className={styles['questions']}>
            {notices.map((notice) => (
              <li key={notice}>{notice}</li>
            ))}
          </ul>
        </details>
      )}
    </Page>
  );
}

function Remove({ connector }: { connector: Connector }) {
  const mayBuild = useMay('build');
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <Button kind="danger" disabled={!mayBuild} onClick={() => setIsAsking(true)}>
        Remove
      </Button>
      {isAsking ? <RemoveDialog connector={connector} onClose={() => setIsAsking(false)} /> : null}
    </>
  );
}

function RemoveDialog({ connector, onClose }: { connector: Connector; onClose: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => client.call('deleteConnector', { params: { connector: connector.id } }),
    onSuccess: async () => {
      await navigate({ to: '/connectors' });
      queries.removeQueries({ queryKey: ['connectors', connector.id] });
      await Promise.all(
        ['connectors', 'catalogue'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      );
    },
  });
  return (
    <Dialog title={`Remove ${connector.title}?`} onClose={onClose}>
      <DialogForm
        onSubmit={() => remove.mutate()}
        buttons={
          <>
            <Button onClick={onClose}>Keep it</Button>
            <Button kind="danger" type="submit" busy={remove.isPending}>
              Remove
            </Button>
          </>
        }
      >
        {remove.isError ? <Problem error={remove.error} /> : null}
        <p>
          Its credentials and approved addresses are removed with it. Workflows that call it fail at
          that step until it is imported again.
        </p>
      </DialogForm>
    </Dialog>
  );
}
