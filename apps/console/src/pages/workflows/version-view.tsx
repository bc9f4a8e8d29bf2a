import type { Workflow, WorkflowVersion } from '@parley/contracts';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { client } from '../../api/client';
import { useDefinition } from '../../draft/language';
import { SideEffectList } from '../../draft/side-effects';
import { JsonView } from '../../json/json-view';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { Tabs } from '../../ui/tabs';
import { StartRun } from '../runs/start-run';
import styles from './workflow-page.module.css';

// The editor and the graph are large; lists and other pages do without them.
const GraphView = lazy(async () => {
  const { GraphView: component } = await import('../../draft/graph/graph-view');
  return { default: component };
});
const YamlEditor = lazy(async () => {
  const { YamlEditor: component } = await import('../../draft/yaml-editor');
  return { default: component };
});

const tabs = [
  { id: 'graph', label: 'Graph' },
  { id: 'source', label: 'Source' },
  { id: 'calls', label: 'What it calls' },
  { id: 'input', label: 'Input' },
] as const;

export interface VersionViewProps {
  readonly workflow: Workflow;
  readonly version: WorkflowVersion;
}

/** One version to read: as picture, as text, by what it calls and what it takes. */
export function VersionView({ workflow, version }: VersionViewProps) {
  const [tab, setTab] = useState<(typeof tabs)[number]['id']>('graph');
  const isLive = workflow.tags['live'] === version.version;
  return (
    <section className={styles['view']} aria-label={`Version ${String(version.version)}`}>
      <Tabs
        label="Views of the version"
        tabs={tabs}
        selected={tab}
        onSelect={setTab}
        aside={
          isLive ? undefined : (
            <StartRun
              workflowId={workflow.id}
              title={`${workflow.title}, version ${String(version.version)}`}
              version={version.version}
              label="Run this version"
            />
          )
        }
      >
        <Suspense fallback={<Spinner label="Loading" />}>
          {tab === 'graph' ? <Graph version={version} /> : null}
          {tab === 'source' ? (
            <div className={styles['source']} data-testid="version-source">
              <YamlEditor
                key={version.version}
                label={`Source of version ${String(version.version)}`}
                text={version.source}
              />
            </div>
          ) : null}
          {tab === 'calls' ? (
            <div className={styles['padded']}>
              <SideEffectList effects={version.sideEffects} />
            </div>
          ) : null}
          {tab === 'input' ? <InputSchema version={version} /> : null}
        </Suspense>
      </Tabs>
    </section>
  );
}

/**
 * Drawn with the connectors of today, which name what is called. A version that they no longer fit
 * is drawn without them.
 */
function Graph({
  version: { workflowId, version, source, timezone },
}: {
  version: WorkflowVersion;
}) {
  const definition = useDefinition(source, timezone);
  const fitsToday = definition.data?.graph !== undefined && !definition.isPlaceholderData;
  const bare = useQuery({
    queryKey: ['graph', workflowId, version],
    queryFn: () => client.call('graphDefinition', { body: { source, timezone } }),
    enabled: !definition.isPending && !definition.isPlaceholderData && !fitsToday,
    staleTime: Infinity,
  });
  const graph = fitsToday ? definition.data?.graph : bare.data;
  if (graph === undefined && bare.isError) {
    return (
      <div className={styles['padded']}>
        <Problem error={bare.error} />
      </div>
    );
  }
  return (
    <div className={styles['graph']}>
      {graph === undefined ? <Spinner label="Drawing" /> : <GraphView graph={graph} />}
    </div>
  );
}

function InputSchema({ version: { inputSchema } }: { version: WorkflowVersion }) {
  return (
    <div className={styles['padded']}>
      {inputSchema === undefined ? (
        <p>This version does not say what its input looks like; it takes any JSON.</p>
      ) : (
        <JsonView value={inputSchema} />
      )}
    </div>
  );
}
