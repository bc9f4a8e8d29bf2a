import type { SideEffect } from '@parley/contracts';
import styles from './side-effects.module.css';

/** A call in words: `POST /refunds (billing)`. */
export function effectWords(effect: SideEffect): string {
  const { kind, connector, method, target, operation } = effect;
  if (kind === 'human') return `asks ${target}`;
  const call = method === undefined ? (operation ?? target) : `${method} ${target}`;
  return connector === undefined ? call : `${call} (${connector})`;
}

/** Name of the step in a JSON Pointer such as `/do/2/confirm`. */
function stepOf(pointer: string): string {
  const name = pointer.split('/').findLast((part) => part !== '' && !/^\d+$/.test(part));
  return (name ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Whom and what a definition calls, those calls first that change something. */
export function SideEffectList({ effects }: { effects: readonly SideEffect[] }) {
  if (effects.length === 0) return <p className={styles['none']}>It calls nothing.</p>;
  const groups = [
    { title: 'Can change something', effects: effects.filter(({ changes }) => changes) },
    {
      title: 'Asks people',
      effects: effects.filter(({ kind, changes }) => kind === 'human' && !changes),
    },
    {
      title: 'Only reads',
      effects: effects.filter(({ kind, changes }) => kind !== 'human' && !changes),
    },
  ];
  return (
    <div className={styles['groups']} data-testid="side-effects">
      {groups
        .filter((group) => group.effects.length > 0)
        .map((group) => (
          <section key={group.title}>
            <h3>
              {group.title} <small>{group.effects.length}</small>
            </h3>
            <ul>
              {group.effects.map((effect, at) => (
                <Effect key={at} effect={effect} />
              ))}
            </ul>
          </section>
        ))}
    </div>
  );
}

function Effect({ effect }: { effect: SideEffect }) {
  const { kind, method, target, connector, operation, task, changes } = effect;
  return (
    <li className={styles['effect']}>
      <span className={styles['method']} data-changes={changes}>
        {kind === 'human' ? 'asks' : (method ?? 'call')}
      </span>
      <span className={styles['what']}>
        <code>{target}</code>
        <small>
          step {stepOf(task)}
          {connector === undefined ? '' : ` · ${connector}`}
          {operation === undefined ? '' : ` · ${operation}`}
        </small>
      </span>
    </li>
  );
}
