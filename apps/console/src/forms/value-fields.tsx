import { useEffect, useId, useRef, useState } from 'react';
import { Chip } from '../ui/chip';
import { Notice } from '../ui/notice';
import { FieldEditor } from './field-editor';
import { placesOf } from './places';
import styles from './form.module.css';
import type { ValueForm } from './value-form';

export interface ValueFieldsProps {
  readonly form: ValueForm;
  /** Whether the first field has the focus when it appears. */
  readonly takesFocus?: boolean;
}

/** The fields of a value, or its JSON text; what is wrong stands beside its place. */
export function ValueFields({ form, takesFocus = false }: ValueFieldsProps) {
  const { mode, hasFields, field, entry, faults, refusals } = form;
  const root = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(takesFocus);
  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    root.current?.querySelector<HTMLElement>('input, select, textarea')?.focus();
  }, []);
  const [refused, setRefused] = useState<string>();
  useEffect(() => {
    if (refusals === 0) return;
    const first = root.current?.querySelector<HTMLElement>('[aria-invalid=true]');
    first?.focus({ preventScroll: true });
    // With its label and what is wrong below it.
    first?.parentElement?.scrollIntoView({ block: 'nearest' });
  }, [refusals]);

  const placed = mode === 'fields' ? placesOf(field, entry) : new Set<string>();
  const elsewhere = [...faults].filter(([pointer]) => !placed.has(pointer));
  return (
    <div ref={root} className={styles['form']}>
      {hasFields ? (
        <div className={styles['modes']}>
          <Chip
            data-testid="form-mode"
            onClick={() => setRefused(form.setMode(mode === 'json' ? 'fields' : 'json'))}
          >
            {mode === 'json' ? 'Enter in fields' : 'Enter as JSON'}
          </Chip>
          <span role="status">{refused}</span>
        </div>
      ) : null}
      {elsewhere.length === 0 ? null : (
        <Notice tone="bad" title="This is not accepted yet">
          <ul className={styles['faults']}>
            {elsewhere.map(([pointer, message]) => (
              <li key={pointer}>
                {pointer === '' ? null : <code>{pointer}</code>} {message}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {mode === 'json' ? (
        <JsonField form={form} />
      ) : (
        <FieldEditor
          field={field}
          entry={entry}
          at={{ pointer: '', faults }}
          onChange={form.setEntry}
        />
      )}
    </div>
  );
}

function JsonField({ form }: { form: ValueForm }) {
  const { text, textFault, refusals } = form;
  const id = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  const offset = textFault?.offset;
  const wasRefused = useRef(refusals);
  useEffect(() => {
    if (wasRefused.current === refusals) return;
    wasRefused.current = refusals;
    if (offset !== undefined) input.current?.setSelectionRange(offset, offset + 1);
  }, [refusals, offset]);
  return (
    <div className={styles['field']}>
      <label htmlFor={id}>{form.field.label} (JSON)</label>
      <textarea
        ref={input}
        id={id}
        className={`${styles['control'] ?? ''} ${styles['code'] ?? ''}`}
        name="json"
        spellCheck={false}
        value={text}
        aria-invalid={textFault !== undefined}
        aria-describedby={`${id}-fault`}
        onChange={(event) => form.setText(event.target.value)}
      />
      <p id={`${id}-fault`} className={styles['fault']} aria-live="polite">
        {textFault === undefined
          ? null
          : `Line ${String(textFault.line)}, column ${String(textFault.column)}: ${textFault.message}.`}
      </p>
    </div>
  );
}
