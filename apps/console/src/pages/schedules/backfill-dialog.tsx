import type { Schedule } from '@parley/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client';
import { Button } from '../../ui/button';
import { Dialog, DialogForm } from '../../ui/dialog';
import { localText } from '../../ui/local-text';
import { Problem } from '../../ui/problem';
import styles from './schedules-page.module.css';

const dayMs = 86_400_000;

/** Asks for a range of the past; its times that had no run get one. */
export function BackfillDialog({
  schedule,
  onClose,
}: {
  readonly schedule: Schedule;
  readonly onClose: () => void;
}) {
  const queries = useQueryClient();
  const [from, setFrom] = useState(() => localText(new Date(Date.now() - dayMs)));
  const [to, setTo] = useState(() => localText(new Date()));
  const backfill = useMutation({
    mutationFn: (range: { from: string; to: string }) =>
      client.call('backfillSchedule', { params: { workflow: schedule.workflowId }, body: range }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['schedules'] }),
  });
  const [fromAt, toAt] = [new Date(from), new Date(to)];
  const isWhole = !Number.isNaN(fromAt.getTime()) && !Number.isNaN(toAt.getTime());
  const done = backfill.data;
  return (
    <Dialog title={`Make up for times of ${schedule.workflowTitle}`} onClose={onClose}>
      <DialogForm
        onSubmit={() => {
          if (!isWhole || backfill.isPending) return;
          backfill.mutate({ from: fromAt.toISOString(), to: toAt.toISOString() });
        }}
        buttons={
          <>
            <Button onClick={onClose}>Close</Button>
            <Button
              kind="primary"
              type="submit"
              data-testid="backfill-submit"
              busy={backfill.isPending}
              disabled={!isWhole}
            >
              Start runs
            </Button>
          </>
        }
      >
        <p>
          Each time of the schedule in this range starts a run, unless it has had one. Times are of
          your clock; the schedule follows {schedule.timezone}.
        </p>
        <label className={styles['label']}>
          From
          <input
            type="datetime-local"
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
        </label>
        <label className={styles['label']}>
          To
          <input type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} />
        </label>
        {backfill.isError ? <Problem error={backfill.error} /> : null}
        <p role="status" data-testid="backfill-result">
          {done === undefined
            ? null
            : `${String(done.times)} times in the range: ${String(done.queued)} start now, ${String(done.started)} had their run before.`}
        </p>
      </DialogForm>
    </Dialog>
  );
}
