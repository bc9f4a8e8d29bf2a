import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { duration, show, text } from './show.js';
import { kindOf, type Step } from './steps.js';

/** What a step does, for the sentence that says it was added or removed. */
export function doing(step: Pick<Step, 'task'>): string {
  const task = objectOf(step.task);
  switch (kindOf(step)) {
    case 'call':
      return calling(task, objectOf(task['with']));
    case 'wait':
      return `waits ${duration(task['wait'])}`;
    case 'set':
      return `sets ${isJsonObject(task['set']) ? Object.keys(task['set']).join(', ') : show(task['set'])}`;
    case 'for':
      return 'repeats steps for each item';
    case 'fork':
      return 'does steps in parallel';
    case 'switch':
      return 'decides how to go on';
    case 'try':
      return 'handles errors of steps';
    case 'raise':
      return 'ends with an error';
    case 'do':
      return 'groups steps';
    case 'emit':
      return emitting(objectOf(objectOf(objectOf(task['emit'])['event'])['with']));
    case 'listen':
      return waiting(objectOf(objectOf(task['listen'])['to']));
    case 'run':
      return running(objectOf(task['run']));
    default:
      return kindOf(step);
  }
}

function calling(task: JsonObject, given: JsonObject): string {
  switch (task['call']) {
    case 'human': {
      const assignee = objectOf(given['assignee']);
      return `asks ${text(assignee['role'] ?? assignee['member'])}: ${show(given['title'])}`;
    }
    case 'http':
      return `calls ${text(given['method']).toUpperCase()} ${address(given['endpoint'])}`;
    case 'connector':
      return `calls ${text(given['connector'])} ${text(given['operation'])}`;
    case 'openapi':
      return `calls the operation ${text(given['operationId'])}`;
    case 'grpc':
      return `calls ${text(objectOf(given['service'])['name'])}/${text(given['method'])}`;
    case 'asyncapi': {
      const where = text(given['channel'] ?? given['operation']);
      return given['message'] === undefined
        ? `reads messages of ${where}`
        : `sends a message to ${where}`;
    }
    case 'a2a':
      return `asks an agent: ${text(given['method'])}`;
    case 'mcp':
      return `uses MCP: ${[given['method'], objectOf(given['parameters'])['name']].filter(isText).join(' ')}`;
    case 'agent':
      return `asks the agent ${text(given['agent'] ?? given['role'] ?? given['goal'])}`;
    case 'worker':
      return `gives work to the queue ${text(given['queue'])}`;
    case 'map':
      return 'does steps for each item, side by side';
    default:
      return `calls ${text(task['call'])}`;
  }
}

function address(endpoint: Json | undefined): string {
  return text(isJsonObject(endpoint) ? endpoint['uri'] : endpoint);
}

function emitting(event: JsonObject): string {
  return `emits ${isText(event['type']) ? event['type'] : 'an event'}`;
}

/** Which events are waited for: `waits for order.placed or order.changed`. */
export function waiting(to: JsonObject): string {
  const { one, any, all } = to;
  if (one !== undefined) return `waits for ${typeOf(one)}`;
  const [list, word] = Array.isArray(all)
    ? [all, ' and ']
    : [Array.isArray(any) ? any : [], ' or '];
  return list.length === 0 ? 'waits for any event' : `waits for ${list.map(typeOf).join(word)}`;
}

function typeOf(filter: Json): string {
  const { type } = objectOf(objectOf(filter)['with']);
  return isText(type) ? type : 'an event';
}

function running(run: JsonObject): string {
  const [container, script, shell] = ['container', 'script', 'shell'].map((name) =>
    objectOf(run[name]),
  );
  if (run['container'] !== undefined) return `runs the container ${text(container?.['image'])}`;
  if (run['script'] !== undefined) return `runs a script in ${text(script?.['language'])}`;
  if (run['shell'] !== undefined) return `runs the command ${show(shell?.['command'])}`;
  const { namespace, name, version } = objectOf(run['workflow']);
  return `runs the workflow ${text(namespace)}/${text(name)} ${text(version)}`;
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}
