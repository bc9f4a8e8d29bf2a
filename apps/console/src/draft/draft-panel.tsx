import type { Draft, DraftRevision } from '@parley/contracts';
import { useState } from 'react';
import { messageOf } from '../api/client';
import { useMay } from '../app/person';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { Notice } from '../ui/notice';
import { Spinner } from '../ui/spinner';
import { Tabs, type Tab } from '../ui/tabs';
import { ApproveBar } from './approve-bar';
import { DiffTab } from './diff-tab';
import styles from './draft-panel.module.css';
import { GraphTab } from './graph-tab';
import { RevisionsTab } from './revisions-tab';
import { SideEffectList } from './side-effects';
import { useEdit, type DraftEdit } from './use-edit';
import { useRevision } from './use-revisions';
import { YamlTab } from './yaml-tab';

type Place = 'graph' | 'yaml' | 'diff' | 'calls' | 'revisions';

/** A step to be shown in the view that it was asked for in. */
interface Jump {
  readonly to: Place;
  readonly step: { readonly pointer: string };
}

export interface DraftPanelProps {
  readonly draft: Draft | undefined;
  /** The agent is working on this draft. */
  readonly isAnswering: boolean;
  /** A revision to show instead of the latest. */
  readonly shownRevision: number | undefined;
  readonly onShowRevision: (revision: number | undefined) => void;
  readonly onChanged: (draft: Draft) => void;
  /** The person wants to answer the open questions. */
  readonly onAnswer: () => void;
}

/** A draft: its picture, text, differences, calls, revisions, and its approval. */
export function DraftPanel(props: DraftPanelProps) {
  const { draft, isAnswering, shownRevision, onShowRevision, onChanged } = props;
  const [place, setPlace] = useState<Place>('graph');
  const [jump, setJump] = useState<Jump>();
  const mayBuild = useMay('build');
  const edit = useEdit(draft, onChanged);
  const { revision, isLatest, error } = useRevision(draft, shownRevision);
  if (draft?.latest === undefined) return <NoDraft isAnswering={isAnswering} />;
  const { latest } = draft;
  const blocked = isAnswering ? 'Parley is working on this draft' : undefined;
  const obstacles =
    edit.unsaved === undefined
      ? []
      : ['The YAML has changes that are not saved. Save or discard them.'];
  const show = (to: Place, pointer: string) => {
    setJump({ to, step: { pointer } });
    setPlace(to);
  };
  return (
    <section className={styles['panel']} aria-label="Draft">
      <Tabs
        className={styles['tabs']}
        label="Views of the draft"
        tabs={tabsFor(latest, edit)}
        selected={place}
        onSelect={(to) => {
          setJump(undefined);
          setPlace(to);
        }}
      >
        <div className={styles['view']}>
          {isLatest ? null : (
            <p className={styles['earlier']} role="status">
              Revision {shownRevision}; the latest is {latest.number}
              <Button size="small" onClick={() => onShowRevision(undefined)}>
                Show the latest
              </Button>
            </p>
          )}
          {error === null ? null : <Notice tone="bad">{messageOf(error)}</Notice>}
          {revision === undefined ? (
            <Spinner label="Loading the revision" />
          ) : (
            <View
              {...{ draft, revision, place, edit, blocked, onChanged }}
              canEdit={isLatest && mayBuild}
              step={jump?.to === place ? jump.step : undefined}
              onShowStep={show}
              onShow={(number) => onShowRevision(number === latest.number ? undefined : number)}
            />
          )}
        </div>
      </Tabs>
      <ApproveBar
        draft={draft}
        latest={latest}
        obstacles={obstacles}
        isAnswering={isAnswering}
        isLatestShown={isLatest}
        onShowLatest={() => onShowRevision(undefined)}
        onAnswer={props.onAnswer}
        onChanged={onChanged}
      />
    </section>
  );
}

function tabsFor(latest: DraftRevision, { unsaved }: DraftEdit): Tab<Place>[] {
  const errors = latest.diagnostics.filter(({ severity }) => severity === 'error').length;
  return [
    { id: 'graph', label: 'Graph' },
    {
      id: 'yaml',
      label: (
        <>
          YAML
          {unsaved === undefined ? null : <span className={styles['unsaved']}>unsaved</span>}
          {unsaved === undefined && errors > 0 ? (
            <span className={styles['errors']}>{errors}</span>
          ) : null}
        </>
      ),
    },
    { id: 'diff', label: 'Diff' },
    { id: 'calls', label: `Calls ${String(latest.sideEffects.length)}` },
    { id: 'revisions', label: 'Revisions' },
  ];
}

interface ViewProps {
  readonly draft: Draft;
  readonly revision: DraftRevision;
  readonly place: Place;
  readonly edit: DraftEdit;
  readonly blocked: string | undefined;
  readonly canEdit: boolean;
  /** The step that the view shows first. */
  readonly step: Jump['step'] | undefined;
  readonly onShowStep: (to: Place, pointer: string) => void;
  readonly onShow: (revision: number) => void;
  readonly onChanged: (draft: Draft) => void;
}

function View(props: ViewProps) {
  const { draft, revision, place, edit, blocked, canEdit, step, onShow, onChanged } = props;
  switch (place) {
    case 'graph':
      return (
        <GraphTab
          draft={draft}
          revision={revision}
          unsaved={canEdit ? edit.unsaved?.text : undefined}
          step={step}
          onShowText={(pointer) => props.onShowStep('yaml', pointer)}
        />
      );
    case 'yaml':
      return (
        <YamlTab
          key={canEdit ? 'latest' : revision.number}
          {...{ revision, edit, canEdit, blocked }}
          reveal={step}
          onShowStep={(pointer) => props.onShowStep('graph', pointer)}
        />
      );
    case 'diff':
      return <DiffTab key={revision.number} draft={draft} revision={revision} />;
    case 'calls':
      return (
        <div className={styles['calls']}>
          <SideEffectList effects={revision.sideEffects} />
        </div>
      );
    case 'revisions':
      return (
        <RevisionsTab
          draft={draft}
          shown={revision.number}
          blocked={blocked}
          onShow={onShow}
          onChanged={(changed) => {
            onShow(changed.latest?.number ?? 0);
            onChanged(changed);
          }}
        />
      );
  }
}

function NoDraft({ isAnswering }: { isAnswering: boolean }) {
  return (
    <section className={styles['panel']} aria-label="Draft">
      <EmptyState title="No draft yet">
        <p>
          {isAnswering
            ? 'It appears here as soon as Parley has understood enough.'
            : 'Describe a process in the chat. Its workflow appears here as a picture and as text.'}
        </p>
      </EmptyState>
    </section>
  );
}
