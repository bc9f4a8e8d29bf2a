import type { Connector } from '@parley/contracts';
import { useMutation } from '@tanstack/react-query';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { durationText } from '../../ui/duration';
import { Notice } from '../../ui/notice';
import { Problem } from '../../ui/problem';
import styles from './connector-page.module.css';

/** Calls something harmless and tells what came back. */
export function ConnectionTest({ connector }: { connector: Connector }) {
  const mayBuild = useMay('build');
  const test = useMutation({
    mutationFn: () => client.call('testConnector', { params: { connector: connector.id } }),
  });
  const { data } = test;
  return (
    <section className={styles['section']} aria-labelledby="test">
      <h2 id="test">Connection</h2>
      <div className={styles['line']}>
        <Button
          data-testid="connector-test"
          busy={test.isPending}
          disabled={!mayBuild || connector.baseUrl === undefined}
          onClick={() => test.mutate()}
        >
          Test connection
        </Button>
        <span className={styles['about']}>
          {connector.baseUrl === undefined
            ? 'Choose the address first.'
            : 'Calls one operation that changes nothing.'}
        </span>
      </div>
      {test.isError ? <Problem error={test.error} /> : null}
      {data === undefined ? null : (
        <Notice
          tone={data.ok ? 'ok' : 'bad'}
          title={data.ok ? 'The connection works' : 'The connection does not work'}
          testId="connector-test-result"
        >
          <p>{data.detail}</p>
          <p className={styles['about']}>
            {data.operation}
            {data.status === undefined ? '' : `, status ${String(data.status)}`}, after{' '}
            {durationText(data.durationMs)}
          </p>
        </Notice>
      )}
    </section>
  );
}
