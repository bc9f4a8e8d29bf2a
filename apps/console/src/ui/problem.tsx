import { isParleyError, untold } from '@parley/sdk';
import type { ReactNode } from 'react';
import { messageOf } from '../api/client';
import { Notice } from './notice';
import styles from './problem.module.css';

export interface ProblemProps {
  readonly error: unknown;
  /** Pointers below this member are shown elsewhere. */
  readonly except?: string;
  readonly children?: ReactNode;
}

/** A failed call: the cause, the cure and each located fault. */
export function Problem({ error, except, children }: ProblemProps) {
  const problem = isParleyError(error) ? error.problem : undefined;
  const faults = problem === undefined ? [] : untold(problem);
  const located = faults.filter(
    ({ pointer }) =>
      except === undefined || (pointer !== except && !pointer.startsWith(`${except}/`)),
  );
  return (
    <Notice tone="bad" title={problem?.title ?? 'This did not work'} testId="problem">
      <p>{messageOf(error)}</p>
      {located.length === 0 ? null : (
        <ul className={styles['faults']}>
          {located.map(({ pointer, message }, at) => (
            <li key={at}>
              {pointer === '' ? null : <code>{pointer}</code>} {message}
            </li>
          ))}
        </ul>
      )}
      {children}
    </Notice>
  );
}
