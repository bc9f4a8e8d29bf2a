import { a2aArguments, httpArguments } from '../language/protocols.js';
import { argumentsByName, taskShapes } from '../language/tasks.js';
import { error, jitter } from '../language/faults.js';
import { eventAttributes, filterAttributes } from '../language/events.js';
import { containerLifetime, containerShape } from '../language/processes.js';
import { externalResource, schema } from '../language/resources.js';
import { object, type ObjectShape } from '../language/shape.js';
import { durationObject } from '../language/texts.js';
import { workflow, workflowShapes } from '../language/workflow.js';
import type { MapNode } from '../source/tree.js';
import { checkConnector } from './connector.js';
import type { Check, Env } from './context.js';
import { checkDocument, checkEvaluate, checkWorkflow } from './document.js';
import { checkDurationObject } from './duration.js';
import { checkEmitted, checkErrorInstance, checkEventTime } from './events.js';
import { checkAgentCard, checkForm, checkMethod, checkSchema } from './arguments.js';
import { checkImage } from './image.js';
import { checkJitter, checkLifetime, checkSchedule } from './times.js';
import { checkCases } from './cases.js';

export interface Around {
  readonly env: Env;
  /** The members are as the shape wants them. */
  readonly whole: boolean;
}

export type Rule = (check: Check, node: MapNode, around: Around) => void;

/** What no shape can say, by the object that it is about; held against after its members. */
export const rules: ReadonlyMap<ObjectShape, Rule> = new Map<ObjectShape, Rule>([
  [workflow, checkWorkflow],
  [workflowShapes.document, checkDocument],
  [workflowShapes.evaluate, checkEvaluate],
  [workflowShapes.schedule, checkSchedule],
  [schema, checkSchema],
  [externalResource, noteExternal],
  [durationObject, checkDurationObject],
  [containerShape, checkImage],
  [containerLifetime, checkLifetime],
  [jitter, checkJitter],
  [error, checkErrorInstance],
  [eventAttributes, checkEventTime],
  [filterAttributes, checkEventTime],
  [taskShapes.event, checkEmitted],
  [taskShapes.switch, checkCases],
  [httpArguments, checkMethod],
  [a2aArguments, checkAgentCard],
  [argumentsOf('human'), (check, node) => checkForm(check, node, 'form')],
  [argumentsOf('agent'), (check, node) => checkForm(check, node, 'output')],
  [argumentsOf('connector'), checkConnector],
]);

/** Documents outside are looked at once all of the definition is known. */
function noteExternal(check: Check): void {
  check.external = true;
}

function argumentsOf(name: string): ObjectShape {
  return argumentsByName[name] ?? object(name, '', {});
}
