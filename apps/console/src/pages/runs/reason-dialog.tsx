import { useMutation } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { Button } from '../../ui/button';
import { Dialog, DialogForm } from '../../ui/dialog';
import { Problem } from '../../ui/problem';
import { TextArea } from '../../ui/text-area';
import styles from './dialogs.module.css';

const reasonLengthMax = 2_000;

export interface ReasonDialogProps {
  readonly title: string;
  readonly submitLabel: string;
  readonly submitTestId: string;
  readonly keepLabel: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  readonly submit: (body: { reason?: string }) => Promise<unknown>;
}

/** Asks whether something that cannot be undone is meant, and why. */
export function ReasonDialog(props: ReasonDialogProps) {
  const { title, submitLabel, submitTestId, keepLabel, children, onClose, submit } = props;
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: () => submit(reasonBody(reason)),
    onSuccess: onClose,
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <DialogForm
        onSubmit={() => {
          if (!act.isPending) act.mutate();
        }}
        buttons={
          <>
            <Button onClick={onClose}>{keepLabel}</Button>
            <Button kind="danger" type="submit" data-testid={submitTestId} busy={act.isPending}>
              {submitLabel}
            </Button>
          </>
        }
      >
        {act.isError ? <Problem error={act.error} /> : null}
        {children}
        <ReasonField reason={reason} onChange={setReason} />
      </DialogForm>
    </Dialog>
  );
}

export function ReasonField(props: { reason: string; onChange: (reason: string) => void }) {
  const id = useId();
  return (
    <label className={styles['label']} htmlFor={id}>
      Reason (optional)
      <TextArea
        id={id}
        name="reason"
        maxLength={reasonLengthMax}
        value={props.reason}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </label>
  );
}

/** As commands carry it: not at all, rather than empty. */
export function reasonBody(reason: string): { reason?: string } {
  const text = reason.trim();
  return text === '' ? {} : { reason: text };
}
