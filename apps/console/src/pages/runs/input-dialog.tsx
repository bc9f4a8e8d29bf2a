import type { Run, WorkflowVersion } from '@parley/contracts';
import { jsonEquals, type Json } from '@parley/kernel';
import { isParleyError } from '@parley/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { client } from '../../api/client';
import { problemFaults } from '../../forms/problem-faults';
import { ValueFields } from '../../forms/value-fields';
import { useValueForm } from '../../forms/value-form';
import { Button } from '../../ui/button';
import { Dialog, DialogForm } from '../../ui/dialog';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import styles from './dialogs.module.css';

export interface InputDialogProps {
  readonly title: string;
  readonly submitLabel: string;
  readonly workflowId: string;
  /** The version that will run: its schema asks for the input. */
  readonly version: number | 'live';
  readonly initial?: Json;
  /** What else is asked for, below the input. */
  readonly more?: ReactNode;
  readonly onClose: () => void;
  /** `input` is undefined when it was left as it was given. */
  readonly submit: (input: Json | undefined, idempotencyKey: string) => Promise<Run>;
}

/** Asks for the input of a run and begins it. */
export function InputDialog(props: InputDialogProps) {
  const { workflowId, version } = props;
  const found = useQuery({
    queryKey: ['version', workflowId, version],
    queryFn: () => client.call('getVersion', { params: { workflow: workflowId, version } }),
  });
  return (
    <Dialog title={props.title} onClose={props.onClose} testId="input-dialog">
      {found.data === undefined ? (
        <div className={styles['loading']}>
          {found.isError ? <Problem error={found.error} /> : <Spinner label="Loading" />}
        </div>
      ) : (
        <InputForm {...props} found={found.data} />
      )}
    </Dialog>
  );
}

function InputForm(props: InputDialogProps & { readonly found: WorkflowVersion }) {
  const { found, initial, more, onClose, submit, submitLabel } = props;
  const navigate = useNavigate();
  const form = useValueForm(found.inputSchema, { label: 'Input', initial });
  // One key per opened dialog: pressing twice, or again after a lost answer, starts one run.
  const [key] = useState(() => crypto.randomUUID());
  const start = useMutation({
    mutationFn: (input: Json) => submit(jsonEquals(input, initial) ? undefined : input, key),
    onSuccess: (run) => navigate({ to: '/runs/$run', params: { run: run.id } }),
    onError: (error) => {
      const faults = problemFaults(error, 'input');
      if (faults.size > 0) form.refuse(faults);
    },
  });
  const isShownAtFields = problemFaults(start.error, 'input').size > 0;
  return (
    <DialogForm
      onSubmit={() => {
        const read = form.read();
        if (read !== undefined && !start.isPending) start.mutate(read.value);
      }}
      buttons={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button kind="primary" type="submit" data-testid="run-form-submit" busy={start.isPending}>
            {submitLabel}
          </Button>
        </>
      }
    >
      <p className={styles['about']}>
        Version {found.version}
        {found.inputSchema === undefined
          ? ' declares no form for its input: give it as JSON, or leave it empty.'
          : '. Fields with * are needed.'}
      </p>
      {start.isError && !isShownAtFields ? (
        <Problem error={start.error} except="/input">
          {isParleyError(start.error, 'key-reused') ? (
            <p>
              An earlier try from this dialog has begun a run already. Close it to see that run, or
              open it again to begin another.
            </p>
          ) : null}
        </Problem>
      ) : null}
      <ValueFields form={form} takesFocus />
      {more}
    </DialogForm>
  );
}
