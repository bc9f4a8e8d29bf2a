import type { Json } from '@parley/kernel';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { client } from '../../api/client';
import { problemFaults } from '../../forms/problem-faults';
import { ValueFields } from '../../forms/value-fields';
import { useValueForm } from '../../forms/value-form';
import { Button } from '../../ui/button';
import { Dialog, DialogForm } from '../../ui/dialog';
import { Problem } from '../../ui/problem';
import { useToasts } from '../../ui/toast';
import { ControlButton } from './run-actions';
import styles from './dialogs.module.css';

const typeLengthMax = 256;

/** Tells an event to one run that waits for one. */
export function SendSignal({ runId }: { runId: string }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <ControlButton kind="primary" data-testid="send-signal" onClick={() => setIsOpen(true)}>
        Send signal
      </ControlButton>
      {isOpen ? <SignalDialog runId={runId} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}

function SignalDialog({ runId, onClose }: { runId: string; onClose: () => void }) {
  const id = useId();
  const toasts = useToasts();
  const [type, setType] = useState('');
  // One id per opened dialog: sent twice, or again after a lost answer, it is heard once.
  const [eventId] = useState(() => crypto.randomUUID());
  const form = useValueForm(undefined, { label: 'Data' });
  const send = useMutation({
    mutationFn: (data: Json) =>
      client.call('signalRun', {
        params: { run: runId },
        body: { id: eventId, type: type.trim(), data },
      }),
    onSuccess: (event) => {
      toasts.success(`The run is told ${event.type}.`);
      onClose();
    },
    onError: (error) => {
      const faults = problemFaults(error, 'data');
      if (faults.size > 0) form.refuse(faults);
    },
  });
  const isReady = type.trim() !== '';
  return (
    <Dialog title="Send a signal to this run" onClose={onClose} testId="signal-dialog">
      <DialogForm
        onSubmit={() => {
          const read = form.read();
          if (isReady && read !== undefined && !send.isPending) send.mutate(read.value);
        }}
        buttons={
          <>
            <Button onClick={onClose}>Close</Button>
            <Button
              kind="primary"
              type="submit"
              data-testid="signal-submit"
              disabled={!isReady}
              aria-busy={send.isPending}
            >
              Send signal
            </Button>
          </>
        }
      >
        <p className={styles['about']}>
          An event for this run alone. It is taken when its type and its data are what the step
          listens to; else the run goes on waiting.
        </p>
        {send.isError ? <Problem error={send.error} except="/data" /> : null}
        <label className={styles['label']} htmlFor={id}>
          Type
          <input
            id={id}
            name="type"
            className={styles['control']}
            placeholder="com.example.order.paid"
            maxLength={typeLengthMax}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="none"
            value={type}
            onChange={(event) => setType(event.target.value)}
          />
        </label>
        <ValueFields form={form} />
      </DialogForm>
    </Dialog>
  );
}
