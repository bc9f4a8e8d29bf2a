import type { DemoLoaded } from '@parley/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { Notice } from '../../ui/notice';
import { useToasts } from '../../ui/toast';

export interface LoadDemoProps {
  readonly label?: string;
  readonly isDisabled?: boolean;
  readonly onLoaded: (loaded: DemoLoaded) => void;
}

/** Imports the demo business. It approves an address, so the result is shown and not passed over. */
export function LoadDemo({ label = 'Load demo', isDisabled = false, onLoaded }: LoadDemoProps) {
  const toasts = useToasts();
  const queries = useQueryClient();
  const mayLoad = useMay('administer');
  const load = useMutation({
    mutationFn: () => client.call('loadDemo'),
    onSuccess: async (loaded) => {
      await Promise.all(
        ['connectors', 'catalogue'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      );
      onLoaded(loaded);
    },
    onError: (error) => toasts.failure(error),
  });
  return (
    <Button
      data-testid="load-demo"
      busy={load.isPending}
      disabled={isDisabled || !mayLoad}
      title={mayLoad ? undefined : 'Only owners may load the demo: it approves an address'}
      onClick={() => load.mutate()}
    >
      {label}
    </Button>
  );
}

export interface DemoNoticeProps {
  readonly loaded: DemoLoaded;
  /** Whether there is a way to the connectors; their own page needs none. @default true */
  readonly hasLink?: boolean;
}

/** What loading the demo has done, above all which addresses may be called now. */
export function DemoNotice({ loaded, hasLink = true }: DemoNoticeProps) {
  const { connectors, approvedAddresses } = loaded;
  return (
    <Notice tone="ok" title="The demo is loaded" testId="demo-loaded">
      <p>
        Connected: {connectors.map(({ title }) => title).join(', ')}. Calls to{' '}
        {approvedAddresses.map((address, at) => (
          <span key={address}>
            {at === 0 ? '' : ', '}
            <code>{address}</code>
          </span>
        ))}{' '}
        were approved for {connectors.length === 1 ? 'it' : 'them'}, and for nothing else.
      </p>
      {hasLink ? <Link to="/connectors">See the connectors</Link> : null}
    </Notice>
  );
}
