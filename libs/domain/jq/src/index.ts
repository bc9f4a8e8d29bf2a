export { CACHE_SIZE_MAX, compileCached } from './cache.js';
export { JqError, SyntaxFault, type JqSyntaxError } from './errors.js';
export { DEFAULT_LIMITS, SOURCE_LENGTH_MAX, SYNTAX_DEPTH_MAX, type Limits } from './limits.js';
export {
  compile,
  type CompileOptions,
  type PathRead,
  type Program,
  type RunEnv,
} from './program.js';
export type { Ast } from './syntax/ast.js';
export { parseJsonStream } from './values/parse-json.js';
export { JsonProblem } from './values/json-reader.js';
export { Opaque } from './values/opaque.js';
export { parse } from './syntax/parser.js';
