import type { Connector } from '@parley/contracts';
import { useId, useState } from 'react';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { Problem } from '../../ui/problem';
import styles from './connector-page.module.css';
import { useConfigure } from './use-configure';

/** Where calls go: chosen by a person, and approved by an owner when it is an internal address. */
export function AddressSection({ connector }: { connector: Connector }) {
  const { baseUrl, servers, addressApproved } = connector;
  const [isChanging, setIsChanging] = useState(false);
  return (
    <section className={styles['section']} aria-labelledby="address">
      <h2 id="address">Address</h2>
      {baseUrl === undefined || isChanging ? (
        <ChooseAddress
          key={baseUrl}
          connector={connector}
          onDone={() => setIsChanging(false)}
          onCancel={baseUrl === undefined ? undefined : () => setIsChanging(false)}
        />
      ) : (
        <div className={styles['line']}>
          <code data-testid="base-url">{baseUrl}</code>
          <Button size="small" kind="quiet" onClick={() => setIsChanging(true)}>
            Change
          </Button>
          {servers.length > 1 ? <small>one of {servers.length} in the document</small> : null}
        </div>
      )}
      {baseUrl === undefined ? null : (
        <Approval connector={connector} key={String(addressApproved)} />
      )}
    </section>
  );
}

function ChooseAddress(props: {
  readonly connector: Connector;
  readonly onDone: () => void;
  readonly onCancel: (() => void) | undefined;
}) {
  const { connector, onDone, onCancel } = props;
  const { servers, baseUrl } = connector;
  const id = useId();
  const mayBuild = useMay('build');
  const configure = useConfigure(connector);
  const absolute = servers.filter((server) => URL.canParse(server));
  const relative = servers.filter((server) => !URL.canParse(server));
  const [url, setUrl] = useState(baseUrl ?? absolute[0] ?? '');
  return (
    <form
      className={styles['form']}
      onSubmit={(event) => {
        event.preventDefault();
        configure.mutate({ baseUrl: url.trim() }, { onSuccess: onDone });
      }}
    >
      {absolute.length > 1 ? (
        <fieldset className={styles['choices']}>
          <legend>The document names several servers. Which one do calls go to?</legend>
          {absolute.map((server) => (
            <label key={server}>
              <input
                type="radio"
                name="server"
                checked={url === server}
                onChange={() => setUrl(server)}
              />
              <code>{server}</code>
            </label>
          ))}
        </fieldset>
      ) : null}
      {relative.length > 0 ? (
        <p>
          The document gives only a path (<code>{relative.join(', ')}</code>). On which host is it?
        </p>
      ) : null}
      <label htmlFor={id}>Base URL</label>
      <div className={styles['line']}>
        <input
          id={id}
          type="url"
          required
          className={styles['input']}
          data-testid="base-url-input"
          placeholder="https://api.example.com/v1"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
        <Button
          type="submit"
          kind="primary"
          data-testid="base-url-save"
          busy={configure.isPending}
          disabled={!mayBuild || url.trim() === ''}
        >
          Use this address
        </Button>
        {onCancel === undefined ? null : <Button onClick={onCancel}>Keep the old one</Button>}
      </div>
      {configure.isError ? <Problem error={configure.error} /> : null}
    </form>
  );
}

function Approval({ connector }: { connector: Connector }) {
  const { addressApproved, baseUrl = '' } = connector;
  const mayAdminister = useMay('administer');
  const configure = useConfigure(connector);
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl;
  if (addressApproved) return <p className={styles['ok']}>Calls to {host} are allowed.</p>;
  return (
    <div className={styles['form']}>
      <p>
        <strong>{host}</strong> is an internal address. Calls to it are held back until an owner
        approves it for this connector, so that an imported document cannot reach into your network.
        {mayAdminister ? null : ' Your roles do not allow to approve it: ask an owner.'}
      </p>
      <div>
        <Button
          kind="primary"
          data-testid="approve-address"
          busy={configure.isPending}
          disabled={!mayAdminister}
          onClick={() => configure.mutate({ approveAddress: true })}
        >
          Approve {host}
        </Button>
      </div>
      {configure.isError ? <Problem error={configure.error} /> : null}
    </div>
  );
}
