import type { Ref, TextareaHTMLAttributes } from 'react';
import styles from './text-area.module.css';

export interface TextAreaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  readonly ref?: Ref<HTMLTextAreaElement>;
}

/** A text field that grows with its text up to a third of the window. */
export function TextArea({ className, ...rest }: TextAreaProps) {
  return <textarea rows={1} className={`${styles['area'] ?? ''} ${className ?? ''}`} {...rest} />;
}
