import type { Condition, Intent } from '../request/intents.js';
import { callStep } from './actions.js';
import { joinJq, resolve } from './conditions.js';
import type { Step } from './model.js';
import { ask, contextJq, type World } from './world.js';

export type KnownCondition =
  Condition | { readonly kind: 'known'; readonly jq: string; readonly text: string };

interface Test {
  readonly jq: string;
  /** What must be read first. */
  readonly steps: readonly Step[];
}

export function conditionOf(world: World, condition: KnownCondition): Test | undefined {
  if (condition.kind === 'known') return { jq: condition.jq, steps: [] };
  const resolved = resolve(world, condition);
  if (!resolved.ok) {
    ask(world, resolved.question);
    return undefined;
  }
  let { jq } = resolved;
  const steps: Step[] = [];
  for (const operation of new Set(resolved.reads)) {
    const step = callStep(world, operation, {
      kind: 'action',
      verb: '',
      words: [],
      text: operation.operation.id,
    });
    jq = jq.replaceAll(contextJq(operation.operation.id), contextJq(step.name));
    steps.push(step);
  }
  return { jq, steps };
}

export interface KnownIf {
  readonly condition: KnownCondition;
  readonly then: readonly Intent[];
  readonly otherwise: readonly Intent[];
  readonly trailing?: boolean;
}

/** A condition that is not known yet is never true. */
export const openCondition = 'false';

export function withIf(step: Step, jq: string): Step {
  return { ...step, if: step.if === undefined ? jq : joinJq([jq, step.if], 'and') };
}
