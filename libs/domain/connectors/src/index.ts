export { type ImportFault } from './faults.js';
export { documentHashOf, importOpenApi, slugOf } from './import-open-api.js';
export { limits } from './limits.js';
export { mockResponse, type MockResponse } from './mock/mock-response.js';
export { sampleOf } from './mock/sample.js';
export type {
  ConnectorOperation,
  ConnectorParameter,
  DeclaredScheme,
  ImportedConnector,
  ParameterStyle,
} from './model.js';
export { deliveryOf, isKeyHeader } from './operations/delivery.js';
export {
  buildRequest,
  type BuiltRequest,
  type CallArguments,
  type RequestFault,
} from './request/build-request.js';
export {
  bodyShape,
  type BodyShape,
  type InputMember,
  inputMembers,
} from './request/input-members.js';
