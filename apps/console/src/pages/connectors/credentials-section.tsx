import type { Connector, SecurityScheme } from '@parley/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { Problem } from '../../ui/problem';
import { StatusPill } from '../../ui/status-pill';
import { CredentialForm } from './credential-form';
import styles from './connector-page.module.css';

/** How calls sign in. What is given here can be replaced or removed, and never read. */
export function CredentialsSection({ connector }: { connector: Connector }) {
  const { securitySchemes } = connector;
  if (securitySchemes.length === 0) return null;
  return (
    <section className={styles['section']} aria-labelledby="credentials">
      <h2 id="credentials">Credentials</h2>
      <p className={styles['about']}>
        Stored encrypted and only ever sent to the address above. Nobody can read them back.
      </p>
      <ul className={styles['schemes']}>
        {securitySchemes.map((scheme) => (
          <Scheme
            key={`${scheme.name}/${String(scheme.configured)}`}
            connector={connector}
            scheme={scheme}
          />
        ))}
      </ul>
    </section>
  );
}

function Scheme({ connector, scheme }: { connector: Connector; scheme: SecurityScheme }) {
  const { name, type, description, configured } = scheme;
  const mayBuild = useMay('build');
  const [isReplacing, setIsReplacing] = useState(false);
  const isEntering = type !== 'unsupported' && mayBuild && (!configured || isReplacing);
  return (
    <li data-testid="security-scheme" data-scheme={name} data-configured={configured}>
      <div className={styles['line']}>
        <h3>{name}</h3>
        <span className={styles['kind']}>{kindText(scheme)}</span>
        {type === 'unsupported' ? null : (
          <StatusPill status={configured ? 'configured' : 'missing'} />
        )}
        {configured && mayBuild && !isReplacing ? (
          <>
            <Button size="small" kind="quiet" onClick={() => setIsReplacing(true)}>
              Replace
            </Button>
            <RemoveCredential connector={connector} scheme={scheme} />
          </>
        ) : null}
      </div>
      {description === undefined ? null : <p className={styles['about']}>{description}</p>}
      {isEntering ? (
        <CredentialForm
          connector={connector}
          scheme={scheme}
          onDone={() => setIsReplacing(false)}
          onCancel={isReplacing ? () => setIsReplacing(false) : undefined}
        />
      ) : null}
    </li>
  );
}

function RemoveCredential(props: { connector: Connector; scheme: SecurityScheme }) {
  const { connector, scheme } = props;
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      client.call('deleteCredential', {
        params: { connector: connector.id, scheme: scheme.name },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['connectors'] }),
  });
  return (
    <>
      <Button
        size="small"
        kind="quiet"
        aria-label={`Remove the credential ${scheme.name}`}
        busy={remove.isPending}
        onClick={() => remove.mutate()}
      >
        Remove
      </Button>
      {remove.isError ? <Problem error={remove.error} /> : null}
    </>
  );
}

function kindText({ type, in: where = 'header', parameter = '' }: SecurityScheme): string {
  switch (type) {
    case 'apiKey':
      return `a key in the ${where} ${parameter}`.trimEnd();
    case 'bearer':
      return 'a bearer token';
    case 'basic':
      return 'a user name and a password';
    case 'unsupported':
      return 'a way of signing in that is not supported';
  }
}
