/**
 * Which variables an expression sees, by where it stands. Variables of loops, handlers and
 * subscriptions are added to all of these inside their tasks. The engine binds exactly these.
 *
 * | place                                     | variables                                              |
 * |-------------------------------------------|--------------------------------------------------------|
 * | workflow `input.from`                     | secrets, workflow, runtime                             |
 * | workflow `timeout`, `schedule`            | workflow, runtime                                      |
 * | task `input.from`                         | context, secrets, task, workflow, runtime              |
 * | `if` and all that the task itself computes| context, input, authorization, task, workflow, runtime |
 * | task `output.as`                          | context, input, authorization, task, workflow, runtime |
 * | task `export.as`                          | the same and output                                    |
 * | workflow `output.as`                      | context, workflow, runtime                             |
 *
 * Secrets: the specification's prose allows `$secrets` only in `input.from`, its table nearly
 * everywhere. We follow the prose. Authentications name secrets by `use`, without an expression.
 */
export type VariablePlace =
  | 'workflowInput'
  | 'workflowTimeout'
  | 'schedule'
  | 'taskInput'
  | 'task'
  | 'taskOutput'
  | 'taskExport'
  | 'workflowOutput';

const ofTask = ['context', 'input', 'authorization', 'task', 'workflow', 'runtime'];

const byPlace: Readonly<Record<VariablePlace, readonly string[]>> = {
  workflowInput: ['secrets', 'workflow', 'runtime'],
  workflowTimeout: ['workflow', 'runtime'],
  schedule: ['workflow', 'runtime'],
  taskInput: ['context', 'secrets', 'task', 'workflow', 'runtime'],
  task: ofTask,
  taskOutput: ofTask,
  taskExport: ['context', 'input', 'output', 'authorization', 'task', 'workflow', 'runtime'],
  workflowOutput: ['context', 'workflow', 'runtime'],
};

/** What the variables of the language hold, for people. */
export const variableDocs: Readonly<Record<string, string>> = {
  context: 'What tasks have left behind with export.',
  input: 'The input of the task, after input.from.',
  output: 'The output of the task, after output.as.',
  secrets: 'The secrets declared under use.secrets, by name. Only input.from sees them.',
  authorization: 'Scheme and parameter that the call was authorized with.',
  task: 'The task: name, reference, definition, input, output, startedAt.',
  workflow: 'The run: id, definition, input, startedAt.',
  runtime: 'The platform: name, version, metadata.',
};

/** All variables of the language. */
export const languageVariables: readonly string[] = Object.keys(variableDocs);

/** Names that loops and `catch` cannot use for their variables. */
export const reservedVariables: ReadonlySet<string> = new Set([
  ...languageVariables,
  '__loc__',
  'ENV',
]);

/** The variables at a place inside tasks that add `scoped` ones. */
export function variablesAt(place: VariablePlace, scoped: readonly string[]): readonly string[] {
  return scoped.length === 0 ? byPlace[place] : [...byPlace[place], ...scoped];
}
