import type { Payload, ReplayMode, ReplayPreview, RunStep } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client';
import { problemFaults } from '../../forms/problem-faults';
import { ValueFields } from '../../forms/value-fields';
import { useValueForm } from '../../forms/value-form';
import { Button } from '../../ui/button';
import { Dialog, DialogForm } from '../../ui/dialog';
import { Notice } from '../../ui/notice';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { ControlButton } from './run-actions';
import styles from './dialogs.module.css';

export interface RunAgainProps {
  readonly runId: string;
  readonly step: Pick<RunStep, 'occurrence' | 'name'>;
}

/** Begins a new run with this step, when it has been seen what will repeat. */
export function RunAgain(props: RunAgainProps) {
  const [isOpen, setIsOpen] = useState(false);
  const { name } = props.step;
  return (
    <>
      <ControlButton
        size="small"
        data-testid="run-again"
        aria-label={`Run again from ${name}`}
        onClick={() => setIsOpen(true)}
      >
        Run again from here
      </ControlButton>
      {isOpen ? <RunAgainDialog {...props} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}

interface DialogProps extends RunAgainProps {
  readonly onClose: () => void;
}

function RunAgainDialog(props: DialogProps) {
  const { runId, step, onClose } = props;
  const [mode, setMode] = useState<ReplayMode>('freeze');
  const found = useQuery({
    queryKey: ['replay', runId, step.occurrence, mode],
    queryFn: () =>
      client.call('previewReplay', {
        params: { run: runId },
        query: mode === 'live' ? { mode } : { mode, step: step.occurrence },
      }),
    gcTime: 0,
  });
  return (
    <Dialog title={`Run again from ${step.name}`} onClose={onClose} testId="run-again-dialog">
      <fieldset className={styles['modes']}>
        <legend>What was before it</legend>
        <Mode mode="freeze" now={mode} onChange={setMode}>
          Use what was recorded
        </Mode>
        <Mode mode="live" now={mode} onChange={setMode}>
          Run everything again, from the beginning
        </Mode>
      </fieldset>
      {found.data === undefined ? (
        <div className={styles['loading']}>
          {found.isError ? <Problem error={found.error} /> : <Spinner label="Loading" />}
        </div>
      ) : (
        <RunAgainForm key={found.data.seen} {...props} preview={found.data} />
      )}
    </Dialog>
  );
}

function Mode(props: {
  mode: ReplayMode;
  now: ReplayMode;
  onChange: (mode: ReplayMode) => void;
  children: string;
}) {
  const { mode, now, onChange, children } = props;
  return (
    <label className={styles['choice']}>
      <input type="radio" name="mode" checked={mode === now} onChange={() => onChange(mode)} />
      {children}
    </label>
  );
}

function RunAgainForm({ runId, preview, onClose }: DialogProps & { preview: ReplayPreview }) {
  const navigate = useNavigate();
  const [isEdited, setIsEdited] = useState(false);
  // One key per preview: pressing twice, or again after a lost answer, starts one run.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const form = useValueForm(undefined, { label: 'Input', initial: wholeOf(preview.input) });
  const start = useMutation({
    mutationFn: (input: Json | undefined) => {
      const { mode, step, seen } = preview;
      const body = { mode, step, seen, input };
      return client.call('replayRun', { params: { run: runId }, body, idempotencyKey });
    },
    onSuccess: (run) => navigate({ to: '/runs/$run', params: { run: run.id } }),
    onError: (error) => {
      const faults = problemFaults(error, 'input');
      if (faults.size > 0) form.refuse(faults);
    },
  });
  function submit() {
    if (start.isPending) return;
    if (!isEdited) return start.mutate(undefined);
    const read = form.read();
    if (read !== undefined) start.mutate(read.value);
  }
  return (
    <DialogForm
      onSubmit={submit}
      buttons={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            kind="primary"
            type="submit"
            data-testid="run-again-submit"
            busy={start.isPending}
          >
            Start new run
          </Button>
        </>
      }
    >
      <Repeats preview={preview} />
      {start.isError ? <Problem error={start.error} except="/input" /> : null}
      <label className={styles['choice']}>
        <input
          type="checkbox"
          name="edited"
          checked={isEdited}
          onChange={({ target }) => setIsEdited(target.checked)}
        />
        {preview.step === undefined ? 'Edit the input of the run' : 'Edit the input of the step'}
      </label>
      {isEdited ? <ValueFields form={form} takesFocus /> : null}
    </DialogForm>
  );
}

function Repeats({
  preview: { version, reused, undone, repeats, repeatCount },
}: {
  preview: ReplayPreview;
}) {
  return (
    <div className={styles['found']} data-testid="run-again-repeats">
      <p>
        Version {version}, as the earlier run.{' '}
        {reused === 0
          ? null
          : `The recorded output${reused === 1 ? ' of 1 step is' : `s of ${String(reused)} steps are`} used.`}
      </p>
      {undone.length === 0 ? null : (
        <Notice tone="warn">
          <p>What these steps did has been undone since: {undone.join(', ')}.</p>
          <p>The new run goes on as if it were still done.</p>
        </Notice>
      )}
      {repeatCount === 0 ? (
        <p>The earlier run did nothing outside from there on.</p>
      ) : (
        <>
          <p>This was done outside from there on, and will be done again:</p>
          <ul className={styles['repeats']}>
            {repeats.map(({ step, name, kind, calls }) => (
              <li key={step} title={step}>
                {name} <small>{calls ?? kind}</small>
              </li>
            ))}
            {repeatCount > repeats.length ? <li>and {repeatCount - repeats.length} more</li> : null}
          </ul>
        </>
      )}
    </div>
  );
}

function wholeOf(payload: Payload): Json | undefined {
  return payload.truncated ? undefined : payload.value;
}
