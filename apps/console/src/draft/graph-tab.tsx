import type { Draft, DraftRevision } from '@parley/contracts';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { client, messageOf } from '../api/client';
import { EmptyState } from '../ui/empty-state';
import { Notice } from '../ui/notice';
import { Spinner } from '../ui/spinner';
import styles from './graph-tab.module.css';
import { DiagnosticList } from './diagnostic-list';
import { useDefinition } from './language';

const GraphView = lazy(async () => {
  const { GraphView: component } = await import('./graph/graph-view');
  return { default: component };
});

export interface GraphTabProps {
  readonly draft: Draft;
  readonly revision: DraftRevision;
  /** A text that has not been saved; it is what is drawn then. */
  readonly unsaved: string | undefined;
  /** The step that is shown first. */
  readonly step: { readonly pointer: string } | undefined;
  readonly onShowText: (pointer: string) => void;
}

/** The picture of a revision, with what it changed against the one before. */
export function GraphTab({ draft, revision, unsaved, step, onShowText }: GraphTabProps) {
  const definition = useDefinition(unsaved ?? revision.source, revision.timezone);
  const [from, to] = [revision.number - 1, revision.number];
  const diff = useQuery({
    queryKey: ['draft-diff', draft.id, from, to, 0],
    queryFn: () => client.call('diffDraft', { params: { draft: draft.id }, query: { from, to } }),
    enabled: from >= 1 && unsaved === undefined,
    staleTime: Infinity,
  });
  if (definition.isError) return <Notice tone="bad">{messageOf(definition.error)}</Notice>;
  if (definition.data === undefined) return <Spinner label="Drawing" />;
  const { graph, diagnostics } = definition.data;
  if (graph === undefined) {
    return (
      <div className={styles['broken']}>
        <EmptyState title="It cannot be drawn while it has errors">
          <p>Mend them in the YAML, or say in the chat what should be different.</p>
        </EmptyState>
        <DiagnosticList diagnostics={diagnostics.filter(({ severity }) => severity === 'error')} />
      </div>
    );
  }
  return (
    <div className={styles['graph']}>
      {unsaved === undefined ? null : (
        <p className={styles['note']}>Drawn with your unsaved changes</p>
      )}
      <Suspense fallback={<Spinner label="Drawing" />}>
        <GraphView
          graph={graph}
          changes={unsaved === undefined ? diff.data?.changes : undefined}
          shown={step}
          onOpen={{ words: 'Show in text', open: ({ pointer }) => onShowText(pointer) }}
        />
      </Suspense>
    </div>
  );
}
