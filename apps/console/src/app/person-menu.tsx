import type { Me } from '@parley/contracts';
import { useEffect, useState } from 'react';
import { signIn, signOut } from '../auth/session';
import { Button } from '../ui/button';
import styles from './person-menu.module.css';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
const themeKey = 'parley.theme';

function storedTheme(): Theme {
  const stored = localStorage.getItem(themeKey);
  return themes.find((theme) => theme === stored) ?? 'system';
}

/** Who is signed in, the colours, and the way out. */
export function PersonMenu({ me }: { me: Me | undefined }) {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  useEffect(() => {
    localStorage.setItem(themeKey, theme);
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return (
    <details className={styles['menu']}>
      <summary>
        <span className={styles['initial']} aria-hidden="true">
          {me?.member.name.charAt(0) ?? '…'}
        </span>
        <span className={styles['who']}>
          <span>{me?.member.name ?? 'Signed in'}</span>
          <small>{me?.tenant.name}</small>
        </span>
      </summary>
      <div className={styles['panel']}>
        {me === undefined ? null : (
          <p className={styles['roles']}>
            {me.member.email}
            <br />
            {me.member.roles.join(', ')}
          </p>
        )}
        <label>
          Colours
          <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
            {themes.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <Button size="small" onClick={() => void signIn({ switchPerson: true })}>
          Switch person
        </Button>
        <Button size="small" onClick={() => void signOut()}>
          Sign out
        </Button>
      </div>
    </details>
  );
}
