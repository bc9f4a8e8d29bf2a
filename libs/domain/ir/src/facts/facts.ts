import type { DefinitionFacts } from '@parley/contracts';
import type { Ir } from '../ir.js';
import { costOf } from './cost.js';
import { dataFlowOf } from './data-flow.js';
import { topologyOf } from './topology.js';

/** Everything that follows from an IR about its shape, its data and its price. */
export function factsOf(ir: Ir): DefinitionFacts {
  const dataFlow = dataFlowOf(ir);
  return { topology: topologyOf(ir, dataFlow), dataFlow, cost: costOf(ir) };
}
