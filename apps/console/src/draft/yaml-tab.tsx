import type { DraftRevision } from '@parley/contracts';
import { isParleyError } from '@parley/sdk';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';
import { client, messageOf } from '../api/client';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { Spinner } from '../ui/spinner';
import { DiffView } from './diff-view';
import { DiagnosticList, type DiagnosticListProps } from './diagnostic-list';
import { useSharedCatalogue } from './language';
import { TextTools } from './text-tools';
import type { DraftEdit } from './use-edit';
import { useFindings } from './use-findings';
import type { EditorHandle } from './yaml-editor';
import styles from './yaml-tab.module.css';

const YamlEditor = lazy(async () => {
  const { YamlEditor: component } = await import('./yaml-editor');
  return { default: component };
});

/** The text is not YAML. */
const syntaxCode = 'PL1001';

export interface YamlTabProps {
  readonly revision: DraftRevision;
  readonly edit: DraftEdit;
  readonly canEdit: boolean;
  /** Why nothing can be saved right now. */
  readonly blocked: string | undefined;
  /** A place to go to. */
  readonly reveal: { readonly pointer: string } | undefined;
  readonly onShowStep: (pointer: string) => void;
}

/** The definition as text: to read, to change, and what is wrong with it. */
export function YamlTab(props: YamlTabProps) {
  const { revision, edit, canEdit, blocked, reveal, onShowStep } = props;
  const { unsaved, isStale, save } = edit;
  const editor = useRef<EditorHandle>(null);
  const [refused, setRefused] = useState<string>();
  const text = canEdit ? (unsaved?.text ?? revision.source) : revision.source;
  const { diagnostics, advice, isStale: isUnchecked, take, outdate } = useFindings(text, revision);
  const isUnsaved = canEdit && unsaved !== undefined;
  const canSave = isUnsaved && !isStale && blocked === undefined;
  const places: Pick<DiagnosticListProps, 'onGoTo' | 'onFix'> = {
    onGoTo: (position) => editor.current?.goTo(position),
    onFix: canEdit ? (fix) => editor.current?.apply(fix) : undefined,
  };
  useSharedCatalogue();

  return (
    <div className={styles['tab']}>
      <TextTools
        {...{ editor, canEdit, diagnostics, isUnchecked, refused }}
        unsaved={isUnsaved ? <UnsavedBar {...{ edit, blocked }} /> : null}
      />
      {isUnsaved && isStale ? (
        <Stale
          {...{ edit, revision, blocked }}
          isReadable={!diagnostics.some(({ code }) => code === syntaxCode)}
        />
      ) : null}
      {save.isError && isUnsaved && !isParleyError(save.error, 'stale-revision') ? (
        <Notice tone="bad">{messageOf(save.error)}</Notice>
      ) : null}
      <div className={styles['editor']}>
        <Suspense fallback={<Spinner label="Loading the editor" />}>
          <YamlEditor
            ref={editor}
            label="Definition of the workflow in YAML"
            text={text}
            reveal={reveal}
            onChange={canEdit ? edit.change : undefined}
            onSave={() => {
              if (canSave) save.mutate({ over: false });
            }}
            language={{
              timezone: revision.timezone,
              onEdited: () => {
                setRefused(undefined);
                outdate();
              },
              onChecked: take,
              onShowStep,
              onRefused: setRefused,
            }}
          />
        </Suspense>
      </div>
      <DiagnosticList diagnostics={diagnostics} {...places} />
      {advice.length === 0 ? null : (
        <details className={styles['advice']} data-testid="advice">
          <summary>
            {advice.length} {advice.length === 1 ? 'suggestion' : 'suggestions'}
          </summary>
          <DiagnosticList diagnostics={advice} label="Suggestions" {...places} />
        </details>
      )}
    </div>
  );
}

/** What has not been saved yet, and what can be done with it. */
function UnsavedBar({ edit, blocked }: Pick<YamlTabProps, 'edit' | 'blocked'>) {
  const { unsaved, isStale, save, discard } = edit;
  return (
    <div className={styles['bar']}>
      <span>
        Unsaved changes since revision {unsaved?.number}
        {blocked === undefined ? null : <small> · {blocked}</small>}
      </span>
      <Button size="small" kind="quiet" onClick={discard}>
        Discard
      </Button>
      {isStale ? null : (
        <Button
          size="small"
          kind="primary"
          data-testid="save-yaml"
          disabled={blocked !== undefined}
          busy={save.isPending}
          onClick={() => save.mutate({ over: false })}
        >
          Save as revision
        </Button>
      )}
    </div>
  );
}

interface StaleProps extends Pick<YamlTabProps, 'revision' | 'edit' | 'blocked'> {
  readonly isReadable: boolean;
}

/** Somebody else was faster: the person's text stays, and they decide what becomes of it. */
function Stale({ edit, revision, blocked, isReadable }: StaleProps) {
  const [isComparing, setComparing] = useState(false);
  const text = edit.unsaved?.text ?? '';
  const diff = useQuery({
    queryKey: ['definition-diff', revision.source, text],
    queryFn: () =>
      client.call('diffDefinitions', { body: { before: revision.source, after: text } }),
    enabled: isComparing,
  });
  return (
    <Notice
      tone="warn"
      title={`${revision.author.name} has made revision ${String(revision.number)} meanwhile`}
      testId="stale-edit"
    >
      <p>
        Your text is kept below. Compare it, then save it over the newer revision or discard it.
      </p>
      <div className={styles['actions']}>
        <Button size="small" onClick={() => setComparing(!isComparing)}>
          {isComparing ? 'Hide the comparison' : `Compare with revision ${String(revision.number)}`}
        </Button>
        <Button
          size="small"
          disabled={blocked !== undefined}
          title={blocked}
          busy={edit.save.isPending}
          onClick={() => edit.save.mutate({ over: true })}
        >
          Save mine over it
        </Button>
        <Button size="small" kind="danger" onClick={edit.discard}>
          Discard mine
        </Button>
      </div>
      {isComparing && diff.isError ? <p>{messageOf(diff.error)}</p> : null}
      {isComparing && diff.data !== undefined ? (
        <div className={styles['comparison']}>
          <DiffView diff={diff.data} isReadable={isReadable} />
        </div>
      ) : null}
    </Notice>
  );
}
