import { useEffect, useImperativeHandle, useRef, type Ref } from 'react';
import type { Diagnostic } from '@parley/contracts';
import { EditedText } from './editor/edited-text';
import type { Checked } from './language';
import styles from './yaml-editor.module.css';

export interface YamlEditorProps {
  readonly label: string;
  readonly text: string;
  /** Absent: the text can only be read. Told when typing pauses, and before anything else happens. */
  readonly onChange?: (text: string) => void;
  readonly onSave?: () => void;
  /** Absent: nothing is checked or explained. */
  readonly language?: EditorLanguage;
  /** A JSON Pointer to go to; another object goes there again. */
  readonly reveal?: { readonly pointer: string };
  readonly ref?: Ref<EditorHandle>;
}

export interface EditorLanguage {
  readonly timezone: string | undefined;
  /** What was found no longer holds: the text has changed. */
  readonly onEdited: () => void;
  /** What was found in the text as it is now. */
  readonly onChecked: (checked: Checked) => void;
  /** The step at the cursor is to be shown in the graph. */
  readonly onShowStep?: (pointer: string) => void;
  /** Something cannot be done, and why. */
  readonly onRefused: (why: string) => void;
}

/** What the buttons around an editor do with it. */
export interface EditorHandle {
  format(): void;
  rename(): void;
  showStep(): void;
  goTo(position: Diagnostic['range']['start']): void;
  apply(fix: NonNullable<Diagnostic['fix']>): void;
}

/** A definition as text: checked, completed and explained while it is typed. */
export function YamlEditor(props: YamlEditorProps) {
  const { label, text, onChange, onSave, language, reveal, ref } = props;
  const frame = useRef<HTMLDivElement>(null);
  const edited = useRef<EditedText>(undefined);
  const handlers = useRef({ onChange, onSave, language });
  // The effects below put later texts in; making the editor anew would lose cursor and history.
  const first = useRef({ text, label });
  const isReadOnly = onChange === undefined;
  const timezone = language?.timezone;
  const hasLanguage = language !== undefined;

  useEffect(() => {
    handlers.current = { onChange, onSave, language };
  });

  useEffect(() => {
    if (frame.current === null) return;
    const made = new EditedText(frame.current, {
      ...first.current,
      onChange: (changed) => handlers.current.onChange?.(changed),
      onSave: () => handlers.current.onSave?.(),
      onEdited: () => handlers.current.language?.onEdited(),
      onChecked: (checked) => handlers.current.language?.onChecked(checked),
      onShowStep: (pointer) => handlers.current.language?.onShowStep?.(pointer),
      onRefused: (why) => handlers.current.language?.onRefused(why),
    });
    edited.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => edited.current?.setReadOnly(isReadOnly), [isReadOnly]);
  useEffect(() => edited.current?.setText(text), [text]);
  useEffect(() => {
    if (hasLanguage) return edited.current?.open(timezone);
  }, [hasLanguage, timezone]);
  useEffect(() => {
    if (reveal !== undefined) edited.current?.reveal(reveal.pointer);
  }, [reveal]);
  useImperativeHandle(ref, () => ({
    format: () => edited.current?.format(),
    rename: () => edited.current?.rename(),
    showStep: () => edited.current?.showStep(),
    goTo: (position) => edited.current?.goTo(position),
    apply: (fix) => edited.current?.applyFix(fix),
  }));

  return <div ref={frame} className={styles['editor']} data-testid="yaml" />;
}
