import { useId, type ReactNode } from 'react';
import { pointerTo } from '../json/pointer';
import { Button } from '../ui/button';
import { newItem, type Entry, type Faults } from './entry';
import type { Field, FieldOf } from './field';
import { Control } from './control';
import styles from './form.module.css';

export interface EditorProps<F extends Field = Field, E extends Entry = Entry> {
  readonly field: F;
  readonly entry: E;
  readonly at: { readonly pointer: string; readonly faults: Faults };
  readonly onChange: (entry: Entry) => void;
}
type EntryOf<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

/** One field with everything inside of it. */
export function FieldEditor({ field, entry, at, onChange }: EditorProps) {
  if (field.kind === 'object' && entry.kind === 'object') {
    const members = <Members field={field} entry={entry} at={at} onChange={onChange} />;
    return at.pointer === '' ? members : <Group {...{ field, at }}>{members}</Group>;
  }
  if (field.kind === 'array' && entry.kind === 'array') {
    return (
      <Group {...{ field, at }}>
        <Items field={field} entry={entry} at={at} onChange={onChange} />
      </Group>
    );
  }
  return <Labelled field={field} entry={entry} at={at} onChange={onChange} />;
}

function Members({
  field,
  entry,
  at,
  onChange,
}: EditorProps<FieldOf<'object'>, EntryOf<'object'>>) {
  return (
    <div className={styles['members']}>
      {field.fields.map(({ name, field: child }) => {
        const inside = entry.entries[name];
        return inside === undefined ? null : (
          <FieldEditor
            key={name}
            field={child}
            entry={inside}
            at={{ ...at, pointer: pointerTo(at.pointer, name) }}
            onChange={(next) => onChange({ ...entry, entries: { ...entry.entries, [name]: next } })}
          />
        );
      })}
    </div>
  );
}

function Items({ field, entry, at, onChange }: EditorProps<FieldOf<'array'>, EntryOf<'array'>>) {
  const { items } = entry;
  return (
    <>
      <ol className={styles['items']}>
        {items.map((item, index) => (
          <li key={item.key}>
            <FieldEditor
              field={{ ...field.item, label: `${field.item.label} ${String(index + 1)}` }}
              entry={item.entry}
              at={{ ...at, pointer: pointerTo(at.pointer, index) }}
              onChange={(next) =>
                onChange({
                  ...entry,
                  items: items.map((one) => (one === item ? { ...one, entry: next } : one)),
                })
              }
            />
            <Button
              size="small"
              kind="quiet"
              aria-label={`Remove ${field.label} ${String(index + 1)}`}
              onClick={() => onChange({ ...entry, items: items.filter((one) => one !== item) })}
            >
              Remove
            </Button>
          </li>
        ))}
      </ol>
      <Button
        size="small"
        name={pointerTo(at.pointer, '-')}
        onClick={() => onChange({ ...entry, items: [...items, newItem(field.item)] })}
      >
        Add {field.item.label === 'Item' ? `to ${field.label}` : field.item.label}
      </Button>
    </>
  );
}

function Group(props: Pick<EditorProps, 'field' | 'at'> & { children: ReactNode }) {
  const { field, at, children } = props;
  const id = useId();
  const fault = at.faults.get(at.pointer);
  return (
    <fieldset className={styles['group']} aria-describedby={`${id}-about`}>
      <legend>
        {field.label}
        <Mark field={field} />
      </legend>
      <About id={id} field={field} fault={fault} />
      {children}
    </fieldset>
  );
}

function Labelled({ field, entry, at, onChange }: EditorProps) {
  const id = useId();
  const fault = at.faults.get(at.pointer);
  const isFlag = field.kind === 'boolean';
  const control = (
    <Control
      field={field}
      entry={entry}
      onChange={onChange}
      described={{
        id,
        name: at.pointer,
        'aria-describedby': `${id}-about`,
        'aria-invalid': fault !== undefined,
        'aria-required': field.required,
      }}
    />
  );
  return (
    <div className={`${styles['field'] ?? ''} ${isFlag ? (styles['flag'] ?? '') : ''}`}>
      {isFlag ? control : null}
      <label htmlFor={id}>
        {field.label}
        <Mark field={field} />
      </label>
      {isFlag ? null : control}
      <About id={id} field={field} fault={fault} />
    </div>
  );
}

function Mark({ field }: { field: Field }) {
  if (!field.required || field.kind === 'boolean') return null;
  return (
    <span className={styles['mark']} title="needed" aria-hidden="true">
      *
    </span>
  );
}

function About({ id, field, fault }: { id: string; field: Field; fault: string | undefined }) {
  return (
    <div id={`${id}-about`} className={styles['about']}>
      {field.description === undefined ? null : <p>{field.description}</p>}
      {fault === undefined ? null : <p className={styles['fault']}>{fault}</p>}
    </div>
  );
}
