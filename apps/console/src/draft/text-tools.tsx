import type { Diagnostic } from '@parley/contracts';
import type { ReactNode, RefObject } from 'react';
import { Button } from '../ui/button';
import type { EditorHandle } from './yaml-editor';
import styles from './yaml-tab.module.css';

export interface TextToolsProps {
  readonly editor: RefObject<EditorHandle | null>;
  readonly canEdit: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** The text has changed since. */
  readonly isUnchecked: boolean;
  /** Why the last command did nothing. */
  readonly refused: string | undefined;
  /** Stands below, when there is something to save. */
  readonly unsaved: ReactNode;
}

/** What can be done with the text, and how it stands with it. */
export function TextTools(props: TextToolsProps) {
  const { editor, canEdit, unsaved } = props;
  const { words, tone } = stateOf(props);
  return (
    <>
      <div className={styles['tools']} role="toolbar" aria-label="Text of the definition">
        <span className={styles['state']} role="status" data-tone={tone} data-testid="text-state">
          {words}
        </span>
        <Button
          size="small"
          kind="quiet"
          title="Show the step at the cursor in the graph (Ctrl+Alt+G)"
          data-testid="show-in-graph"
          onClick={() => editor.current?.showStep()}
        >
          Show in graph
        </Button>
        {canEdit ? (
          <>
            <Button
              size="small"
              kind="quiet"
              title="Rename the step at the cursor and every mention of it (F2)"
              data-testid="rename-step"
              onClick={() => editor.current?.rename()}
            >
              Rename step
            </Button>
            <Button
              size="small"
              kind="quiet"
              title="Write the text the usual way (Shift+Alt+F)"
              data-testid="format-yaml"
              onClick={() => editor.current?.format()}
            >
              Format
            </Button>
          </>
        ) : null}
      </div>
      {unsaved}
    </>
  );
}

function stateOf({ diagnostics, isUnchecked, refused }: TextToolsProps) {
  if (refused !== undefined) return { words: refused, tone: 'bad' };
  if (isUnchecked) return { words: 'Checking …', tone: 'ok' };
  const count = (severity: Diagnostic['severity'], word: string) => {
    const found = diagnostics.filter((one) => one.severity === severity).length;
    return found === 0 ? [] : [`${String(found)} ${found === 1 ? word : `${word}s`}`];
  };
  const errors = count('error', 'error');
  const words = [...errors, ...count('warning', 'warning')].join(', ');
  if (words === '') return { words: 'No problems', tone: 'ok' };
  return { words, tone: errors.length > 0 ? 'bad' : 'warn' };
}
