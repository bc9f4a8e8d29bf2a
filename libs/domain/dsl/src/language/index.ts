export { commonMembers, isTaskKeyword, task, taskKeywords, taskList } from './tasks.js';
export {
  catalogFunction,
  functionName,
  isFunctionAddress,
  platformFunctions,
  protocols,
} from './functions.js';
export { httpMethods } from './protocols.js';
export { fits, pathTo, settle, shapeAt, type Settled, type Visited } from './navigate.js';
export { shapeOf, type Member, type ObjectShape, type Shape, type Variant } from './shape.js';
export { workflow } from './workflow.js';
