export { AppError, isAppError, type AppErrorOptions, type ErrorDetail } from './app-error.js';
export { assert, assertNever } from './assert.js';
export { ManualClock, type Clock } from './clock.js';
export { appended, KnownOfLists, lineageOf, type Lineage } from './grown-lists.js';
export { idPrefixes, makeId, parseId, type Id, type IdKind, type RandomBytes } from './ids.js';
export {
  canonicalJson,
  isJsonObject,
  jsonEquals,
  storableJson,
  type Json,
  type JsonObject,
} from './json.js';
export {
  compareDecimals,
  decimalOf,
  decimalText,
  JsonNumber,
  JsonScalar,
  nearestDouble,
  numberFromText,
  plainNumber,
  type Decimal,
} from './json-number.js';
export {
  copyObject,
  isIndexKey,
  isOrdered,
  objectOf,
  plainOrder,
  putMember,
} from './json-order.js';
export { needsExactParsing, parseJson, stringifyJson } from './json-text.js';
export { PassingMap } from './passing-map.js';
export { err, ok, type Result } from './result.js';
