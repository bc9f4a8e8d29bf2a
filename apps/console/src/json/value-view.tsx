import { isJsonObject, type Json } from '@parley/kernel';
import { JsonView } from './json-view';
import styles from './value-view.module.css';

const rowsMax = 40;

/** A value for people: a flat object as a table, a scalar as text, anything else as JSON. */
export function ValueView({ value }: { value: Json }) {
  if (!isFlat(value))
    return isJsonObject(value) || Array.isArray(value) ? (
      <JsonView value={value} />
    ) : (
      <p>{wordOf(value)}</p>
    );
  return (
    <table className={styles['table']}>
      <tbody>
        {Object.entries(value).map(([name, one]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{wordOf(one)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function isFlat(value: Json): value is Record<string, Json> {
  if (!isJsonObject(value)) return false;
  const members = Object.values(value);
  const isScalar = (one: Json) => !Array.isArray(one) && !isJsonObject(one);
  return members.length > 0 && members.length <= rowsMax && members.every(isScalar);
}

function wordOf(value: Json): string {
  if (value === true) return 'yes';
  if (value === false) return 'no';
  if (value === null) return '—';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
