import type { Run } from '@parley/contracts';
import { useState } from 'react';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { useTitleOf } from '../../app/workflow-titles';
import { Button } from '../../ui/button';
import { InputDialog } from './input-dialog';

/** Begins a new run with this one's input, changed or not. */
export function Rerun({ run }: { run: Run }) {
  const mayRun = useMay('run');
  const titleOf = useTitleOf();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button data-testid="rerun" disabled={!mayRun} onClick={() => setIsOpen(true)}>
        Edit input and rerun
      </Button>
      {isOpen ? (
        <InputDialog
          title={`Run ${titleOf(run)} again`}
          submitLabel="Start new run"
          workflowId={run.workflowId}
          version="live"
          initial={run.input ?? {}}
          onClose={() => setIsOpen(false)}
          submit={(input, idempotencyKey) =>
            client.call('rerunRun', { params: { run: run.id }, body: { input }, idempotencyKey })
          }
        />
      ) : null}
    </>
  );
}
