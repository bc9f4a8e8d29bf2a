/**
 * Which variables an expression sees, by where it stands. Loop and error variables are added to all
 * of these inside their tasks. The engine binds exactly these.
 *
 * | place                                                   | variables                                      |
 * |---------------------------------------------------------|------------------------------------------------|
 * | workflow `input.from`                                   | workflow, runtime                              |
 * | task `input.from`                                       | context, task, workflow, runtime               |
 * | `if` and everything that the task itself evaluates      | context, input, task, workflow, runtime        |
 * | task `output.as`                                        | context, input, task, workflow, runtime        |
 * | task `export.as`                                        | context, input, output, task, workflow, runtime|
 * | workflow `output.as`                                    | context, workflow, runtime                     |
 */
export type VariablePlace =
  'workflowInput' | 'taskInput' | 'task' | 'taskOutput' | 'taskExport' | 'workflowOutput';

const byPlace: Readonly<Record<VariablePlace, readonly string[]>> = {
  workflowInput: ['workflow', 'runtime'],
  taskInput: ['context', 'task', 'workflow', 'runtime'],
  task: ['context', 'input', 'task', 'workflow', 'runtime'],
  taskOutput: ['context', 'input', 'task', 'workflow', 'runtime'],
  taskExport: ['context', 'input', 'output', 'task', 'workflow', 'runtime'],
  workflowOutput: ['context', 'workflow', 'runtime'],
};

/** Variables of the language that this version does not provide. */
export const laterVariables: ReadonlySet<string> = new Set(['secrets', 'authorization']);

/** Names that loops and `catch` cannot use for their variables. */
export const reservedVariables: ReadonlySet<string> = new Set([
  ...byPlace.taskExport,
  ...laterVariables,
  '__loc__',
  'ENV',
]);

/**
 * Stands among variables for names that could not be read, because the loop or handler that declares
 * them is wrong: unknown variables are then no second mistake.
 */
export const unreadableNames = '*';

/** The variables at a place inside tasks that add `scoped` ones. */
export function variablesAt(place: VariablePlace, scoped: readonly string[]): readonly string[] {
  return scoped.length === 0 ? byPlace[place] : [...byPlace[place], ...scoped];
}
