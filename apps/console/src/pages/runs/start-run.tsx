import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { InputDialog } from './input-dialog';

export interface StartRunProps {
  readonly workflowId: string;
  readonly title: string;
  /** @default the version in use */
  readonly version?: number;
  readonly label?: string;
}

/** The button that begins a run, and its dialog. */
export function StartRun({ workflowId, title, version, label = 'Start run' }: StartRunProps) {
  const mayRun = useMay('run');
  const queries = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button
        kind={version === undefined ? 'primary' : 'secondary'}
        size={version === undefined ? 'medium' : 'small'}
        data-testid={version === undefined ? 'start-run' : 'start-version'}
        disabled={!mayRun}
        title={mayRun ? undefined : 'Your roles do not allow to run workflows'}
        onClick={() => setIsOpen(true)}
      >
        {label}
      </Button>
      {isOpen ? (
        <InputDialog
          title={`Start ${title}`}
          submitLabel="Start run"
          workflowId={workflowId}
          version={version ?? 'live'}
          onClose={() => setIsOpen(false)}
          submit={async (input, idempotencyKey) => {
            const run = await client.call('startRun', {
              params: { workflow: workflowId },
              body: { input, ...(version === undefined ? {} : { version }) },
              idempotencyKey,
            });
            void queries.invalidateQueries({ queryKey: ['runs'] });
            return run;
          }}
        />
      ) : null}
    </>
  );
}
