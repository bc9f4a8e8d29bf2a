import type { DefinitionDiff, SideEffect } from '@parley/contracts';
import styles from './diff-view.module.css';
import { effectWords } from './side-effects';

/** The calls that come or go, in words. */
export function EffectChanges({ diff }: { diff: DefinitionDiff }) {
  return (
    <>
      {grouped(diff.sideEffectsAdded).map(([words, effect]) => (
        <li key={`+${words}`} className={effect.changes ? styles['warn'] : undefined}>
          {effect.kind === 'human' ? 'now also ' : 'now also calls '}
          <b>{words}</b>
        </li>
      ))}
      {grouped(diff.sideEffectsRemoved).map(([words, effect]) => (
        <li key={`-${words}`}>
          {effect.kind === 'human' ? 'no longer ' : 'no longer calls '}
          <b>{words}</b>
        </li>
      ))}
    </>
  );
}

function grouped(effects: readonly SideEffect[]): [string, SideEffect][] {
  return [...new Map(effects.map((effect) => [effectWords(effect), effect]))];
}

export interface DiffViewProps {
  readonly diff: DefinitionDiff;
  /** Whether both texts can be read; if not, only their lines can be compared. @default true */
  readonly isReadable?: boolean;
}

/** What is different between two definitions: in words, in calls, in lines. */
export function DiffView({ diff, isReadable = true }: DiffViewProps) {
  const { changes, sideEffectsAdded, sideEffectsRemoved, text } = diff;
  if (text === '') return <p className={styles['same']}>The two are equal.</p>;
  if (!isReadable) return <UnifiedDiff text={text} />;
  const hasEffects = sideEffectsAdded.length + sideEffectsRemoved.length > 0;
  return (
    <div className={styles['diff']} data-testid="diff">
      <section>
        <h3>Steps</h3>
        {changes.length === 0 ? (
          <p className={styles['same']}>No step is different, only the text is.</p>
        ) : (
          <ul className={styles['changes']}>
            {changes.map(({ kind, summary }, at) => (
              <li key={at} data-kind={kind}>
                {summary}
              </li>
            ))}
          </ul>
        )}
      </section>
      <section>
        <h3>Calls</h3>
        {hasEffects ? (
          <ul className={styles['changes']}>
            <EffectChanges diff={diff} />
          </ul>
        ) : (
          <p className={styles['same']}>It calls the same as before.</p>
        )}
      </section>
      <section>
        <h3>Text</h3>
        <UnifiedDiff text={text} />
      </section>
    </div>
  );
}

const marks: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '@': 'hunk' };

/** The lines of a unified diff. Signs stay, so that colour is not needed to read it. */
function UnifiedDiff({ text }: { text: string }) {
  const lines = text
    .split('\n')
    .filter((line, at, all) => at > 1 && (line !== '' || at < all.length - 1));
  return (
    <pre className={styles['text']} tabIndex={0} aria-label="Difference of the texts">
      {lines.map((line, at) => (
        <span key={at} className={styles[marks[line.charAt(0)] ?? 'kept']}>
          {line === '' ? ' ' : line}
        </span>
      ))}
    </pre>
  );
}
