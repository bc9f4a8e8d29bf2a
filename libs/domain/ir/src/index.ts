export {
  executorNames,
  executorsNeeded,
  unavailableIn,
  type ExecutorName,
  type Unavailable,
} from './availability.js';
export { changesBetween, type IrChanges } from './changes.js';
export { edgesOf, entryOf, type IrEdge } from './graph.js';
export { costOf } from './facts/cost.js';
export { dataFlowOf } from './facts/data-flow.js';
export { factsOf } from './facts/facts.js';
export { topologyOf } from './facts/topology.js';
export { hashJson, hashText, sealIr } from './hash.js';
export { irFormat } from './ir.js';
export type {
  CallFunction,
  Delivery,
  EventForm,
  Expression,
  Ir,
  IrAuthentication,
  IrCallNode,
  IrCatch,
  IrConsumption,
  IrDocument,
  IrDoNode,
  IrDuration,
  IrEmitNode,
  IrEventFilter,
  IrExternal,
  IrForeach,
  IrForkNode,
  IrForNode,
  IrInput,
  IrListenNode,
  IrMapNode,
  IrNode,
  IrNodeBase,
  IrNodeKind,
  IrOpenApiParameter,
  IrOpenApiRequest,
  IrOperation,
  IrOutput,
  IrRaiseNode,
  IrRetry,
  IrRunNode,
  IrSchedule,
  IrScope,
  IrSetNode,
  IrSubscription,
  IrSwitchCase,
  IrSwitchNode,
  IrTryNode,
  IrWaitNode,
  NodeId,
  ScopeId,
  Target,
  Template,
} from './ir.js';
export { describeTrigger } from './trigger.js';
export { isContainerName, isImageName, isVariableName } from './container-names.js';
export {
  missedPolicies,
  overlapPolicies,
  runHistories,
  runPriorities,
  type MissedPolicy,
  type OverlapPolicy,
  type RunHistory,
  type RunPriority,
} from './parts.js';
