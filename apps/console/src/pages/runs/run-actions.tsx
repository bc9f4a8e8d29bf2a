import type { Run } from '@parley/contracts';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { Dialog, DialogForm } from '../../ui/dialog';
import { Problem } from '../../ui/problem';
import { TextArea } from '../../ui/text-area';
import { Rerun } from './rerun';
import styles from './dialogs.module.css';

const reasonLengthMax = 2_000;

/** What can be done with a run as a whole; a failed run's actions stand with its cause. */
export function RunActions({ run }: { run: Run }) {
  switch (run.status) {
    case 'completed':
    case 'cancelled':
    case 'terminated':
      return <Rerun run={run} />;
    case 'failed':
      return null;
    default:
      return <CancelRun run={run} />;
  }
}

function CancelRun({ run }: { run: Run }) {
  const mayRun = useMay('run');
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button
        kind="danger"
        data-testid="cancel-run"
        disabled={!mayRun}
        onClick={() => setIsOpen(true)}
      >
        Cancel run
      </Button>
      {isOpen ? <CancelDialog run={run} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}

function CancelDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const id = useId();
  const [reason, setReason] = useState('');
  const cancel = useMutation({
    mutationFn: () => {
      const text = reason.trim();
      const body = text === '' ? {} : { reason: text };
      return client.call('cancelRun', { params: { run: run.id }, body });
    },
    onSuccess: onClose,
  });
  return (
    <Dialog title="Cancel this run?" onClose={onClose}>
      <DialogForm
        onSubmit={() => cancel.mutate()}
        buttons={
          <>
            <Button onClick={onClose}>Let it run</Button>
            <Button kind="danger" type="submit" data-testid="cancel-submit" busy={cancel.isPending}>
              Cancel run
            </Button>
          </>
        }
      >
        {cancel.isError ? <Problem error={cancel.error} /> : null}
        <p>Steps under way are stopped. What has been done already stays done.</p>
        <label className={styles['label']} htmlFor={id}>
          Reason (optional)
          <TextArea
            id={id}
            maxLength={reasonLengthMax}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
      </DialogForm>
    </Dialog>
  );
}
