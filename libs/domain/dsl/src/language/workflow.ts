import { authenticationPolicy } from './authentication.js';
import { input, output } from './data-flow.js';
import { consumption, read } from './events.js';
import { error, retryPolicy, timeout, timeoutOrName } from './faults.js';
import { endpoint } from './resources.js';
import { needed, object, type Shape, type TextShape } from './shape.js';
import { task, taskList } from './tasks.js';
import { anyData, condition, dataObject, fixedDuration, list, map, oneOf, words } from './texts.js';

export const semver: TextShape = {
  ...words,
  title: 'version',
  pattern:
    /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/,
  wants: 'a version such as 1.0.0',
};
const label: TextShape = {
  ...words,
  title: 'name',
  pattern: /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/,
  wants: 'letters, digits and dashes, at most 63',
};

const document = object('document', 'What the workflow is called, and in which version.', {
  dsl: needed({
    doc: 'The version of the language.',
    shape: { ...semver, wants: 'a version such as 1.0.3' },
    example: "'1.0.3'",
  }),
  namespace: needed({ doc: 'Groups workflows.', shape: label, example: 'shop' }),
  name: needed({ doc: 'The name, unique in the namespace.', shape: label, example: 'refund' }),
  version: needed({ doc: 'The version of the workflow.', shape: semver, example: "'0.1.0'" }),
  title: { doc: 'The workflow in a few words.', shape: words, example: 'Refund an order' },
  summary: { doc: 'What it is for, as Markdown.', shape: words },
  tags: { doc: 'Labels by name.', shape: dataObject, example: '{ team: sales }' },
  metadata: {
    doc: 'Anything else. metadata.timezone: of the schedule. metadata.schedule: { overlap: allow, skip or cancel; missed: all, latest or skip }. metadata.priority: of its runs (high, medium or low). metadata.history: what is recorded of their steps (full, or fast: what they came to).',
    shape: dataObject,
    example: '{ timezone: Europe/Berlin }',
  },
});

const extension = object('extension', 'Tasks around all tasks of a kind.', {
  extend: needed({
    doc: 'Which tasks are extended.',
    shape: oneOf('kind of task', [
      'call',
      'composite',
      'emit',
      'for',
      'listen',
      'raise',
      'run',
      'set',
      'switch',
      'try',
      'wait',
      'all',
    ]),
    example: 'call',
  }),
  when: {
    doc: 'Extends only tasks for which this holds; $task is the definition of the task.',
    shape: condition,
    example: '$task.call == "http"',
  },
  before: {
    doc: 'Tasks before the extended one. With then: exit their output takes its place.',
    shape: taskList,
  },
  after: { doc: 'Tasks after the extended one.', shape: taskList },
});

const catalog = object('catalog', 'A place that functions are read from.', {
  endpoint: needed({
    doc: 'The address that the catalog is at.',
    shape: endpoint,
    example: 'https://github.com/example/catalog',
  }),
});

const use = object('use', 'What the tasks refer to by name.', {
  authentications: {
    doc: 'How calls prove who they are, by name.',
    shape: { ...map('authentications', authenticationPolicy), shared: true },
    example: "{ petStore: { bearer: { token: '${ .token }' } } }",
  },
  catalogs: {
    doc: 'Where functions are read from, by name.',
    shape: map('catalogs', catalog),
  },
  errors: { doc: 'Errors to raise, by name.', shape: { ...map('errors', error), shared: true } },
  extensions: {
    doc: 'Tasks around all tasks of a kind.',
    shape: list('list of extensions', {
      kind: 'entry',
      title: 'extension',
      doc: 'One extension by its name.',
      value: extension,
    }),
  },
  functions: {
    doc: 'Tasks to call, by name. The arguments of the call are the input.',
    shape: map('functions', (): Shape => task),
    example: '{ log: { run: { shell: { command: logger } } } }',
  },
  retries: {
    doc: 'Retry policies, by name.',
    shape: { ...map('retry policies', retryPolicy), shared: true },
    example: '{ usual: { delay: PT3S, limit: { attempt: { count: 5 } } } }',
  },
  secrets: {
    doc: 'Names of the secrets that the workflow may use.',
    shape: list('list of names', words),
    example: '[petStoreSecret]',
  },
  timeouts: {
    doc: 'Timeouts, by name.',
    shape: { ...map('timeouts', timeout), shared: true },
    example: '{ short: { after: PT10S } }',
  },
});

const schedule = object('schedule', 'When runs start by themselves.', {
  every: { doc: 'At this interval.', shape: fixedDuration, example: 'PT15M' },
  cron: {
    doc: 'When the clock says so: minute, hour, day of month, month, day of week.',
    shape: { ...words, title: 'cron expression', fixed: true },
    example: '0 9 * * 1-5',
  },
  after: {
    doc: 'This long after the run before has ended.',
    shape: fixedDuration,
    example: 'PT1H',
  },
  on: {
    doc: 'When these events come; they are the input, a list.',
    shape: consumption,
    example: '{ one: { with: { type: com.example.order.placed.v1 } } }',
  },
  read: { ...read, needs: 'on' },
});

const evaluate = object('evaluate', 'How expressions are read.', {
  language: {
    doc: 'The language of expressions.',
    shape: { ...words, usual: ['jq'] },
    default: 'jq',
  },
  mode: {
    doc: 'strict: expressions stand in ${ }. loose: every text that can be read as one is one.',
    shape: oneOf('mode', ['strict', 'loose']),
    default: 'strict',
  },
});

/** A whole definition. The official schema lets it have any further members. */
export const workflow = object(
  'workflow',
  'A workflow.',
  {
    document: needed({ doc: document.doc, shape: document }),
    input: { doc: 'What goes into the workflow.', shape: input, at: 'workflowInput' },
    use: { doc: use.doc, shape: use },
    evaluate: { doc: evaluate.doc, shape: evaluate, example: '{ mode: strict }' },
    schedule: {
      doc: schedule.doc,
      shape: schedule,
      at: 'schedule',
      example: '{ cron: 0 9 * * * }',
    },
    timeout: {
      doc: 'When the run has taken too long; then it fails.',
      shape: timeoutOrName,
      at: 'workflowTimeout',
      example: '{ after: PT1H }',
    },
    do: needed({ doc: 'The tasks, done one after the other.', shape: taskList }),
    output: { doc: 'What comes out of the workflow.', shape: output, at: 'workflowOutput' },
  },
  { open: anyData },
);

export const workflowShapes = { document, use, schedule, evaluate, extension };
