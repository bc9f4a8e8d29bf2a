import type { GraphNode } from '@parley/contracts';
import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { kindLooks } from './kinds';
import styles from './step-node.module.css';

export interface StepData extends Record<string, unknown> {
  readonly step: GraphNode;
  readonly isGroup: boolean;
  /** State of the step in a run. */
  readonly status?: string;
  /** What became of the step in a comparison: added, changed, moved. */
  readonly change?: string;
}

export type StepFlowNode = Node<StepData, 'step' | 'mark'>;

function Ends() {
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </>
  );
}

/** A step: what it is, its name, and what it does. */
export const StepNode = memo(function StepNode({ data }: NodeProps<StepFlowNode>) {
  const { step, isGroup, status, change } = data;
  const look = kindLooks[step.kind];
  return (
    <div
      className={`${styles['step'] ?? ''} ${isGroup ? (styles['group'] ?? '') : ''}`}
      data-testid="graph-node"
      data-node={step.id}
      data-kind={step.kind}
      data-status={status}
      data-change={change}
      title={step.detail === undefined ? step.label : `${step.label}\n${step.detail}`}
    >
      <div className={styles['head']}>
        <span className={`${styles['icon'] ?? ''} ${styles[look.tone] ?? ''}`} aria-hidden="true">
          <svg viewBox="0 0 24 24">
            <path d={look.icon} />
          </svg>
        </span>
        <span className={styles['words']}>
          <strong>{step.label}</strong>
          <small>{step.detail ?? look.words}</small>
        </span>
        {change === undefined ? null : <span className={styles['change']}>{change}</span>}
      </div>
      <Ends />
    </div>
  );
});

/** Where runs begin and end. */
export const MarkNode = memo(function MarkNode({ data }: NodeProps<StepFlowNode>) {
  return (
    <div className={styles['mark']} data-kind={data.step.kind}>
      {data.step.label}
      <Ends />
    </div>
  );
});
