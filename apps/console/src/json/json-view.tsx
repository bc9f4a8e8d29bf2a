import { isJsonObject, type Json } from '@parley/kernel';
import { useState } from 'react';
import { Button } from '../ui/button';
import styles from './json-view.module.css';

/** Small values are open all the way; of larger ones the outermost levels. */
const openAllMax = 60;
const openDepth = 2;
const pageSize = 100;

/** A JSON value to read: what is nested folds, long lists come in pages. */
export function JsonView({ value }: { value: Json }) {
  return (
    <div className={styles['json']}>
      <Node value={value} depth={count(value, openAllMax) < openAllMax ? -Infinity : 0} />
    </div>
  );
}

interface NodeProps {
  readonly name?: string;
  readonly value: Json;
  readonly depth: number;
}

function Node({ name, value, depth }: NodeProps) {
  const label = name === undefined ? null : <span className={styles['name']}>{name}: </span>;
  const members = membersOf(value);
  if (members === undefined) {
    return (
      <div className={styles['leaf']}>
        {label}
        <Scalar value={value} />
      </div>
    );
  }
  const isList = Array.isArray(value);
  const size = `${String(members.length)} ${isList ? 'item' : 'field'}${members.length === 1 ? '' : 's'}`;
  if (members.length === 0) {
    return (
      <div className={styles['leaf']}>
        {label}
        <span className={styles['note']}>{isList ? '[ ] empty list' : '{ } no fields'}</span>
      </div>
    );
  }
  return (
    <details open={depth < openDepth && members.length <= pageSize}>
      <summary>
        {label}
        <span className={styles['note']}>{isList ? `[ ${size} ]` : `{ ${size} }`}</span>
      </summary>
      <Members members={members} depth={depth + 1} />
    </details>
  );
}

function Members({ members, depth }: { members: readonly [string, Json][]; depth: number }) {
  const [shown, setShown] = useState(pageSize);
  return (
    <div className={styles['members']}>
      {members.slice(0, shown).map(([name, value]) => (
        <Node key={name} name={name} value={value} depth={depth} />
      ))}
      {members.length > shown ? (
        <Button size="small" kind="quiet" onClick={() => setShown(shown + pageSize)}>
          Show more ({members.length - shown})
        </Button>
      ) : null}
    </div>
  );
}

/** How many values are inside, counted no further than `max`. */
function count(value: Json, max: number): number {
  let found = 1;
  for (const [, inside] of membersOf(value) ?? []) {
    if (found >= max) break;
    found += count(inside, max - found);
  }
  return found;
}

function membersOf(value: Json): readonly [string, Json][] | undefined {
  if (Array.isArray(value)) return value.map((one, index) => [String(index), one]);
  return isJsonObject(value) ? Object.entries(value) : undefined;
}

function Scalar({ value }: { value: Json }) {
  const kind = value === null ? 'null' : typeof value;
  return <span className={styles[kind]}>{JSON.stringify(value)}</span>;
}
