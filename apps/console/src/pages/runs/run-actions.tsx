import type { Run } from '@parley/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button, type ButtonProps } from '../../ui/button';
import { useToasts } from '../../ui/toast';
import { ReasonDialog } from './reason-dialog';
import { Rerun } from './rerun';
import styles from './dialogs.module.css';

/**
 * What can be done with a run as a whole; a failed run's actions stand with its cause.
 * @param mayUndo whether it may have done something that can be undone
 */
export function RunActions({ run, mayUndo }: { run: Run; mayUndo: boolean }) {
  switch (run.status) {
    case 'completed':
    case 'cancelled':
    case 'terminated':
      return <Rerun run={run} />;
    case 'failed':
    case 'compensation-failed':
      return null;
    case 'compensating':
      return (
        <>
          <SuspendOrResume run={run} />
          <TerminateRun run={run} />
        </>
      );
    default:
      return (
        <>
          {/* One button that changes its name: whoever has pressed it still has it in focus. */}
          <SuspendOrResume run={run} />
          <CancelRun run={run} mayUndo={mayUndo} />
          <TerminateRun run={run} />
        </>
      );
  }
}

function SuspendOrResume({ run: { id, status } }: { run: Run }) {
  const toasts = useToasts();
  const isSuspended = status === 'suspended';
  const params = { run: id };
  const act = useMutation({
    mutationFn: () =>
      isSuspended
        ? client.call('resumeRun', { params })
        : client.call('suspendRun', { params, body: {} }),
    onError: (error) => toasts.failure(error),
  });
  return (
    <ControlButton
      kind={isSuspended ? 'primary' : 'secondary'}
      data-testid={isSuspended ? 'resume-run' : 'suspend-run'}
      // Not disabled meanwhile: that would take the focus away.
      aria-busy={act.isPending}
      onClick={() => {
        if (!act.isPending) act.mutate();
      }}
    >
      {isSuspended ? 'Resume' : 'Suspend'}
    </ControlButton>
  );
}

/** Ends a run in good order; of a failed one, gives up what could still be retried. */
export function CancelRun({ run, mayUndo = false }: { run: Run; mayUndo?: boolean }) {
  const [isOpen, setIsOpen] = useState(false);
  const [compensate, setCompensate] = useState(false);
  const isFailed = run.status === 'failed';
  return (
    <>
      <ControlButton kind="danger" data-testid="cancel-run" onClick={() => setIsOpen(true)}>
        Cancel run
      </ControlButton>
      {isOpen ? (
        <ReasonDialog
          title="Cancel this run?"
          submitLabel="Cancel run"
          submitTestId="cancel-submit"
          keepLabel={isFailed ? 'Leave it' : 'Let it run'}
          onClose={() => setIsOpen(false)}
          submit={(reason) =>
            client.call('cancelRun', {
              params: { run: run.id },
              body: compensate ? { ...reason, compensate } : reason,
            })
          }
        >
          <p>
            {isFailed
              ? 'It can no longer be retried then. What has been done already stays done.'
              : cancelText(mayUndo, compensate)}
          </p>
          {mayUndo ? <Compensate isWanted={compensate} onChange={setCompensate} /> : null}
        </ReasonDialog>
      ) : null}
    </>
  );
}

function cancelText(mayUndo: boolean, compensate: boolean): string {
  if (!mayUndo) return 'Steps under way are stopped. No step is done that would have to be undone.';
  return compensate
    ? 'Steps under way are stopped. Then the steps that say how are undone; the others stay done.'
    : 'Steps under way are stopped. Without undoing, what has been done already stays done.';
}

function Compensate(props: { isWanted: boolean; onChange: (isWanted: boolean) => void }) {
  return (
    <label className={styles['choice']}>
      <input
        type="checkbox"
        data-testid="cancel-compensate"
        checked={props.isWanted}
        onChange={({ target }) => props.onChange(target.checked)}
      />
      Undo the steps that say how, the last one first
    </label>
  );
}

export function TerminateRun({ run }: { run: Run }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <ControlButton kind="danger" data-testid="terminate-run" onClick={() => setIsOpen(true)}>
        Terminate
      </ControlButton>
      {isOpen ? (
        <ReasonDialog
          title="Terminate this run?"
          submitLabel="Terminate"
          submitTestId="terminate-submit"
          keepLabel="Let it run"
          onClose={() => setIsOpen(false)}
          submit={(body) => client.call('terminateRun', { params: { run: run.id }, body })}
        >
          <p>
            It ends at once: calls under way are given up, and nothing is cleaned up or undone.
            Cancel it instead to let it end in good order.
          </p>
        </ReasonDialog>
      ) : null}
    </>
  );
}

/** A button for those who may run workflows; the others see why they may not. */
export function ControlButton({ disabled = false, ...rest }: ButtonProps) {
  const mayRun = useMay('run');
  return (
    <Button
      disabled={!mayRun || disabled}
      title={mayRun ? undefined : 'Your roles do not allow to run workflows'}
      {...rest}
    />
  );
}
