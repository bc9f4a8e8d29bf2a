import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { client } from '../../api/client';
import { JsonView } from '../../json/json-view';
import { Button } from '../../ui/button';
import { Problem } from '../../ui/problem';
import { TextArea } from '../../ui/text-area';
import styles from './run-page.module.css';

/** Asks what the run is right now, by an expression; the run goes on meanwhile. */
export function QueryRun({ runId }: { runId: string }) {
  const id = useId();
  const [expression, setExpression] = useState('.');
  const ask = useMutation({
    mutationFn: () =>
      client.call('queryRun', { params: { run: runId }, body: { expression: expression.trim() } }),
  });
  const isReady = expression.trim() !== '';
  return (
    <details className={styles['value']} data-testid="query-run">
      <summary>Query</summary>
      <form
        className={styles['query']}
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !ask.isPending) ask.mutate();
        }}
      >
        <label htmlFor={id}>
          Expression in jq; <code>.</code> is the run with its open steps, <code>$input</code> and{' '}
          <code>$context</code> are the run’s
        </label>
        <TextArea
          id={id}
          data-testid="query-expression"
          spellCheck={false}
          value={expression}
          onChange={({ target }) => setExpression(target.value)}
        />
        <div>
          <Button type="submit" data-testid="query-submit" disabled={!isReady} busy={ask.isPending}>
            Ask
          </Button>
        </div>
        {ask.isError ? <Problem error={ask.error} /> : null}
        <div role="status" data-testid="query-answer">
          {ask.data?.values.map((value, at) => (
            <JsonView key={at} value={value} />
          ))}
          {ask.data?.values.length === 0 ? <p>Nothing.</p> : null}
        </div>
      </form>
    </details>
  );
}
