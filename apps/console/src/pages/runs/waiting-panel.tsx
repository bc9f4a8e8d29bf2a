import type { Run, RunStatus, RunStep, RunWait } from '@parley/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../api/client';
import { useNameOf } from '../../app/people';
import { Elapsed, Remaining } from '../../ui/elapsed';
import { When } from '../../ui/when';
import { ApprovalCard } from '../inbox/approval-card';
import { rowOf } from './run-state';
import { SendSignal } from './send-signal';
import { SkipStep } from './skip-step';
import styles from './panels.module.css';

/** What goes on in them is told by what they wait for; undoing, it is one step at a time. */
const restingStatuses: ReadonlySet<RunStatus> = new Set(['waiting', 'suspended', 'compensating']);

export interface WaitingPanelProps {
  readonly run: Run;
  readonly steps: ReadonlyMap<string, RunStep>;
  readonly onReveal: (occurrence: string) => void;
}

/** Whom or what a run waits for. Approvals show at once, the rest when nothing else goes on. */
export function WaitingPanel({ run, steps, onReveal }: WaitingPanelProps) {
  const isResting = restingStatuses.has(run.status);
  const waits = run.waitingFor.filter(
    ({ kind }) => kind === 'approval' || (isResting && kind !== 'call'),
  );
  if (waits.length === 0) return null;
  return (
    <section
      className={`${styles['panel'] ?? ''} ${styles['waiting'] ?? ''}`}
      aria-label="What the run waits for"
      data-testid="waiting-panel"
    >
      {waits.map((wait) =>
        wait.kind === 'resume' ? (
          <Suspended key="resume" wait={wait} />
        ) : (
          <Wait
            key={wait.step}
            runId={run.id}
            wait={wait}
            step={steps.get(rowOf(wait.step))}
            onReveal={onReveal}
          />
        ),
      )}
    </section>
  );
}

function Suspended({ wait: { who = '', since } }: { wait: RunWait }) {
  const nameOf = useNameOf();
  return (
    <div className={styles['wait']}>
      <h2>Suspended by {nameOf(who.replace(/^member /, ''))}</h2>
      <p className={styles['facts']}>
        <span>
          For <Elapsed from={since} />, since <When at={since} />
        </span>
        <span>
          Nothing new begins before it is resumed. Answers, decisions, events and time still count.
        </span>
      </p>
    </div>
  );
}

interface WaitProps extends Pick<WaitingPanelProps, 'onReveal'> {
  readonly runId: string;
  readonly wait: RunWait;
  readonly step: RunStep | undefined;
}

function Wait({ runId, wait, step, onReveal }: WaitProps) {
  const { kind, name, since, until, approvalId } = wait;
  return (
    <div className={styles['wait']}>
      <h2>{headline(wait)}</h2>
      <p className={styles['facts']}>
        <span>
          For <Elapsed from={since} />, since <When at={since} />
        </span>
        {until === undefined ? null : (
          <span>
            {kind === 'approval' ? 'To be decided' : 'Goes on'} <Remaining until={until} /> (
            <When at={until} />)
          </span>
        )}
        <button type="button" className={styles['link']} onClick={() => onReveal(wait.step)}>
          Show the step {name}
        </button>
        {kind === 'approval' ? <Link to="/inbox">Open the inbox</Link> : null}
        {wait.queue === undefined ? null : (
          <Link to="/task-queues/$queue" params={{ queue: wait.queue }}>
            Open the queue
          </Link>
        )}
        {wait.runId === undefined ? null : (
          <Link to="/runs/$run" params={{ run: wait.runId }}>
            Open that run
          </Link>
        )}
      </p>
      {approvalId === undefined ? null : <Mine approvalId={approvalId} />}
      <div className={styles['actions']}>
        {kind === 'event' ? <SendSignal runId={runId} /> : null}
        {step === undefined ? null : <SkipStep runId={runId} step={step} />}
      </div>
    </div>
  );
}

function headline({ kind, name, who, queue }: RunWait): string {
  if (kind === 'approval') return `Waiting for ${who ?? 'a decision'}`;
  if (kind === 'worker') return `Waiting at ${name} for a worker of ${queue ?? 'its queue'}`;
  if (kind === 'event') return `Waiting at ${name} for an event`;
  return kind === 'run'
    ? `Waiting at ${name} for another run to end`
    : `Waiting at ${name} for the time to come`;
}

/** The decision itself, when it is the person's. */
function Mine({ approvalId }: { approvalId: string }) {
  const approval = useQuery({
    queryKey: ['approvals', approvalId],
    queryFn: () => client.call('getApproval', { params: { approval: approvalId } }),
  });
  return approval.data?.mine === true ? <ApprovalCard approval={approval.data} isInRun /> : null;
}
