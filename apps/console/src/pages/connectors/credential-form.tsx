import type { Connector, SecurityScheme, SetCredential } from '@parley/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { client } from '../../api/client';
import { Button } from '../../ui/button';
import { Problem } from '../../ui/problem';
import styles from './connector-page.module.css';

export interface CredentialFormProps {
  readonly connector: Connector;
  readonly scheme: SecurityScheme;
  readonly onDone: () => void;
  readonly onCancel: (() => void) | undefined;
}

/** Takes a credential and forgets it as soon as it is stored. */
export function CredentialForm({ connector, scheme, onDone, onCancel }: CredentialFormProps) {
  const queries = useQueryClient();
  const [secret, setSecret] = useState('');
  const [user, setUser] = useState('');
  const store = useMutation({
    mutationFn: (body: SetCredential) =>
      client.call('setCredential', {
        params: { connector: connector.id, scheme: scheme.name },
        body,
      }),
    onSuccess: async () => {
      setSecret('');
      setUser('');
      onDone();
      await queries.invalidateQueries({ queryKey: ['connectors'] });
    },
    gcTime: 0,
  });
  const isBasic = scheme.type === 'basic';
  const credential = credentialOf(scheme.type, { user, secret });
  return (
    <form
      className={styles['credential']}
      onSubmit={(event) => {
        event.preventDefault();
        if (credential !== undefined) store.mutate(credential);
      }}
    >
      {isBasic ? <Secret label="User name" value={user} onChange={setUser} isPlain /> : null}
      <Secret
        label={isBasic ? 'Password' : scheme.type === 'bearer' ? 'Token' : 'Key'}
        value={secret}
        onChange={setSecret}
      />
      <Button
        type="submit"
        kind="primary"
        data-testid="credential-save"
        busy={store.isPending}
        disabled={credential === undefined}
      >
        Store
      </Button>
      {onCancel === undefined ? null : <Button onClick={onCancel}>Keep the old one</Button>}
      {store.isError ? <Problem error={store.error} /> : null}
    </form>
  );
}

function credentialOf(
  type: SecurityScheme['type'],
  { user, secret }: { user: string; secret: string },
): SetCredential | undefined {
  if (type === 'basic') {
    return user === '' ? undefined : { type, username: user, password: secret };
  }
  if (secret.trim() === '') return undefined;
  if (type === 'apiKey') return { type, value: secret.trim() };
  return type === 'bearer' ? { type, token: secret.trim() } : undefined;
}

function Secret(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isPlain?: boolean;
}) {
  const { label, value, onChange, isPlain = false } = props;
  const id = useId();
  return (
    <div className={styles['secret']}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={styles['input']}
        type={isPlain ? 'text' : 'password'}
        data-testid={isPlain ? 'credential-user' : 'credential-value'}
        autoComplete={isPlain ? 'off' : 'new-password'}
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
