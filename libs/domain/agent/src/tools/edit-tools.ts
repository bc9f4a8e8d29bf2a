import type { JsonObject } from '@parley/kernel';
import type { People } from '../plan/world.js';
import type { Candidate } from './candidates.js';

/** A tool as a model sees it: flat arguments, described by JSON Schema. */
export interface EditTool {
  readonly name: EditToolName;
  readonly description: string;
  readonly parameters: JsonObject;
}

export type EditToolName =
  | 'addStep'
  | 'addApproval'
  | 'addWait'
  | 'addDecision'
  | 'addLoop'
  | 'runInParallel'
  | 'setRetry'
  | 'setInput'
  | 'setCondition'
  | 'setOperation'
  | 'moveStep'
  | 'removeStep'
  | 'renameStep'
  | 'setSchedule'
  | 'setWorkflowInput'
  | 'setTitle'
  | 'askUser';

/** Options of a question, steps of a group and the like. */
const listLengthMax = 20;

const text = (description: string): JsonObject => ({ type: 'string', description });
const step = text('Name of a step');
const jq =
  'A jq expression without ${ }. Results are $context.<step>, the input is $workflow.input, the item of a loop is $<item>.';
const place = {
  before: text('Name of the step that it goes in front of'),
  after: text('Name of the step that it follows; without before and after it goes to the end'),
};
const steps: JsonObject = {
  type: 'array',
  items: { type: 'string' },
  minItems: 1,
  maxItems: listLengthMax,
  description: 'Names of neighbouring steps, in order',
};

/**
 * The tools for one turn. Operations and people are enumerations of what there is, so a model cannot
 * name anything else.
 */
export function editTools(candidates: readonly Candidate[], people: People): EditTool[] {
  const operation: JsonObject = {
    type: 'string',
    enum: candidates.map(({ key }) => key),
    description: candidates.map(({ key, label }) => `${key}: ${label}`).join('\n'),
  };
  const assignee: JsonObject = {
    type: 'string',
    enum: assigneesOf(people).map(({ value }) => value),
    description: assigneesOf(people)
      .map(({ value, name }) => `${value}: ${name}`)
      .join('\n'),
  };
  return [
    tool('addStep', 'Adds a step that calls an operation. Set its inputs with setInput.', {
      required: { name: text('camelCase, unique'), operation },
      optional: { condition: text(jq), ...place },
    }),
    tool('addApproval', 'Adds a step that asks people and waits. Its result has .approved.', {
      required: { name: text('camelCase, unique'), assignee, title: text('What to decide') },
      optional: { message: text('Details for the approver'), condition: text(jq), ...place },
    }),
    tool('addWait', 'Adds a step that waits.', {
      required: {
        name: text('camelCase, unique'),
        amount: { type: 'integer', minimum: 1 },
        unit: { type: 'string', enum: ['seconds', 'minutes', 'hours', 'days'] },
      },
      optional: place,
    }),
    tool('addDecision', 'Puts steps into the two ways of a decision that stands in their place.', {
      required: { name: text('camelCase, unique'), condition: text(jq), steps },
      optional: {
        otherwise: { ...steps, description: 'Steps of the other way; they follow the first' },
      },
    }),
    tool('addLoop', 'Puts steps into a loop that stands in their place.', {
      required: {
        name: text('camelCase, unique'),
        item: text('Variable name'),
        in: text(jq),
        steps,
      },
      optional: {},
    }),
    tool('runInParallel', 'Lets neighbouring steps run at the same time.', {
      required: { name: text('camelCase, unique'), steps },
      optional: {},
    }),
    tool('setRetry', 'Lets a step be tried again when it fails.', {
      required: { step, attempts: { type: 'integer', minimum: 1, maximum: 100 } },
      optional: {},
    }),
    tool('setInput', 'Sets one input of a step, either by value or by expression.', {
      required: { step, input: text('Name of the input') },
      optional: { value: text('JSON text of a fixed value'), expression: text(jq) },
    }),
    tool('setCondition', 'Runs a step only if the condition is true; without condition always.', {
      required: { step },
      optional: { condition: text(jq) },
    }),
    tool('setOperation', 'Lets a step call another operation; inputs that it does not take go.', {
      required: { step, operation },
      optional: {},
    }),
    tool('moveStep', 'Moves a step.', { required: { step }, optional: place }),
    tool('removeStep', 'Removes a step and what only existed for it.', {
      required: { step },
      optional: {},
    }),
    tool('renameStep', 'Renames a step; what reads its result follows.', {
      required: { step, name: text('camelCase, unique') },
      optional: {},
    }),
    tool('setSchedule', 'Starts the workflow by itself; without cron it is started by people.', {
      required: {},
      optional: { cron: text('Five fields, in the time zone of the workflow') },
    }),
    tool('setWorkflowInput', 'Declares a value that a run is started with.', {
      required: {
        name: text('camelCase'),
        type: {
          type: 'string',
          enum: ['string', 'number', 'integer', 'boolean', 'object', 'array'],
        },
      },
      optional: { description: text('What it is'), required: { type: 'boolean' } },
    }),
    tool('setTitle', 'Sets the title of the workflow.', {
      required: { title: text('Title') },
      optional: {},
    }),
    tool('askUser', 'Asks about what the request leaves open. Use it instead of guessing.', {
      required: { question: text('The question'), blocking: { type: 'boolean' } },
      optional: {
        options: { type: 'array', items: { type: 'string' }, maxItems: listLengthMax },
        step,
      },
    }),
  ];
}

interface Members {
  readonly required: Readonly<Record<string, JsonObject>>;
  readonly optional: Readonly<Record<string, JsonObject>>;
}

function tool(name: EditToolName, description: string, members: Members): EditTool {
  return {
    name,
    description,
    parameters: {
      type: 'object',
      additionalProperties: false,
      required: Object.keys(members.required),
      properties: { ...members.required, ...members.optional },
    },
  };
}

export interface AssigneeOption {
  readonly value: string;
  readonly name: string;
}

function assigneesOf(people: People): AssigneeOption[] {
  return [
    ...people.roles.map((role) => ({
      value: `role:${role}`,
      name: `everybody with the role ${role}`,
    })),
    ...people.members.map(({ id, name }) => ({ value: `member:${id}`, name })),
  ];
}
