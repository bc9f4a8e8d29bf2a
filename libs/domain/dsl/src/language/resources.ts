import { authentication } from './authentication.js';
import { needed, object, type EitherShape, type TextShape } from './shape.js';
import { address, either, jsonSchema, template, words } from './texts.js';

const uriDoc =
  'The address. {name} inserts the member of that name of the input of the task, encoded.';

function endpointOf(text: TextShape): EitherShape {
  const configured = object('endpoint', 'An address and how to prove who calls.', {
    uri: needed({ doc: uriDoc, shape: text, example: 'https://api.example.com/orders/{id}' }),
    authentication: {
      doc: 'How calls to the address prove who they are.',
      shape: authentication,
      example: '{ use: petStoreAuth }',
    },
  });
  return either('address or { uri, authentication }', text, configured);
}

/** Where something is found. */
export const endpoint = endpointOf(address);
/** Where requests are sent over HTTP. */
export const httpEndpoint = endpointOf({ ...address, absolute: true });

/** A document outside of the definition. */
export const externalResource = object(
  'external resource',
  'A document that is read from elsewhere.',
  {
    name: { doc: 'A name for people to read.', shape: template, example: 'petStore' },
    endpoint: needed({
      doc: 'Where the document is.',
      shape: endpoint,
      example: 'https://api.example.com/openapi.json',
    }),
  },
);

/** A schema that data is validated by. */
export const schema = object(
  'schema',
  'A schema that data must fit: written here, or read from elsewhere.',
  {
    format: {
      doc: 'The schema language, possibly with its version: json or json:2020-12.',
      shape: words,
      default: 'json',
    },
    document: {
      doc: 'The schema itself.',
      shape: jsonSchema,
      example: '{ type: object, required: [orderId] }',
    },
    resource: {
      doc: 'Where the schema is.',
      shape: externalResource,
      example: '{ endpoint: https://example.com/order.schema.json }',
    },
  },
  { choices: [{ of: ['document', 'resource'] }] },
);
