import type { Connector, Operation } from '@parley/contracts';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { client } from '../../api/client';
import { Button } from '../../ui/button';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import styles from './connector-page.module.css';

const shownFirst = 100;

const deliveryWords: Readonly<Record<Operation['delivery'], string>> = {
  safe: 'changes nothing, safe to repeat',
  idempotent: 'safe to repeat',
  keyed: 'repeated with a key, done once',
  once: 'never repeated on its own',
};

/** Everything that the connector can be asked to do. */
export function OperationsSection({ connector }: { connector: Connector }) {
  const found = useQuery({
    queryKey: ['connectors', connector.id, 'operations', connector.documentHash],
    queryFn: () => client.call('getConnectorCatalogue', { params: { connector: connector.id } }),
  });
  return (
    <section className={styles['section']} aria-labelledby="operations">
      <h2 id="operations">
        Operations <small>{connector.operationCount}</small>
      </h2>
      {found.isPending ? <Spinner label="Loading operations" /> : null}
      {found.isError ? <Problem error={found.error} /> : null}
      {found.data === undefined ? null : <Operations operations={found.data.operations} />}
    </section>
  );
}

function Operations({ operations }: { operations: readonly Operation[] }) {
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(shownFirst);
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const found = useMemo(
    () => operations.filter((operation) => textOf(operation).includes(wanted)),
    [operations, wanted],
  );
  return (
    <>
      <input
        type="search"
        className={styles['input']}
        aria-label="Find operations"
        placeholder="Find by path, name or summary"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <span className="visually-hidden" role="status">
        {wanted === '' ? null : `${String(found.length)} operations found`}
      </span>
      {found.length === 0 ? <p className={styles['about']}>No operation is like that.</p> : null}
      <div className={styles['scroll']}>
        <table className={styles['table']} hidden={found.length === 0}>
          <thead>
            <tr>
              <th scope="col">Call</th>
              <th scope="col">What it does</th>
              <th scope="col">When a call is lost</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, limit).map((operation) => (
              <Row key={operation.id} operation={operation} />
            ))}
          </tbody>
        </table>
      </div>
      {found.length > limit ? (
        <div>
          <Button onClick={() => setLimit(limit + shownFirst)}>
            Show more ({found.length - limit})
          </Button>
        </div>
      ) : null}
    </>
  );
}

function Row({ operation }: { operation: Operation }) {
  const { id, method, path, summary, deprecated, delivery, keyHeader } = operation;
  return (
    <tr data-testid="operation-row">
      <td className={styles['call']}>
        <strong data-changes={delivery !== 'safe'}>{method}</strong> <code>{path}</code>
      </td>
      <td>
        {summary ?? '—'}
        {deprecated ? <em> (deprecated)</em> : null}
        <small>{id}</small>
      </td>
      <td>
        {deliveryWords[delivery]}
        {keyHeader === undefined ? null : <small>{keyHeader}</small>}
      </td>
    </tr>
  );
}

function textOf({ id, method, path, summary = '', tags }: Operation): string {
  return `${method} ${path} ${id} ${summary} ${tags.join(' ')}`.toLowerCase();
}
