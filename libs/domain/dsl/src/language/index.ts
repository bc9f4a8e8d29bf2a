export { commonMembers, isTaskKeyword, task, taskKeywords } from './tasks.js';
export {
  catalogFunction,
  functionName,
  isFunctionAddress,
  platformFunctions,
  protocols,
} from './functions.js';
export { pathTo, settle, type Settled, type Visited } from './navigate.js';
export { shapeOf, type Member, type ObjectShape, type Shape, type Variant } from './shape.js';
export { workflow } from './workflow.js';
