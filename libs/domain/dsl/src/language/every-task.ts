import { exported, input, output } from './data-flow.js';
import { timeoutOrName } from './faults.js';
import { object, type Member, type ObjectShape } from './shape.js';
import { condition, dataObject, target } from './texts.js';

export type Members = Readonly<Record<string, Member>>;

/** Members that every task may have before and after what it does. */
export const beforeMembers: Members = {
  if: { doc: 'Does the task only if this holds.', shape: condition, example: '.total > 200' },
  input: {
    doc: 'What goes into the task.',
    shape: input,
    at: 'taskInput',
    example: '{ from: .order }',
  },
};
export const afterMembers: Members = {
  output: {
    doc: 'What comes out of the task.',
    shape: output,
    at: 'taskOutput',
    example: '{ as: .id }',
  },
  export: {
    doc: 'What the task leaves in $context.',
    shape: exported,
    at: 'taskExport',
    example: "{ as: '$context + { id: .id }' }",
  },
  timeout: {
    doc: 'When the task has taken too long; then there is a timeout error.',
    shape: timeoutOrName,
    example: '{ after: PT30S }',
  },
  then: {
    doc: 'What comes next: a task of the same list, continue, exit (leave the list) or end (the run).',
    shape: target,
    default: 'continue',
  },
  metadata: {
    doc: 'Anything else, not evaluated; `compensate` names the task of the same list that undoes it.',
    shape: dataObject,
    example: '{ compensate: cancelBooking }',
  },
};
export const commonMembers: Members = { ...beforeMembers, ...afterMembers };

/** A whole task: what every task may have, around what this one does. */
export function taskOf(
  title: string,
  doc: string,
  members: Members,
  rest: Parameters<typeof object>[3] = {},
): ObjectShape {
  return object(
    title,
    doc,
    { ...beforeMembers, ...members, ...afterMembers },
    { ...rest, task: true },
  );
}
