import type { Json } from '@parley/kernel';
import type { Entry } from './entry';
import type { Field, TextFormat } from './field';
import styles from './form.module.css';

export interface Described {
  readonly id: string;
  readonly name: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-required': boolean;
}

const inputTypes: Readonly<Partial<Record<TextFormat, string>>> = {
  date: 'date',
  'date-time': 'datetime-local',
  email: 'email',
  uri: 'url',
};

interface ControlProps {
  readonly field: Field;
  readonly entry: Entry;
  readonly onChange: (entry: Entry) => void;
  readonly described: Described;
}

/** What is typed or chosen in. */
export function Control({ field, entry, onChange, described }: ControlProps) {
  const { 'aria-required': _, ...flag } = described;
  if (entry.kind === 'flag') {
    return (
      <input
        {...flag}
        type="checkbox"
        checked={entry.on === true}
        onChange={(event) => onChange({ kind: 'flag', on: event.target.checked })}
      />
    );
  }
  const common = {
    ...described,
    className: styles['control'],
    value: entry.kind === 'text' ? entry.text : '',
    onChange: (event: { target: { value: string } }) =>
      onChange({ kind: 'text', text: event.target.value }),
  };
  if (field.kind === 'choice') {
    return (
      <select {...common}>
        <option value="">{field.required ? 'Choose …' : '—'}</option>
        {field.options.map((option, index) => (
          <option key={wordOf(option)} value={index}>
            {wordOf(option)}
          </option>
        ))}
      </select>
    );
  }
  if (field.kind === 'json') {
    return (
      <textarea
        {...common}
        className={`${styles['control'] ?? ''} ${styles['code'] ?? ''}`}
        spellCheck={false}
        placeholder="JSON"
      />
    );
  }
  if (field.kind === 'text' && field.format === 'long') return <textarea {...common} />;
  if (field.kind === 'number') {
    return (
      <input {...common} inputMode={field.integer ? 'numeric' : 'decimal'} autoComplete="off" />
    );
  }
  const type = (field.kind === 'text' ? inputTypes[field.format] : undefined) ?? 'text';
  return (
    <input
      {...common}
      type={type}
      step={type === 'datetime-local' ? 1 : undefined}
      autoComplete="off"
    />
  );
}

function wordOf(option: Json): string {
  return typeof option === 'string' ? option : JSON.stringify(option);
}
