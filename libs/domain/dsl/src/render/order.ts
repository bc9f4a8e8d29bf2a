import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { shapeOf, task, workflow, type ObjectShape, type Shape } from '../language/index.js';

/** House order of the members of a definition: that of the language. */
export const workflowOrder: readonly string[] = Object.keys(workflow.members);

/** House order of the members of `document`. */
export const documentOrder: readonly string[] = membersOf(workflow, 'document');

/** House order of the members of a task: when, what it takes, what it does, what comes of it. */
export function taskOrder(value: Json): readonly string[] {
  return Object.keys(selected(task, value).members);
}

/** A definition with its members in house order; data keeps its own order. */
export function orderDefinition(definition: JsonObject): JsonObject {
  return ordered(definition, workflow) as JsonObject;
}

/** A task with its members, and those of the tasks inside, in house order. */
export function orderTask(value: Json): Json {
  return ordered(value, task);
}

function ordered(value: Json, shape: Shape): Json {
  switch (shape.kind) {
    case 'select':
      return isJsonObject(value) ? orderedMembers(value, selected(shape, value)) : value;
    case 'object':
      return isJsonObject(value) ? orderedMembers(value, shape) : value;
    case 'map':
      return mapMembers(value, shapeOf(shape.values));
    case 'entry':
      return mapMembers(value, shapeOf(shape.value));
    case 'list':
      return Array.isArray(value)
        ? value.map((item) => ordered(item, shapeOf(shape.items)))
        : value;
    case 'either': {
      const options = shape.options.map((option) => shapeOf(option));
      const fitting = options.find((option) => fits(option, value));
      return fitting === undefined ? value : ordered(value, fitting);
    }
    default:
      return value;
  }
}

function orderedMembers(value: JsonObject, shape: ObjectShape): JsonObject {
  const rank = new Map(Object.keys(shape.members).map((name, index) => [name, index]));
  const sorted = Object.entries(value).toSorted(
    ([a], [b]) => (rank.get(a) ?? rank.size) - (rank.get(b) ?? rank.size),
  );
  return Object.fromEntries(
    sorted.map(([key, member]) => {
      const inner = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
      return [key, inner === undefined ? member : ordered(member, shapeOf(inner.shape))];
    }),
  );
}

function mapMembers(value: Json, shape: Shape): Json {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, ordered(member, shape)]),
  );
}

/** What an object is by what it says. */
function selected(shape: Extract<Shape, { kind: 'select' }>, value: Json): ObjectShape {
  if (!isJsonObject(value)) return shape.undecided;
  const written = {
    has: (member: string) => value[member] !== undefined,
    text: (member: string) => {
      const text = value[member];
      return typeof text === 'string' ? text : undefined;
    },
    declares: () => false,
  };
  return shape.select(written) ?? shape.undecided;
}

function fits(shape: Shape, value: Json): boolean {
  if (shape.kind === 'list') return Array.isArray(value);
  const structured = ['object', 'map', 'entry', 'select'].includes(shape.kind);
  return structured ? isJsonObject(value) : shape.kind === 'either';
}

function membersOf(shape: ObjectShape, member: string): readonly string[] {
  const inner = shape.members[member];
  const found = inner && shapeOf(inner.shape);
  return found?.kind === 'object' ? Object.keys(found.members) : [];
}
