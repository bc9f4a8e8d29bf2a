import { runPriorities } from '@parley/ir';
import { needed, object, type Lazy, type ObjectShape, type Shape } from './shape.js';
import {
  anyObject,
  anyTemplate,
  duration,
  either,
  expression,
  filledTemplate,
  fixedName,
  integer,
  jsonSchema,
  list,
  oneOf,
  template,
  variable,
  workName,
} from './texts.js';

/**
 * The functions of the platform: what the default catalog offers to every workflow. A function that
 * a workflow declares under `use.functions` hides one of the same name here.
 *
 * F2  `call: connector` calls an operation of an imported OpenAPI document.
 *     `with`: `connector` and `operation` (both fixed texts), `input` and `body`.
 *     - `input` is an object: path, query, header and cookie parameters and the members of an
 *       object body, all by name (`inputsOf` lists them). A name that is both a parameter and a body
 *       member is given once and goes to both.
 *     - `body` is the whole body: for bodies that are not objects, where one name needs two values,
 *       and for members that the schema allows without naming them. `input` then holds parameters
 *       only.
 *     - The output is the response's content; an unsuccessful status is a `communication` error.
 *     With a catalogue, the operation must exist, required inputs must be given, unknown ones are
 *     refused, and what is written out must fit the schema. The header that carries the idempotency
 *     key is the engine's and never required.
 *
 * F3  `call: human` asks a person and waits.
 *     `with`: `title` (what to decide, a text), `message` (details, Markdown), `assignee` (exactly
 *     one of `role` and `member`), `form` (a JSON Schema of type object, for data that the person
 *     enters), `due` (a duration; after it the task faults with a `timeout` error), `data` (what the
 *     person sees beside the message). All but `form` may hold expressions; a fixed `due` is compiled
 *     to its canonical ISO 8601 text.
 *     The output is `{ decision: "approved" | "rejected", approved: boolean, by, reason?, at,
 *     data? }`, where `by` is the member who decided, `at` the time and `data` what the form holds.
 *
 * F4  `call: agent` gives a goal to an agent of the platform and waits for its answer.
 *     `with`: `goal` (what to achieve, a text), `agent` (which agent, by name) or `role` (what an
 *     agent without a name is told to be), `input` (what it works on), `tools` (the only ones that it
 *     may use, by name), `model` (`provider/model`), `output` (a JSON Schema of type object that its
 *     answer must fit), `limits` (`turns`, `tokens`, `duration`; beyond them the task faults).
 *     `agent`, `tools`, `model`, `output` and the limits are fixed, so that an approval says what may
 *     happen.
 *     The output is the answer: an object that fits `output`, or `{ text }` without one.
 *
 * F5  `call: worker` puts a task into a queue, where a worker of the tenant takes it.
 *     `with`: `queue` and `task` (both fixed texts: where, and what kind of work), `input` (what the
 *     worker gets), `priority` (high | medium | low), `orderKey` (a text: of the tasks with one key
 *     only one is out at a time, in order). How long it may take is the task's `timeout`; a worker
 *     that loses its lease counts as an error that may be retried.
 *     The output is what the worker hands back.
 *
 * F6  `call: map` runs tasks once for each item, several at a time.
 *     `with`: `in` (an expression that yields a list, or the list itself), `each` and `at` (names of
 *     the variables for item and number), `do` (the tasks: a list with names of its own),
 *     `concurrency` (how many items at a time; all, when absent), `onError`: `fail` ends the others at
 *     the first error, `collect` lets them end.
 *     The output is a list in the order of the items: each one's output, or with `collect`
 *     `{ output }` or `{ error }`.
 *
 * A platform function may also be written with its catalog: `human:1.0.0@default`.
 */
const connectorArguments = object(
  'arguments of a connector call',
  'An operation of a connected system.',
  {
    connector: needed({
      doc: 'The connected system, by name.',
      shape: fixedName,
      example: 'orders',
    }),
    operation: needed({ doc: 'The operation, by its id.', shape: fixedName, example: 'getOrder' }),
    input: {
      doc: 'Parameters and members of the body, all by name.',
      shape: anyObject,
      example: "{ orderId: '${ .orderId }' }",
    },
    body: {
      doc: 'The whole body, where it is not given by members.',
      shape: anyTemplate,
      example: '${ . }',
    },
  },
);

const assignee = object(
  'assignee',
  'Who is asked: a role, or one member.',
  {
    role: { doc: 'Anybody with this role may decide.', shape: filledTemplate, example: 'manager' },
    member: { doc: 'Only this member may decide.', shape: filledTemplate, example: 'mem_1' },
  },
  { choices: [{ of: ['role', 'member'] }] },
);

/** A schema of an object: what a form asks for, what an agent answers. */
const objectSchema = { ...jsonSchema, title: 'JSON Schema of an object' };

const humanArguments = object('arguments of a human task', 'A question to a person.', {
  title: needed({
    doc: 'What is to be decided, in one line.',
    shape: filledTemplate,
    example: 'Refund ${ .total }?',
  }),
  message: { doc: 'Details, as Markdown.', shape: filledTemplate, example: '${ .reason }' },
  assignee: needed({ doc: 'Who is asked.', shape: assignee, example: '{ role: manager }' }),
  form: {
    doc: 'What the person is asked to enter, as a JSON Schema of an object.',
    shape: objectSchema,
    example: '{ type: object, properties: { amount: { type: number } } }',
  },
  due: {
    doc: 'How long an answer may take; then there is a timeout error.',
    shape: duration,
    example: 'P1D',
  },
  data: {
    doc: 'What the person sees beside the message.',
    shape: anyTemplate,
    example: '${ .order }',
  },
});

const count = (title: string) => integer(title, 1);
const agentLimits = object('limits', 'What the agent may spend; beyond it the task faults.', {
  turns: { doc: 'Answers of the model.', shape: count('number of turns'), example: '10' },
  tokens: { doc: 'Tokens in and out.', shape: count('number of tokens'), example: '50000' },
  duration: { doc: 'Time from start to answer.', shape: duration, example: 'PT5M' },
});

const agentArguments = object(
  'arguments of an agent task',
  'A goal for an agent.',
  {
    goal: needed({
      doc: 'What the agent shall achieve.',
      shape: filledTemplate,
      example: 'Summarize the complaint and propose an answer',
    }),
    agent: { doc: 'Which agent, by name.', shape: fixedName, example: 'support' },
    role: {
      doc: 'What an agent without a name is told to be.',
      shape: filledTemplate,
      example: 'A friendly support clerk',
    },
    input: { doc: 'What it works on.', shape: anyTemplate, example: '${ .complaint }' },
    tools: {
      doc: 'The only tools that it may use, by name.',
      shape: list('list of tool names', fixedName),
      example: '[orders.getOrder]',
    },
    output: {
      doc: 'What its answer must fit, as a JSON Schema of an object.',
      shape: objectSchema,
      example: '{ type: object, properties: { answer: { type: string } } }',
    },
    model: { doc: 'The model, as provider/model.', shape: fixedName, example: 'local/llama' },
    limits: { doc: 'What it may spend.', shape: agentLimits, example: '{ turns: 10 }' },
  },
  { choices: [{ of: ['agent', 'role'], optional: true }] },
);

const workerArguments = object('arguments of a worker task', 'Work for a worker of your own.', {
  queue: needed({ doc: 'The queue that the worker polls.', shape: workName, example: 'render' }),
  task: needed({ doc: 'What kind of work it is.', shape: workName, example: 'renderInvoice' }),
  input: { doc: 'What the worker gets.', shape: anyTemplate, example: '${ .invoice }' },
  priority: {
    doc: 'Which work is taken first; without it, that of the run says.',
    shape: oneOf('priority', runPriorities),
  },
  orderKey: {
    doc: 'Of the tasks with one key only one is out at a time, in order.',
    shape: template,
    example: '${ .customerId }',
  },
});

function mapArguments(tasks: Lazy<Shape>): ObjectShape {
  return object(
    'arguments of a map task',
    'Tasks for each item, several at a time.',
    {
      in: needed({
        doc: 'The items: an expression that yields a list, or the list itself.',
        shape: either('expression or list', expression, list('list of items', anyTemplate)),
        example: '.orders',
      }),
      each: { doc: 'Name of the variable that holds the item.', shape: variable, default: 'item' },
      at: {
        doc: 'Name of the variable that holds its number, from 0.',
        shape: variable,
        default: 'index',
      },
      do: needed({ doc: 'The tasks for each item.', shape: tasks }),
      concurrency: {
        doc: 'How many items at a time; all of them when absent.',
        shape: integer('number of items', 1, 10_000),
        example: '10',
      },
      onError: {
        doc: 'fail: the first error ends all. collect: every item ends as { output } or { error }.',
        shape: oneOf('answer to errors', ['fail', 'collect']),
        default: 'fail',
      },
    },
    {
      binds: [
        { from: ['each'], usual: 'item', doc: 'The item.', seenBy: ['do'] },
        { from: ['at'], usual: 'index', doc: 'Its number, from 0.', seenBy: ['do'] },
      ],
    },
  );
}

/** The functions of the platform: `with` by the name in `call`. */
export function functionsOf(tasks: Lazy<Shape>): Readonly<Record<string, ObjectShape>> {
  return {
    connector: connectorArguments,
    human: humanArguments,
    agent: agentArguments,
    worker: workerArguments,
    map: mapArguments(tasks),
  };
}

export const platformFunctions = ['connector', 'human', 'agent', 'worker', 'map'] as const;
export const protocols = ['http', 'openapi', 'grpc', 'asyncapi', 'a2a', 'mcp'] as const;

/** `human:1.0.0@default` → `human`; other names as they are. */
export function functionName(call: string): string {
  return /^([a-z0-9]+):1\.0\.\d+@default$/.exec(call)?.[1] ?? call;
}

/** A function of a catalog: `log:0.5.2@global`. */
export function catalogFunction(
  call: string,
): { readonly name: string; readonly version: string; readonly catalog: string } | undefined {
  const [, name, version, catalog] = /^([^:@/\s]+):([^:@/\s]+)@([^:@/\s]+)$/.exec(call) ?? [];
  if (name === undefined || version === undefined || catalog === undefined) return undefined;
  return { name, version, catalog };
}

/** A function by its address. */
export function isFunctionAddress(call: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s]+$/i.test(call);
}
