export {
  assertUsable,
  faultsInWords,
  schemaCheck,
  schemaOf,
  type SchemaFault,
} from './json-schema.js';
