import type { Diagnostic } from '@parley/contracts';
import styles from './diagnostic-list.module.css';

/** Findings as a list, for those who cannot see or reach the marks in the text. */
export function DiagnosticList({ diagnostics }: { diagnostics: readonly Diagnostic[] }) {
  if (diagnostics.length === 0) return null;
  return (
    <ul className={styles['findings']} aria-label="Findings" data-testid="diagnostics">
      {diagnostics.map((diagnostic, at) => {
        const { code, severity, message, range } = diagnostic;
        return (
          <li key={at} data-severity={severity}>
            <span>
              Line {range.start.line}: {message} {hintOf(diagnostic)}
            </span>
            <code>{code}</code>
          </li>
        );
      })}
    </ul>
  );
}

/** What else helps to mend it. */
export function hintOf({ expected, actual, suggestions = [] }: Diagnostic): string {
  return [
    expected === undefined ? '' : `Expected: ${expected}.`,
    actual === undefined ? '' : `Found: ${actual}.`,
    suggestions.length === 0 ? '' : `Did you mean ${suggestions.join(', ')}?`,
  ]
    .filter(Boolean)
    .join(' ');
}
