import type { ButtonHTMLAttributes } from 'react';
import styles from './button.module.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: 'primary' | 'secondary' | 'quiet' | 'danger';
  readonly size?: 'small' | 'medium';
  /** Shows that the action is under way and cannot be repeated meanwhile. */
  readonly busy?: boolean;
}

export function Button({
  kind = 'secondary',
  size = 'medium',
  busy = false,
  disabled,
  className,
  children,
  ...rest
}: ButtonProps) {
  const classes = [styles['button'], styles[kind], styles[size], className]
    .filter(Boolean)
    .join(' ');
  return (
    <button
      type="button"
      className={classes}
      disabled={disabled === true || busy}
      aria-busy={busy}
      {...rest}
    >
      {children}
    </button>
  );
}
