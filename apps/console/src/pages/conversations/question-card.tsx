import type { Question } from '@parley/contracts';
import { useState } from 'react';
import { Button } from '../../ui/button';
import { Chip } from '../../ui/chip';
import { TextArea } from '../../ui/text-area';
import styles from './question-card.module.css';

export interface QuestionCardProps {
  readonly question: Question;
  readonly isDisabled: boolean;
  readonly onAnswer: (value: string, label: string) => void;
}

/** A numbered question: answered by a chip or in one's own words. */
export function QuestionCard({ question, isDisabled, onAnswer }: QuestionCardProps) {
  const { number, text, blocking, options } = question;
  const [words, setWords] = useState('');
  const own = words.trim();
  return (
    <form
      className={styles['card']}
      data-testid={`question-${String(number)}`}
      aria-label={`Question ${String(number)}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (own !== '' && !isDisabled) onAnswer(own, own);
      }}
    >
      <p className={styles['text']}>
        <span className={styles['number']} aria-hidden="true">
          {number}
        </span>
        <span>
          {text}
          {blocking ? null : <small> (need not be answered)</small>}
        </span>
      </p>
      {options.length === 0 ? null : (
        <div className={styles['options']}>
          {options.map(({ label, value }) => (
            <Chip
              key={value}
              data-testid="answer-chip"
              disabled={isDisabled}
              onClick={() => onAnswer(value, label)}
            >
              {label}
            </Chip>
          ))}
        </div>
      )}
      <div className={styles['own']}>
        <TextArea
          aria-label={`Answer to question ${String(number)} in your own words`}
          placeholder={options.length === 0 ? 'Your answer' : 'Or in your own words'}
          maxLength={2000}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
        <Button type="submit" disabled={isDisabled || own === ''}>
          Answer
        </Button>
      </div>
    </form>
  );
}
