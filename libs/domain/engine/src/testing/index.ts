import type { Ir } from '@parley/ir';
import { dryRun, type DryRun, type DryRunOptions } from '../dry-run.js';

export {
  buildIr,
  templateOf,
  type CatchSpec,
  type Tasks,
  type TaskSpec,
  type WorkflowSpec,
} from './ir-builder.js';
export { describeEntry, describeEffect } from './describe.js';
export { inHistory } from './in-history.js';
export { Random } from './random.js';
export { padded, repadded, type Padded, type Repadded } from './pads.js';
export { randomTasks, randomWorkflow } from './random-workflow.js';
export { onceWorkflow, workflows } from './workflows.js';
export {
  MockFailure,
  type DryRun,
  type DryRunCall,
  type DryRunHandlers,
  type DryRunOptions,
  type MockDecision,
} from '../dry-run.js';

/** Runs an IR to its end against mock handlers, in virtual time; throws when it cannot be loaded. */
export function runInMemory(ir: Ir, options: DryRunOptions = {}): DryRun {
  const result = dryRun(ir, options);
  if (result.ok) return result.value;
  throw new Error(result.error.map(({ pointer, message }) => `${pointer} ${message}`).join('\n'));
}
export { overlayBetween } from './overlay-between.js';
