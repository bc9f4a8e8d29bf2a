import type { TaskQueueDetails } from '@parley/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client';
import { Button } from '../../ui/button';
import { Dialog, DialogForm } from '../../ui/dialog';
import { Problem } from '../../ui/problem';
import styles from '../runs/dialogs.module.css';

/** Asks how many tasks may be out at a time; nothing written is no limit. */
export function LimitsDialog({
  queue,
  onClose,
}: {
  readonly queue: TaskQueueDetails;
  readonly onClose: () => void;
}) {
  const queries = useQueryClient();
  const [all, setAll] = useState(textOf(queue.capacity));
  const [pools, setPools] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(poolsOf(queue).map(({ name, capacity }) => [name, textOf(capacity)])),
  );
  const set = useMutation({
    mutationFn: () => {
      const limited = Object.entries(pools).filter(([, text]) => text !== '');
      return client.call('setTaskQueue', {
        params: { queue: queue.name },
        body: {
          ...(all === '' ? {} : { capacity: Number(all) }),
          pools: limited.map(([name, text]) => ({ name, capacity: Number(text) })),
        },
      });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['task-queues'] });
      onClose();
    },
  });
  return (
    <Dialog title={`Limits of ${queue.name}`} onClose={onClose}>
      <DialogForm
        onSubmit={() => {
          if (!set.isPending) set.mutate();
        }}
        buttons={
          <>
            <Button onClick={onClose}>Close</Button>
            <Button kind="primary" type="submit" data-testid="limits-submit" busy={set.isPending}>
              Save
            </Button>
          </>
        }
      >
        <p>
          How many tasks workers may have at a time. Nothing written: any number. With 0 none is
          given out; what workers have already stays theirs.
        </p>
        <Limit label="All workers" value={all} onChange={setAll} />
        {Object.entries(pools).map(([name, text]) => (
          <Limit
            key={name}
            label={`Pool ${name}`}
            value={text}
            onChange={(value) => setPools({ ...pools, [name]: value })}
          />
        ))}
        {set.isError ? <Problem error={set.error} /> : null}
      </DialogForm>
    </Dialog>
  );
}

interface LimitProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Limit({ label, value, onChange }: LimitProps) {
  return (
    <label className={styles['label']}>
      {label}
      <input
        className={styles['control']}
        type="number"
        min={0}
        max={100_000}
        step={1}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

/** Those that have a limit or work, and those of workers that have been there. */
function poolsOf({ pools, seen }: TaskQueueDetails) {
  const named = new Map(pools.map((pool) => [pool.name, pool.capacity]));
  for (const { pool } of seen)
    if (pool !== undefined && !named.has(pool)) named.set(pool, undefined);
  return [...named].map(([name, capacity]) => ({ name, capacity }));
}

function textOf(limit: number | undefined): string {
  return limit === undefined ? '' : String(limit);
}
