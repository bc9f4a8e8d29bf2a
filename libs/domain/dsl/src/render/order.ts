import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';

/** House order of the members of a definition. */
export const workflowOrder = [
  'document',
  'schedule',
  'input',
  'use',
  'evaluate',
  'timeout',
  'do',
  'output',
] as const;

export const documentOrder = [
  'dsl',
  'namespace',
  'name',
  'version',
  'title',
  'summary',
  'tags',
  'metadata',
] as const;

/** House order of the members of a task: when, what, then how its data flows. */
export const taskOrder = [
  'if',
  'call',
  'emit',
  'for',
  'while',
  'fork',
  'listen',
  'raise',
  'run',
  'set',
  'switch',
  'try',
  'catch',
  'wait',
  'with',
  'foreach',
  'input',
  'do',
  'output',
  'export',
  'timeout',
  'then',
  'metadata',
] as const;

/** A definition with its members in house order; data keeps its own order. */
export function orderDefinition(definition: JsonObject): JsonObject {
  return ordered(definition, workflowOrder, (key, value) => {
    if (key === 'do') return orderTasks(value);
    return key === 'document' && isJsonObject(value) ? ordered(value, documentOrder) : value;
  });
}

/** A task with its members, and those of the tasks inside, in house order. */
export function orderTask(task: Json): Json {
  if (!isJsonObject(task)) return task;
  return ordered(task, taskOrder, (key, value) => {
    if (key === 'do' || key === 'try') return orderTasks(value);
    if (key === 'catch' && isJsonObject(value)) {
      return mapMembers(value, (name, member) => (name === 'do' ? orderTasks(member) : member));
    }
    if (key === 'fork' && isJsonObject(value)) {
      return mapMembers(value, (name, member) =>
        name === 'branches' ? orderTasks(member) : member,
      );
    }
    return value;
  });
}

function orderTasks(list: Json): Json {
  if (!Array.isArray(list)) return list;
  return list.map((item) =>
    isJsonObject(item) ? mapMembers(item, (_, task) => orderTask(task)) : item,
  );
}

function ordered(
  value: JsonObject,
  order: readonly string[],
  each: (key: string, value: Json) => Json = (_, member) => member,
): JsonObject {
  const rank = (key: string) => {
    const index = order.indexOf(key);
    return index === -1 ? order.length : index;
  };
  const sorted = Object.entries(value).toSorted(([a], [b]) => rank(a) - rank(b));
  return mapMembers(Object.fromEntries(sorted), each);
}

function mapMembers(value: JsonObject, each: (key: string, value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, each(key, member)]));
}
