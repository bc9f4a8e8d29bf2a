import type { RunPriority } from '@parley/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { InputDialog } from './input-dialog';
import styles from './dialogs.module.css';

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
  const [priority, setPriority] = useState<RunPriority>();
  return (
    <>
      <Button
        kind={version === undefined ? 'primary' : 'secondary'}
        size={version === undefined ? 'medium' : 'small'}
        data-testid={version === undefined ? 'start-run' : 'start-version'}
        disabled={!mayRun}
        title={mayRun ? undefined : 'Your roles do not allow to run workflows'}
        onClick={() => {
          setPriority(undefined);
          setIsOpen(true);
        }}
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
          more={<PriorityChoice priority={priority} onChange={setPriority} />}
          submit={async (input, idempotencyKey) => {
            const run = await client.call('startRun', {
              params: { workflow: workflowId },
              body: {
                input,
                ...(version === undefined ? {} : { version }),
                ...(priority === undefined ? {} : { priority }),
              },
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

const priorities: readonly RunPriority[] = ['high', 'medium', 'low'];

function PriorityChoice({
  priority,
  onChange,
}: {
  readonly priority: RunPriority | undefined;
  readonly onChange: (priority: RunPriority | undefined) => void;
}) {
  return (
    <label className={styles['label']}>
      Priority
      <select
        className={styles['control']}
        data-testid="start-priority"
        value={priority ?? ''}
        onChange={({ target }) => onChange(priorities.find((one) => one === target.value))}
      >
        <option value="">As the workflow says</option>
        {priorities.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}
