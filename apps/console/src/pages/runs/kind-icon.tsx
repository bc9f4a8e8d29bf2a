import { iconForKind, wordsForKind } from '../../draft/graph/kinds';
import styles from './steps.module.css';

const paths: Readonly<Record<string, string>> = {
  do: 'M5 6h14M5 12h14M5 18h14',
  set: 'M4 9h16M4 15h16',
  switch: 'M5 12h6l5-6h3M11 12l5 6h3',
  for: 'M18 7A7.5 7.5 0 1 0 19.5 12M18 3v4h-4',
  fork: 'M6 4v6a4 4 0 0 0 4 4h8M6 4v16M18 14l-3-3M18 14l-3 3',
  wait: 'M12 7v5l3 2M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17',
  try: 'M12 3l7 3v6c0 4-3 7-7 9-4-2-7-5-7-9V6z',
  raise: 'M12 4l9 16H3zM12 10v4M12 17v.5',
  call: 'M4 12h14M13 6l6 6-6 6',
  human: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4.5 20a7.5 7.5 0 0 1 15 0',
};

/** What kind of step it is, drawn and told. */
export function KindIcon({ kind }: { kind: string }) {
  const words = wordsForKind(kind);
  return (
    <svg className={styles['icon']} viewBox="0 0 24 24" role="img" aria-label={words}>
      <title>{words}</title>
      <path d={paths[kind] ?? iconForKind(kind) ?? 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8'} />
    </svg>
  );
}
