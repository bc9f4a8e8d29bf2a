import type { Json, JsonObject } from '@parley/kernel';
import { isJsonObject } from '@parley/kernel';
import { afterwards } from './planner.js';
import type {
  CallStep,
  HumanStep,
  InputProperty,
  Step,
  SwitchStep,
  TryStep,
  Value,
} from './model.js';

/**
 * W1  Every call and every human step adds its result to `$context` under its own name, so any later
 *     step reads `$context.<step>`; what a run was started with is `$workflow.input`.
 * W2  Ways of a decision are blocks that stand beside it, so that what is added to one later
 *     changes nothing else.
 */

/** A task list as the language writes it. */
export function writeSteps(steps: readonly Step[], nested: boolean): JsonObject[] {
  return steps.map((step, at) => {
    const next = steps.slice(at + 1).find((other) => !isWayOf(steps, step, other));
    return { [step.name]: writeStep(step, next?.name ?? (nested ? 'exit' : 'end')) };
  });
}

/** The blocks of one decision do not follow each other. */
function isWayOf(steps: readonly Step[], step: Step, other: Step): boolean {
  if (step.then !== afterwards) return false;
  const decision = steps.find(
    (one): one is SwitchStep =>
      one.kind === 'switch' && one.cases.some(({ then }) => then === step.name),
  );
  return decision?.cases.some(({ then }) => then === other.name) ?? false;
}

/** One task; `next` is where a way of a decision goes on. */
function writeStep(step: Step, next: string): JsonObject {
  const condition: JsonObject = step.if === undefined ? {} : { if: expression(step.if) };
  const then: JsonObject =
    step.then === undefined ? {} : { then: step.then === afterwards ? next : step.then };
  return { ...condition, ...bodyOf(step), ...then };
}

export function expression(jq: string): string {
  return `\${ ${jq} }`;
}

function bodyOf(step: Step): JsonObject {
  switch (step.kind) {
    case 'call':
      return writeCall(step);
    case 'human':
      return writeHuman(step);
    case 'wait':
      return { wait: { ...step.duration } };
    case 'block':
      return { do: writeSteps(step.steps, true) };
    case 'switch':
      return {
        switch: step.cases.map(({ name, when, then }) => ({
          [name]: { ...(when === undefined ? {} : { when: expression(when) }), then },
        })),
      };
    case 'each':
      return {
        for: { each: step.variable, in: expression(step.in) },
        do: writeSteps(step.steps, true),
      };
    case 'fork':
      return { fork: { branches: writeSteps(step.branches, true) } };
    case 'try':
      return writeTry(step);
    case 'open':
      return {
        raise: {
          error: {
            type: undecided,
            status: 400,
            title: plainText(`Not decided yet: ${step.text}`),
          },
        },
      };
  }
}

const undecided = 'https://serverlessworkflow.io/spec/1.0.0/errors/configuration';

export function resultExport(name: string): JsonObject {
  return { as: expression(`$context + { ${name}: . }`) };
}

function writeCall({ name, operation, input }: CallStep): JsonObject {
  const values = Object.entries(input).map(([key, value]) => [key, writeValue(value)] as const);
  return {
    call: 'connector',
    with: {
      connector: operation.connector,
      operation: operation.operation.id,
      ...(values.length === 0 ? {} : { input: Object.fromEntries(values) }),
    },
    export: resultExport(name),
  };
}

export function writeValue(value: Value): Json {
  return 'jq' in value ? expression(value.jq) : literal(value.literal);
}

/** Text that looks like an expression and is none is written as a jq text. */
function literal(value: Json): Json {
  return typeof value === 'string' && value.includes('${')
    ? expression(JSON.stringify(value))
    : value;
}

/** Words for people; what looks like an expression is taken apart. */
function plainText(text: string): string {
  return text.replaceAll('${', '$ {');
}

function writeHuman({ name, assignee, title, message, data }: HumanStep): JsonObject {
  return {
    call: 'human',
    with: {
      title: plainText(title),
      ...(message === undefined ? {} : { message: plainText(message) }),
      assignee: { ...assignee },
      ...(data === undefined ? {} : { data: expression(data) }),
    },
    export: resultExport(name),
  };
}

export function retryPolicy(retries: number): JsonObject {
  return {
    delay: { seconds: 1 },
    backoff: { exponential: {} },
    limit: { attempt: { count: retries } },
  };
}

function writeTry({ body, retries, onError }: TryStep): JsonObject {
  return {
    try: writeSteps(body, true),
    catch: {
      ...(retries === undefined ? {} : { retry: retryPolicy(retries) }),
      ...(onError.length === 0 ? {} : { do: writeSteps(onError, true) }),
    },
  };
}

/** The JSON Schema of a workflow's input, made of the values that steps read; adds to `base`. */
export function writeInputSchema(properties: readonly InputProperty[], base?: Json): JsonObject {
  let schema: JsonObject = isJsonObject(base) ? base : { type: 'object' };
  for (const property of properties) schema = withProperty(schema, property, property.path);
  return schema;
}

function withProperty(
  schema: JsonObject,
  property: InputProperty,
  path: readonly string[],
): JsonObject {
  const [name, ...rest] = path;
  if (name === undefined) return schema;
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const own = properties[name];
  const known = Object.hasOwn(properties, name);
  if (known && rest.length === 0) return schema;
  const inner =
    rest.length === 0
      ? property.schema
      : isWhole(own)
        ? own
        : withProperty(isJsonObject(own) ? own : { type: 'object' }, property, rest);
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const needs = property.required && !required.includes(name);
  return {
    ...schema,
    ...(needs ? { required: [...required, name] } : {}),
    properties: { ...properties, [name]: inner },
  };
}

/** An object that was taken over as it is described elsewhere has all its members. */
function isWhole(schema: Json | undefined): schema is JsonObject {
  return (
    isJsonObject(schema) && isJsonObject(schema['properties']) && schema['required'] !== undefined
  );
}
