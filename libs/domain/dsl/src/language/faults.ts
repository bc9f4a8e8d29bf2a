import { needed, object, type Member } from './shape.js';
import {
  address,
  anyData,
  condition,
  duration,
  either,
  integer,
  reference,
  template,
  words,
} from './texts.js';

/** An error that is raised. */
export const error = object('error', 'A problem as RFC 9457 describes it.', {
  type: needed({
    doc: 'A URI that says what kind of error it is.',
    shape: address,
    example: 'https://example.com/errors/out-of-stock',
  }),
  status: needed({
    doc: 'The status code, as of HTTP.',
    shape: integer('status code'),
    example: '409',
  }),
  title: { doc: 'The error in a few words.', shape: template, example: 'Out of stock' },
  detail: {
    doc: 'What went wrong this time.',
    shape: template,
    example: '${ "Only \\(.left) left" }',
  },
  instance: {
    doc: 'JSON Pointer to what the error comes from.',
    shape: { ...template, title: 'JSON Pointer' },
    example: '/do/0/checkStock',
  },
});

/** An error, or the name of one that is declared. */
export const errorOrName = either(
  'error or the name of one under use.errors',
  reference('errors', 'error'),
  error,
);

const fixed = { ...words, fixed: true } as const;

/** Which errors are caught, by fixed values. */
const errorFilter = object(
  'error filter',
  'An error is caught when each of these members is equal.',
  {
    type: {
      doc: 'The type of the error.',
      shape: fixed,
      example: 'https://open-workflow-specification.org/spec/1.0.0/errors/communication',
    },
    status: { doc: 'The status of the error.', shape: integer('status code'), example: '503' },
    instance: { doc: 'Where the error comes from, a JSON Pointer.', shape: fixed },
    title: { doc: 'The title of the error.', shape: fixed },
    detail: { doc: 'The detail of the error.', shape: fixed },
  },
  { open: anyData, notEmpty: true },
);

export const caughtErrors = object(
  'errors',
  'Which errors are caught.',
  {
    with: {
      doc: 'Members that the error must have.',
      shape: errorFilter,
      example: '{ status: 503 }',
    },
  },
  { open: anyData },
);

const options = (doc: string): Member => ({
  doc,
  shape: object('backoff options', doc, {}, { open: anyData }),
  example: '{}',
});

const backoff = object(
  'backoff',
  'How the delay grows from attempt to attempt.',
  {
    constant: options('The delay stays the same.'),
    linear: options('The delay grows by itself with each attempt.'),
    exponential: options('The delay doubles with each attempt.'),
  },
  { choices: [{ of: ['constant', 'linear', 'exponential'] }] },
);

const limit = object('limit', 'When retrying ends.', {
  attempt: {
    doc: 'Limits of attempts.',
    shape: object('attempt limit', 'Limits of attempts.', {
      count: {
        doc: 'Attempts after the first.',
        shape: integer('number of attempts', 0),
        example: '5',
      },
      duration: {
        doc: 'An attempt that takes longer counts as failed.',
        shape: duration,
        example: 'PT10S',
      },
    }),
    example: '{ count: 5 }',
  },
  duration: { doc: 'All attempts together.', shape: duration, example: 'PT5M' },
});

export const jitter = object('jitter', 'A random time on top of each delay.', {
  from: needed({ doc: 'At least this long.', shape: duration, example: 'PT0.1S' }),
  to: needed({ doc: 'At most this long.', shape: duration, example: 'PT1S' }),
});

/** How often and after which time something is tried again. */
export const retryPolicy = object('retry policy', 'Whether, when and how often to try again.', {
  when: {
    doc: 'Retries only if this holds for the error.',
    shape: condition,
    example: '.status >= 500',
  },
  exceptWhen: { doc: 'Does not retry if this holds for the error.', shape: condition },
  delay: { doc: 'Time before the next attempt.', shape: duration, example: 'PT3S' },
  backoff: { doc: 'How the delay grows.', shape: backoff, example: '{ exponential: {} }' },
  limit: { doc: 'When retrying ends.', shape: limit, example: '{ attempt: { count: 5 } }' },
  jitter: { doc: 'A random time on top of the delay.', shape: jitter },
});

export const retryOrName = either(
  'retry policy or the name of one under use.retries',
  reference('retries', 'retry policy'),
  retryPolicy,
);

/** When something has taken too long. */
export const timeout = object(
  'timeout',
  'When it has taken too long; then there is a timeout error.',
  {
    after: needed({ doc: 'How long it may take.', shape: duration, example: 'PT30S' }),
  },
);

export const timeoutOrName = either(
  'timeout or the name of one under use.timeouts',
  reference('timeouts', 'timeout'),
  timeout,
);
