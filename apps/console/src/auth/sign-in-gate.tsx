import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '../ui/button';
import { Spinner } from '../ui/spinner';
import styles from './sign-in-gate.module.css';
import { completeSignIn, isSignedIn, signIn, takeLoginToken } from './session';

type Gate = { at: 'working' } | { at: 'out' } | { at: 'in' } | { at: 'failed'; message: string };

/** The development issuer's one-time token signs in at once; otherwise a person presses a button. */
async function enter(): Promise<Gate> {
  if (location.pathname === '/signed-in') {
    const returnTo = await completeSignIn();
    history.replaceState(null, '', returnTo);
    return { at: 'in' };
  }
  const loginToken = takeLoginToken();
  if (isSignedIn()) return { at: 'in' };
  if (loginToken === undefined) return { at: 'out' };
  await signIn({ loginToken });
  return { at: 'working' };
}

// Once per page: React's strict mode runs effects twice, and codes and tokens work once.
let entering: Promise<Gate> | undefined;

/** Shows the application to people who are signed in, and the way in to the others. */
export function SignInGate({ children }: { children: ReactNode }) {
  const [gate, setGate] = useState<Gate>(() =>
    // Whoever comes back from the issuer may be another person than before.
    isSignedIn() && location.pathname !== '/signed-in' ? { at: 'in' } : { at: 'working' },
  );
  useEffect(() => {
    entering ??= enter().catch((error: unknown) => ({
      at: 'failed' as const,
      message: error instanceof Error ? error.message : String(error),
    }));
    void entering.then(setGate);
  }, []);
  if (gate.at === 'in') return children;
  return (
    <main className={styles['page']}>
      <img src="/icon.svg" alt="" width={48} height={48} />
      <h1>Parley</h1>
      {gate.at === 'working' ? (
        <Spinner label="Signing in" />
      ) : (
        <>
          <p>{gate.at === 'failed' ? gate.message : 'Talk a workflow into being and run it.'}</p>
          <Button kind="primary" onClick={() => void signIn()}>
            Sign in
          </Button>
        </>
      )}
    </main>
  );
}
