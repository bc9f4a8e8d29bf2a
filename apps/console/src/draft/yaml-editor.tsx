import { indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { lintGutter, setDiagnostics, type Diagnostic as Mark } from '@codemirror/lint';
import { Compartment, EditorState, type Text } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import type { Diagnostic } from '@parley/contracts';
import { basicSetup } from 'codemirror';
import { useEffect, useRef } from 'react';
import { codeTheme } from './code-theme';
import { hintOf } from './diagnostic-list';
import styles from './yaml-editor.module.css';

export interface YamlEditorProps {
  readonly label: string;
  readonly text: string;
  readonly diagnostics?: readonly Diagnostic[];
  /** Absent: the text can only be read. */
  readonly onChange?: (text: string) => void;
  readonly onSave?: () => void;
}

/** A definition as text, with what is wrong with it at its place. */
export function YamlEditor({ label, text, diagnostics, onChange, onSave }: YamlEditorProps) {
  const frame = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(undefined);
  const handlers = useRef({ onChange, onSave });
  const access = useRef(new Compartment());
  // The effect below puts later texts in; making the editor anew would lose cursor and history.
  const first = useRef({ text, label });
  const isReadOnly = onChange === undefined;

  useEffect(() => {
    handlers.current = { onChange, onSave };
  });

  useEffect(() => {
    if (frame.current === null) return;
    const view = new EditorView({
      parent: frame.current,
      doc: first.current.text,
      extensions: [
        keymap.of([
          { key: 'Mod-s', run: () => (handlers.current.onSave?.(), true) },
          indentWithTab,
        ]),
        basicSetup,
        yaml(),
        lintGutter(),
        codeTheme,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': first.current.label }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) handlers.current.onChange?.(update.state.doc.toString());
        }),
        access.current.of([]),
      ],
    });
    editor.current = view;
    return () => view.destroy();
  }, []);

  useEffect(() => {
    const readOnly = isReadOnly
      ? [EditorState.readOnly.of(true), EditorView.editable.of(false)]
      : [];
    editor.current?.dispatch({ effects: access.current.reconfigure(readOnly) });
  }, [isReadOnly]);

  useEffect(() => {
    const view = editor.current;
    if (view === undefined || view.state.doc.toString() === text) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    const view = editor.current;
    if (view === undefined) return;
    const marks = (diagnostics ?? []).map((diagnostic) => markOf(view.state.doc, diagnostic));
    view.dispatch(setDiagnostics(view.state, marks));
  }, [diagnostics, text]);

  return <div ref={frame} className={styles['editor']} data-testid="yaml" />;
}

function markOf(doc: Text, diagnostic: Diagnostic): Mark {
  const { severity, range, code, fix, message } = diagnostic;
  const from = offsetOf(doc, range.start);
  return {
    from,
    to: Math.max(from, offsetOf(doc, range.end)),
    severity,
    source: code,
    message: [message, hintOf(diagnostic)].filter(Boolean).join('\n'),
    ...(fix === undefined
      ? {}
      : {
          actions: [
            {
              name: fix.title,
              apply: (view: EditorView) =>
                view.dispatch({
                  changes: {
                    from: offsetOf(view.state.doc, fix.range.start),
                    to: offsetOf(view.state.doc, fix.range.end),
                    insert: fix.newText,
                  },
                }),
            },
          ],
        }),
  };
}

/** Positions may be of a text that has been changed since; they are kept inside of this one. */
function offsetOf(doc: Text, position: { line: number; column: number }): number {
  if (position.line > doc.lines) return doc.length;
  const line = doc.line(Math.max(1, position.line));
  return Math.min(line.to, line.from + Math.max(0, position.column - 1));
}
