import type { Payload, RunStep } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client';
import { problemFaults } from '../../forms/problem-faults';
import { ValueFields } from '../../forms/value-fields';
import { useValueForm } from '../../forms/value-form';
import { Button } from '../../ui/button';
import { Dialog, DialogForm } from '../../ui/dialog';
import { Problem } from '../../ui/problem';
import { ReasonField, reasonBody } from './reason-dialog';
import { ControlButton } from './run-actions';
import styles from './dialogs.module.css';

export interface SkipStepProps {
  readonly runId: string;
  readonly step: Pick<RunStep, 'occurrence' | 'name' | 'input'>;
  readonly size?: 'small' | 'medium';
}

/** Takes a step as completed, with an output that the person gives. */
export function SkipStep(props: SkipStepProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <ControlButton
        size={props.size ?? 'medium'}
        data-testid="skip-step"
        aria-label={`Skip step ${props.step.name}`}
        onClick={() => setIsOpen(true)}
      >
        Skip step
      </ControlButton>
      {isOpen ? <SkipDialog {...props} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}

function SkipDialog({ runId, step, onClose }: SkipStepProps & { onClose: () => void }) {
  const [isInput, setIsInput] = useState(true);
  const [reason, setReason] = useState('');
  const form = useValueForm(undefined, { label: 'Output', initial: wholeOf(step.input) });
  const skip = useMutation({
    mutationFn: (output: Json | undefined) => {
      const body = { step: step.occurrence, output, ...reasonBody(reason) };
      return client.call('skipStep', { params: { run: runId }, body });
    },
    onSuccess: onClose,
    onError: (error) => {
      const faults = problemFaults(error, 'output');
      if (faults.size > 0) form.refuse(faults);
    },
  });
  function submit() {
    if (skip.isPending) return;
    if (isInput) return skip.mutate(undefined);
    const read = form.read();
    if (read !== undefined) skip.mutate(read.value);
  }
  return (
    <Dialog title={`Skip ${step.name}?`} onClose={onClose} testId="skip-dialog">
      <DialogForm
        onSubmit={submit}
        buttons={
          <>
            <Button onClick={onClose}>Close</Button>
            <Button
              kind="primary"
              type="submit"
              data-testid="skip-submit"
              aria-busy={skip.isPending}
            >
              Skip step
            </Button>
          </>
        }
      >
        <p>
          The step counts as completed and the run goes on after it. What it has done outside stays
          done; what it still does is given up.
        </p>
        {skip.isError ? <Problem error={skip.error} except="/output" /> : null}
        <label className={styles['choice']}>
          <input
            type="checkbox"
            name="input"
            checked={isInput}
            onChange={(event) => setIsInput(event.target.checked)}
          />
          Hand its input on as its output
        </label>
        {isInput ? null : <ValueFields form={form} takesFocus />}
        <ReasonField reason={reason} onChange={setReason} />
      </DialogForm>
    </Dialog>
  );
}

function wholeOf(payload: Payload | undefined): Json | undefined {
  return payload?.truncated === false ? payload.value : undefined;
}
