import type { ButtonHTMLAttributes } from 'react';
import styles from './chip.module.css';

/** A small button that offers something to say or to choose. */
export function Chip({ className, ...rest }: ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" className={`${styles['chip'] ?? ''} ${className ?? ''}`} {...rest} />
  );
}
