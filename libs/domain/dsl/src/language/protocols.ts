import { authentication } from './authentication.js';
import { endpoint, externalResource, httpEndpoint } from './resources.js';
import { needed, object, type Member, type ObjectShape } from './shape.js';
import {
  anyData,
  anyObject,
  anyTemplate,
  boolean,
  computed,
  duration,
  either,
  integer,
  map,
  oneOf,
  template,
  textList,
  textsByName,
  words,
} from './texts.js';

/** A name in a document: it must be known before the workflow runs. */
const named = { ...words, title: 'name', fixed: true } as const;

/** F1. The arguments of the calls that the language itself has. */
export const httpMethods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const texts = either('object of texts or expression in ${ }', computed, textsByName);
const reply: Readonly<Record<string, Member>> = {
  output: {
    doc: 'What becomes the output: the bytes, the content, or the whole response.',
    shape: oneOf('output', ['raw', 'content', 'response']),
    default: 'content',
  },
  redirect: {
    doc: 'Whether a redirection (3xx) counts as success and is not followed.',
    shape: boolean,
    default: false,
  },
};
const authenticated: Member = {
  doc: 'How the call proves who it is.',
  shape: authentication,
  example: '{ use: petStoreAuth }',
};
const document = (what: string, example: string): Member => ({
  doc: `The ${what} document that describes the called service.`,
  shape: externalResource,
  example: `{ endpoint: ${example} }`,
});

export const httpArguments = object('arguments of an HTTP call', 'One HTTP request.', {
  method: needed({
    doc: 'The HTTP method.',
    shape: { ...template, title: 'HTTP method', usual: httpMethods },
    example: 'get',
  }),
  endpoint: needed({
    doc: 'Where the request goes.',
    shape: httpEndpoint,
    example: 'https://api.example.com/orders/{id}',
  }),
  headers: { doc: 'Headers by name.', shape: texts, example: '{ accept: application/json }' },
  query: { doc: 'Query parameters by name.', shape: texts, example: "{ page: '1' }" },
  body: { doc: 'The body of the request.', shape: anyTemplate, example: '${ . }' },
  ...reply,
});

const openapiArguments = object(
  'arguments of an OpenAPI call',
  'An operation of an OpenAPI document.',
  {
    document: needed(document('OpenAPI', 'https://api.example.com/openapi.json')),
    operationId: needed({ doc: 'The operation.', shape: named, example: 'getPetById' }),
    parameters: {
      doc: 'Parameters of the operation by name; body for the whole body.',
      shape: anyObject,
      example: "{ petId: '${ .id }' }",
    },
    authentication: authenticated,
    ...reply,
  },
);

const grpcService = object('gRPC service', 'Which service, and where it is.', {
  name: needed({ doc: 'Full name of the service.', shape: named, example: 'shop.Orders' }),
  host: needed({
    doc: 'Host name.',
    shape: {
      ...words,
      title: 'host name',
      pattern: /^[a-zA-Z0-9](?:[a-zA-Z0-9-.]{0,61}[a-zA-Z0-9])?$/,
      wants: 'letters, digits, dots and dashes, at most 63',
    },
    example: 'orders.example.com',
  }),
  port: { doc: 'Port.', shape: integer('port', 0, 65_535), example: '50051' },
  authentication: authenticated,
});

const grpcArguments = object('arguments of a gRPC call', 'A method of a gRPC service.', {
  proto: needed(document('proto', 'https://api.example.com/orders.proto')),
  service: needed({
    doc: 'Which service, and where it is.',
    shape: grpcService,
    example: '{ name: shop.Orders, host: orders.example.com }',
  }),
  method: needed({ doc: 'The method.', shape: named, example: 'GetOrder' }),
  arguments: {
    doc: 'Members of the request message.',
    shape: anyObject,
    example: "{ id: '${ .id }' }",
  },
});

const message = object('message', 'A message that is sent.', {
  payload: { doc: 'What the message says.', shape: anyObject, example: "{ text: '${ .text }' }" },
  headers: { doc: 'Headers of the message by name.', shape: anyObject },
});

const server = object('server', 'One of the servers of the document.', {
  name: needed({ doc: 'Its name in the document.', shape: named, example: 'staging' }),
  variables: { doc: 'Variables of its address.', shape: anyObject, example: '{ region: eu }' },
});

const messageConsumption = object(
  'consumption',
  'How many messages are taken: exactly one of amount, while and until.',
  {
    amount: { doc: 'This many messages.', shape: integer('number of messages'), example: '5' },
    while: {
      doc: 'As long as this holds after a message.',
      shape: computed,
      example: '${ (. | length) < 5 }',
    },
    until: {
      doc: 'Until this holds before a message.',
      shape: computed,
      example: '${ (. | length) == 5 }',
    },
    for: { doc: 'No longer than this.', shape: duration, example: 'PT30M' },
  },
  { choices: [{ of: ['amount', 'while', 'until'] }] },
);

const asyncapiProtocols =
  'amqp amqp1 anypointmq googlepubsub http ibmmq jms kafka mercure mqtt mqtt5 nats pulsar redis sns solace sqs stomp ws';

function asyncapiArguments(foreach: ObjectShape): ObjectShape {
  const subscription = object(
    'subscription',
    'Which messages are taken, and what is done with them.',
    {
      filter: {
        doc: 'Takes only messages for which this holds.',
        shape: computed,
        example: '${ .payload.total > 100 }',
      },
      consume: needed({
        doc: 'How many messages are taken.',
        shape: messageConsumption,
        example: '{ amount: 5 }',
      }),
      foreach: { doc: 'What is done with each message.', shape: foreach },
    },
  );
  return object(
    'arguments of an AsyncAPI call',
    'Sends a message, or takes messages, as an AsyncAPI document describes.',
    {
      document: needed(document('AsyncAPI', 'https://api.example.com/asyncapi.json')),
      operation: {
        doc: 'The operation; for AsyncAPI 3.',
        shape: named,
        example: 'publishOrder',
      },
      channel: { doc: 'The channel; for AsyncAPI 2.', shape: named, example: '/orders' },
      server: { doc: 'The server to use.', shape: server, example: '{ name: staging }' },
      protocol: {
        doc: 'The protocol by which a server is chosen.',
        shape: oneOf('protocol', asyncapiProtocols.split(' ')),
        example: 'kafka',
      },
      message: {
        doc: 'The message to send.',
        shape: message,
        example: "{ payload: { id: '${ .id }' } }",
      },
      subscription: {
        doc: 'The messages to take.',
        shape: subscription,
        example: '{ consume: { amount: 1 } }',
      },
      authentication: authenticated,
    },
    { choices: [{ of: ['operation', 'channel'] }, { of: ['message', 'subscription'] }] },
  );
}

const parameters = (title: string, notEmpty: boolean): Member => ({
  doc: 'Parameters of the method: an object, or an expression that yields one.',
  shape: either(
    'object or expression',
    template,
    notEmpty ? { ...anyObject, title, notEmpty } : { ...anyObject, title },
  ),
  example: "{ name: search, arguments: { query: '${ .text }' } }",
});

const a2aMethods =
  'message/send message/stream tasks/get tasks/list tasks/cancel tasks/resubscribe tasks/pushNotificationConfig/set tasks/pushNotificationConfig/get tasks/pushNotificationConfig/list tasks/pushNotificationConfig/delete agent/getAuthenticatedExtendedCard';

export const a2aArguments = object('arguments of an A2A call', 'A message to another agent.', {
  agentCard: document('Agent Card', 'https://agent.example.com/.well-known/agent-card.json'),
  server: {
    doc: 'Where the agent is, when no card says so.',
    shape: endpoint,
    example: 'https://agent.example.com',
  },
  method: needed({
    doc: 'The method of the A2A protocol.',
    shape: oneOf('A2A method', a2aMethods.split(' ')),
    example: 'message/send',
  }),
  parameters: parameters('A2A parameters', true),
});

const httpTransport = object(
  'HTTP transport',
  'A server that is reached over HTTP.',
  {
    endpoint: needed({
      doc: 'Where the server is.',
      shape: endpoint,
      example: 'https://mcp.example.com',
    }),
    headers: { doc: 'Headers by name.', shape: textsByName },
  },
  { open: anyData },
);
const stdioTransport = object(
  'stdio transport',
  'A server that is started as a process.',
  {
    command: needed({ doc: 'The command that starts it.', shape: template, example: 'npx' }),
    arguments: { doc: 'Arguments, in order.', shape: textList },
    environment: { doc: 'Environment variables by name.', shape: textsByName },
  },
  { open: anyData },
);
const transport = object(
  'transport',
  'How the server is reached: http or stdio.',
  {
    http: {
      doc: httpTransport.doc,
      shape: httpTransport,
      example: '{ endpoint: https://mcp.example.com }',
    },
    stdio: { doc: stdioTransport.doc, shape: stdioTransport, example: '{ command: npx }' },
    options: { doc: 'Further options.', shape: map('object of texts', template) },
  },
  { choices: [{ of: ['http', 'stdio'] }], open: anyData },
);
const mcpClient = object(
  'MCP client',
  'How the client names itself.',
  {
    name: needed({ doc: 'Name of the client.', shape: template, example: 'parley' }),
    version: needed({ doc: 'Version of the client.', shape: template, example: '1.0.0' }),
  },
  { open: anyData },
);

const mcpMethods =
  'tools/list tools/call prompts/list prompts/get resources/list resources/read resources/templates/list';

const mcpArguments = object(
  'arguments of an MCP call',
  'A request to an MCP server.',
  {
    method: needed({
      doc: 'The method of the MCP protocol.',
      shape: oneOf('MCP method', mcpMethods.split(' ')),
      example: 'tools/call',
    }),
    parameters: parameters('MCP parameters', false),
    transport: needed({
      doc: 'How the server is reached.',
      shape: transport,
      example: '{ http: { endpoint: https://mcp.example.com } }',
    }),
    timeout: { doc: 'When the call has taken too long.', shape: duration, example: 'PT30S' },
    client: {
      doc: 'How the client names itself.',
      shape: mcpClient,
      example: '{ name: parley, version: 1.0.0 }',
    },
    protocolVersion: {
      doc: 'Version of the MCP protocol.',
      shape: template,
      default: '2025-06-18',
    },
  },
  { open: anyData },
);

/** The calls of the language: `with` by the name in `call`. */
export function protocolsOf(foreach: ObjectShape): Readonly<Record<string, ObjectShape>> {
  return {
    http: httpArguments,
    openapi: openapiArguments,
    grpc: grpcArguments,
    asyncapi: asyncapiArguments(foreach),
    a2a: a2aArguments,
    mcp: mcpArguments,
  };
}
