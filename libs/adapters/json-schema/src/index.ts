export { assertUsable, schemaCheck, schemaOf, type SchemaFault } from './json-schema.js';
