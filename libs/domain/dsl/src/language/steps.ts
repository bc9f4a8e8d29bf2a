import { taskOf } from './every-task.js';
import { eventAttributes } from './events.js';
import { errorOrName } from './faults.js';
import { run } from './processes.js';
import { needed, object } from './shape.js';
import {
  anyData,
  anyObject,
  condition,
  duration,
  either,
  list,
  target,
  template,
} from './texts.js';

export const event = object(
  'event to emit',
  'The event.',
  {
    with: {
      doc: 'Attributes of the event.',
      shape: eventAttributes,
      example: '{ type: com.example.order.placed.v1 }',
    },
  },
  { open: anyData },
);

export const emitTask = taskOf('emit task', 'Sends an event.', {
  emit: needed({
    doc: 'What is sent.',
    shape: object('emit', 'What is sent.', {
      event: needed({
        doc: 'The event.',
        shape: event,
        example: '{ with: { type: com.example.order.placed.v1 } }',
      }),
    }),
  }),
});

export const raiseTask = taskOf('raise task', 'Raises an error.', {
  raise: needed({
    doc: 'What is raised.',
    shape: object('raise', 'What is raised.', {
      error: needed({
        doc: 'The error, or the name of one under use.errors.',
        shape: errorOrName,
        example: '{ type: https://example.com/errors/out-of-stock, status: 409 }',
      }),
    }),
  }),
});

export const runTask = taskOf(
  'run task',
  'Runs a container, a script, a shell command or a workflow.',
  {
    run: needed({ doc: run.doc, shape: run, example: '{ shell: { command: ls } }' }),
  },
);

export const setTask = taskOf('set task', 'Makes data.', {
  set: needed({
    doc: 'The new data: an object with expressions in it, or an expression.',
    shape: either('object or text', template, { ...anyObject, notEmpty: true }),
    example: "{ total: '${ .price * .quantity }' }",
  }),
});

const switchCase = object('case', 'A condition and where to go when it holds.', {
  when: {
    doc: 'The case holds if this does; always, when absent.',
    shape: condition,
    example: '.ok',
  },
  then: needed({
    doc: 'Where to go: a task of the same list, continue, exit or end.',
    shape: target,
    example: 'continue',
  }),
});

export const switchTask = taskOf('switch task', 'Goes on where the first case says that holds.', {
  switch: needed({
    doc: 'The cases, tried in order.',
    shape: {
      ...list('list of cases', {
        kind: 'entry',
        title: 'case',
        doc: 'One case by its name.',
        value: switchCase,
      }),
      notEmpty: true,
    },
    example: '[{ big: { when: .total > 200, then: ask } }]',
  }),
});

export const waitTask = taskOf('wait task', 'Waits for a time.', {
  wait: needed({ doc: 'How long.', shape: duration, example: 'PT5M' }),
});
