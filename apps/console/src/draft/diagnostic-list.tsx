import type { Diagnostic } from '@parley/contracts';
import { Button } from '../ui/button';
import styles from './diagnostic-list.module.css';

/** More of them help nobody at once. */
const shownMax = 50;

export interface DiagnosticListProps {
  readonly diagnostics: readonly Diagnostic[];
  readonly label?: string;
  /** Absent: places cannot be gone to. */
  readonly onGoTo?: (position: Diagnostic['range']['start']) => void;
  /** Absent: fixes cannot be applied. */
  readonly onFix?: (fix: NonNullable<Diagnostic['fix']>) => void;
}

/** Findings as a list, for those who cannot see or reach the marks in the text. */
export function DiagnosticList(props: DiagnosticListProps) {
  const { diagnostics, label = 'Findings', onGoTo, onFix } = props;
  if (diagnostics.length === 0) return null;
  const more = diagnostics.length - shownMax;
  return (
    <ul className={styles['findings']} aria-label={label} data-testid="diagnostics">
      {diagnostics.slice(0, shownMax).map((diagnostic, at) => {
        const { code, severity, message, range, fix } = diagnostic;
        const line = `Line ${String(range.start.line)}`;
        return (
          <li key={at} data-severity={severity}>
            <span>
              {onGoTo === undefined ? (
                line
              ) : (
                <button
                  type="button"
                  className={styles['place']}
                  onClick={() => onGoTo(range.start)}
                >
                  {line}
                </button>
              )}
              : {sentence(message)} {hintOf(diagnostic)}
            </span>
            {fix === undefined || onFix === undefined ? null : (
              <Button size="small" data-testid="apply-fix" onClick={() => onFix(fix)}>
                {fix.title}
              </Button>
            )}
            <code>{code}</code>
          </li>
        );
      })}
      {more > 0 ? <li>and {more} more</li> : null}
    </ul>
  );
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
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
