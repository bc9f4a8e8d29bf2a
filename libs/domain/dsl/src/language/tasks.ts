import { afterMembers, beforeMembers, commonMembers, taskOf, type Members } from './every-task.js';
import { consumption, foreachOf, read } from './events.js';
import { caughtErrors, retryOrName } from './faults.js';
import { functionName, functionsOf } from './functions.js';
import { protocolsOf } from './protocols.js';
import {
  needed,
  object,
  type EntryShape,
  type ListShape,
  type Member,
  type ObjectShape,
  type SelectShape,
  type Shape,
  type TextShape,
  type Variant,
  type Written,
} from './shape.js';
import { emitTask, event, raiseTask, runTask, setTask, switchTask, waitTask } from './steps.js';
import {
  anyObject,
  boolean,
  condition,
  either,
  expression,
  list,
  target,
  variable,
} from './texts.js';

export { commonMembers } from './every-task.js';

const taskEntry: EntryShape = {
  kind: 'entry',
  title: 'task',
  doc: 'One task by its name. Names are unique in their list.',
  value: (): Shape => task,
};

/** Tasks that are done one after the other. */
export const taskList: ListShape = {
  ...list('list of tasks', taskEntry, 'Tasks that are done one after the other.'),
  tasks: 'sequence',
};
const branches: ListShape = {
  ...list('list of branches', taskEntry, 'Tasks that are done at the same time.'),
  tasks: 'branches',
};
const tasks = (): Shape => taskList;

const doTask = taskOf('do task', 'Does tasks one after the other.', {
  do: needed({ doc: 'The tasks.', shape: tasks }),
});

const loop = object('for', 'What is gone through.', {
  each: { doc: 'Name of the variable that holds the item.', shape: variable, default: 'item' },
  in: needed({
    doc: 'The items: an expression that yields a list, or a list of objects.',
    shape: either(
      'expression or list',
      expression,
      list('list of objects', { ...anyObject, title: 'object' }),
    ),
    example: '.orders',
  }),
  at: {
    doc: 'Name of the variable that holds its number, from 0.',
    shape: variable,
    default: 'index',
  },
});

const forTask = taskOf(
  'for task',
  'Does tasks for each item, one after the other.',
  {
    for: needed({
      doc: 'What is gone through.',
      shape: loop,
      example: '{ each: order, in: .orders }',
    }),
    while: { doc: 'Goes on only as long as this holds.', shape: condition, example: '$index < 10' },
    do: needed({ doc: 'The tasks for each item.', shape: tasks }),
  },
  {
    binds: [
      { from: ['for', 'each'], usual: 'item', doc: 'The item.', seenBy: ['while', 'do'] },
      { from: ['for', 'at'], usual: 'index', doc: 'Its number, from 0.', seenBy: ['while', 'do'] },
    ],
  },
);

const forkTask = taskOf('fork task', 'Does tasks at the same time.', {
  fork: needed({
    doc: 'What is done at the same time.',
    shape: object('fork', 'What is done at the same time.', {
      branches: needed({ doc: 'The tasks; each is a branch of its own.', shape: branches }),
      compete: {
        doc: 'Whether the first branch to complete wins, and the others are cancelled.',
        shape: boolean,
        default: false,
      },
    }),
  }),
});

const foreach = foreachOf(tasks);

const listenTask = taskOf('listen task', 'Waits for events. The output is the list of them.', {
  listen: needed({
    doc: 'What is waited for.',
    shape: object('listen', 'What is waited for.', {
      to: needed({
        doc: 'Which events: one, any or all of several.',
        shape: consumption,
        example: '{ one: { with: { type: com.example.order.paid.v1 } } }',
      }),
      read,
    }),
  }),
  foreach: { doc: 'What is done with each event as it comes.', shape: foreach },
});

const seenBy = ['when', 'exceptWhen', 'retry', 'do'];
const catch_ = object(
  'catch',
  'Which errors are caught, and what is done about them.',
  {
    errors: {
      doc: 'Only errors with these members.',
      shape: caughtErrors,
      example: '{ with: { status: 503 } }',
    },
    as: { doc: 'Name of the variable that holds the error.', shape: variable, default: 'error' },
    when: {
      doc: 'Only errors for which this holds.',
      shape: condition,
      example: '$error.status >= 500',
    },
    exceptWhen: { doc: 'No errors for which this holds.', shape: condition },
    retry: {
      doc: 'Tries again: a retry policy, or the name of one under use.retries.',
      shape: retryOrName,
      example: '{ delay: PT3S, limit: { attempt: { count: 5 } } }',
    },
    do: { doc: 'Tasks that are done when the error is caught and not retried.', shape: tasks },
    then: {
      doc: 'Where to go after a caught error; otherwise where the task goes.',
      shape: target,
    },
  },
  { binds: [{ from: ['as'], usual: 'error', doc: 'The error that was caught.', seenBy }] },
);

const tryTask = taskOf('try task', 'Does tasks, and something else when they fail.', {
  try: needed({ doc: 'The tasks to try.', shape: tasks }),
  catch: needed({
    doc: 'Which errors are caught, and what is done about them.',
    shape: catch_,
    example: '{ retry: { delay: PT3S } }',
  }),
});

const called: TextShape = { kind: 'text', title: 'function', holds: 'function' };
const call: Member = needed({
  doc: 'The function: of the language, of the platform, of use.functions, or of a catalog.',
  shape: called,
  example: 'http',
});

const protocols = protocolsOf(foreach);
const functions = functionsOf(tasks);

function callOf(name: string, arguments_: ObjectShape): ObjectShape {
  return taskOf(`call task`, arguments_.doc, {
    call,
    with: needed({ doc: `The ${arguments_.title}.`, shape: arguments_ }),
  });
}

/** A call whose function is not known here. */
const functionCall = taskOf('call task', 'Calls a function.', {
  call,
  with: {
    doc: 'Arguments of the function by name.',
    shape: anyObject,
    example: "{ id: '${ .id }' }",
  },
});

const callVariants: readonly Variant[] = Object.entries({ ...protocols, ...functions }).map(
  ([name, arguments_]) => ({
    name: `call: ${name}`,
    doc: arguments_.doc,
    shape: callOf(name, arguments_),
  }),
);
const callShapes = new Map(callVariants.map((variant) => [variant.name.slice(6), variant.shape]));

const kinds: Readonly<Record<string, ObjectShape>> = {
  do: doTask,
  emit: emitTask,
  for: forTask,
  fork: forkTask,
  listen: listenTask,
  raise: raiseTask,
  run: runTask,
  set: setTask,
  switch: switchTask,
  try: tryTask,
  wait: waitTask,
};

/** The words that say what a task does. */
export const taskKeywords: readonly string[] = ['call', ...Object.keys(kinds)];
const keywordSet = new Set(taskKeywords);

export function isTaskKeyword(key: string): boolean {
  return keywordSet.has(key);
}

function selectTask(written: Written): ObjectShape | undefined {
  // `while` without `for` is a loop that lacks what it goes through.
  if (written.has('for') || (written.has('while') && written.has('do'))) return forTask;
  const keyword = taskKeywords.find((name) => written.has(name));
  if (keyword === undefined) return undefined;
  return keyword === 'call' ? selectCall(written) : kinds[keyword];
}

function selectCall(written: Written): ObjectShape {
  const name = written.text('call') ?? '';
  if (Object.hasOwn(protocols, name)) return callShapes.get(name) ?? functionCall;
  if (written.declares(name)) return functionCall;
  return callShapes.get(functionName(name)) ?? functionCall;
}

const ofAnyKind: Members = {
  ...beforeMembers,
  ...Object.fromEntries(
    [functionCall, ...Object.values(kinds)].flatMap((shape) =>
      Object.entries(shape.members)
        .filter(([name]) => !Object.hasOwn(commonMembers, name))
        .map(([name, { required: _, ...member }]) => [name, member] as const),
    ),
  ),
  ...afterMembers,
};

/** A task: what it is depends on its keyword, and for calls on the function. */
export const task: SelectShape = {
  kind: 'select',
  title: 'task',
  doc: 'A step of the workflow.',
  variants: [
    ...callVariants,
    {
      name: 'call',
      doc: 'Calls a function of use.functions or of a catalog.',
      shape: functionCall,
    },
    ...Object.entries(kinds).map(([name, shape]) => ({ name, doc: shape.doc, shape })),
  ],
  select: selectTask,
  undecided: object('task', 'A step of the workflow.', ofAnyKind, { task: true }),
};

/** Shapes that rules of their own belong to. */
export const taskShapes = { switch: switchTask, event };
export const argumentsByName: Readonly<Record<string, ObjectShape>> = {
  ...protocols,
  ...functions,
};
