import type { Suggestion } from '@parley/contracts';
import { Link } from '@tanstack/react-router';
import { Chip } from '../../ui/chip';
import { LoadDemo, type LoadDemoProps } from './load-demo';
import styles from './suggestions.module.css';

export interface SuggestionsProps {
  readonly suggestions: readonly Suggestion[];
  readonly isDisabled: boolean;
  readonly onSend: (text: string) => void;
  readonly onAnswer: (question: number, value: string, label: string) => void;
  readonly onDemoLoaded: LoadDemoProps['onLoaded'];
}

/** The buttons under the last reply. */
export function Suggestions(props: SuggestionsProps) {
  const { suggestions, isDisabled, onSend, onAnswer, onDemoLoaded } = props;
  if (suggestions.length === 0) return null;
  return (
    <div className={styles['row']} role="group" aria-label="Suggestions">
      {suggestions.map((suggestion, at) => {
        const { action, label, text = label, question } = suggestion;
        switch (action) {
          case 'send':
            return (
              <Chip key={at} disabled={isDisabled} onClick={() => onSend(text)}>
                {label}
              </Chip>
            );
          case 'answer':
            return (
              <Chip
                key={at}
                data-testid="answer-chip"
                disabled={isDisabled || question === undefined}
                onClick={() => onAnswer(question ?? 0, text, label)}
              >
                {label}
              </Chip>
            );
          case 'load-demo':
            return (
              <LoadDemo key={at} label={label} isDisabled={isDisabled} onLoaded={onDemoLoaded} />
            );
          case 'import-openapi':
            return (
              <Link key={at} to="/connectors" className={styles['link']}>
                {label}
              </Link>
            );
        }
      })}
    </div>
  );
}
