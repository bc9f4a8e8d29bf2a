import type { Approval } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import { isParleyError } from '@parley/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { client } from '../../api/client';
import { problemFaults } from '../../forms/problem-faults';
import { ValueFields } from '../../forms/value-fields';
import { useValueForm, type ValueForm } from '../../forms/value-form';
import { Button } from '../../ui/button';
import { Problem } from '../../ui/problem';
import { TextArea } from '../../ui/text-area';
import { useToasts } from '../../ui/toast';
import styles from './approval-card.module.css';

const reasonLengthMax = 2_000;

export interface DecisionFormProps {
  readonly approval: Approval;
  /** Whether the page shows by itself what became of the decision. */
  readonly isSeen: boolean;
}

/** Approve or reject, with the data that is asked for and a reason. */
export function DecisionForm(props: DecisionFormProps) {
  const { form } = props.approval;
  return form === undefined || form === null ? (
    <Decide {...props} />
  ) : (
    <DecideWithData {...props} schema={form} />
  );
}

function DecideWithData({ schema, ...props }: DecisionFormProps & { readonly schema: Json }) {
  const form = useValueForm(schema, { label: 'Your answer' });
  return <Decide {...props} form={form} />;
}

function Decide({ approval, isSeen, form }: DecisionFormProps & { readonly form?: ValueForm }) {
  const id = useId();
  const queries = useQueryClient();
  const toasts = useToasts();
  const [reason, setReason] = useState('');
  const decide = useMutation({
    mutationFn: (body: { decision: 'approved' | 'rejected'; data?: Json }) => {
      const text = reason.trim();
      return client.call('decideApproval', {
        params: { approval: approval.id },
        body: { ...body, ...(text === '' ? {} : { reason: text }) },
      });
    },
    onSuccess: (decided) => {
      if (!isSeen) toasts.success(`${decided.title}: ${decided.status}`);
      return queries.invalidateQueries({ queryKey: ['approvals'] });
    },
    onError: (error) => {
      const faults = problemFaults(error, 'data');
      if (faults.size > 0) form?.refuse(faults);
    },
  });
  const isConflict = isParleyError(decide.error, 'conflict');

  function submit(decision: 'approved' | 'rejected'): void {
    // Rejecting needs no answers; approving says what was asked for.
    if (form === undefined || decision === 'rejected') {
      decide.mutate({ decision });
      return;
    }
    const read = form.read();
    if (read !== undefined) decide.mutate({ decision, data: read.value });
  }

  return (
    <form
      className={styles['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit('approved');
      }}
    >
      {form === undefined ? null : <ValueFields form={form} />}
      <label className={styles['reason']} htmlFor={id}>
        Reason (optional)
        <TextArea
          id={id}
          name="reason"
          maxLength={reasonLengthMax}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      {decide.isError ? (
        <Problem error={decide.error} except="/data">
          {isConflict ? (
            <>
              <p>Your decision was not recorded: the first one counts.</p>
              <Button
                size="small"
                onClick={() => void queries.invalidateQueries({ queryKey: ['approvals'] })}
              >
                Show what was decided
              </Button>
            </>
          ) : null}
        </Problem>
      ) : null}
      <div className={styles['actions']}>
        <Button
          kind="primary"
          type="submit"
          data-testid="approve-decision"
          busy={decide.isPending && decide.variables.decision === 'approved'}
          disabled={decide.isPending}
        >
          Approve
        </Button>
        <Button
          kind="danger"
          data-testid="reject-decision"
          busy={decide.isPending && decide.variables.decision === 'rejected'}
          disabled={decide.isPending}
          onClick={() => submit('rejected')}
        >
          Reject
        </Button>
      </div>
    </form>
  );
}
