import type { IrEventFilter, Template } from '@parley/ir';
import {
  err,
  isJsonObject,
  jsonEquals,
  ok,
  type Json,
  type JsonObject,
  type Result,
} from '@parley/kernel';
import { JqError } from '@parley/jq';
import {
  compileExpression,
  isTruthy,
  type Env,
  type Evaluate,
  type EvaluationWork,
  type Lookup,
} from './expressions.js';
import { compileTemplate } from './templates.js';

/** Whether an event has the attributes that a filter asks for. */
export type EventTest = (event: JsonObject, env: EventTestEnv) => boolean;

export interface EventTestEnv {
  /** Milliseconds since the epoch: what jq's `now` means. */
  readonly now: number;
  readonly lookup?: Lookup;
  readonly work?: EvaluationWork;
}

type ValueTest = (value: Json, env: EventTestEnv) => boolean;

const noVariables: Lookup = () => null;

/**
 * Makes a test of the attributes of a filter: a value must be equal, an expression must hold with the
 * attribute as its input, and so on for the members of objects and the items of lists. An attribute
 * that the event does not have is null. An expression that fails does not hold.
 */
export function compileEventTest(
  filter: Pick<IrEventFilter, 'with'>,
  names: ReadonlySet<string> = new Set(),
): Result<EventTest, string> {
  const problems: string[] = [];
  const compile = (source: string): Evaluate => {
    const compiled = compileExpression(source, names);
    if (compiled.ok) return compiled.value;
    problems.push(compiled.error);
    return () => null;
  };
  const tests = filter.with.map(
    ([attribute, template]) => [attribute, valueTest(template, compile)] as const,
  );
  const [problem] = problems;
  if (problem !== undefined) return err(problem);
  return ok((event, env) => tests.every(([name, test]) => test(own(event, name), env)));
}

function valueTest(template: Template, compile: (source: string) => Evaluate): ValueTest {
  switch (template.kind) {
    case 'literal':
      return (value) => jsonEquals(value, template.value);
    case 'expression': {
      const holds = compile(template.source);
      return (value, env) => safely(() => isTruthy(holds({ ...seen(env), input: value })));
    }
    case 'text': {
      const text = compileTemplate(template, compile);
      return (value, env) => safely(() => jsonEquals(value, text({ ...seen(env), input: value })));
    }
    case 'object': {
      const members = template.entries.map(
        ([name, member]) => [name, valueTest(member, compile)] as const,
      );
      return (value, env) =>
        isJsonObject(value) && members.every(([name, test]) => test(own(value, name), env));
    }
    case 'array': {
      const items = template.items.map((item) => valueTest(item, compile));
      return (value, env) =>
        Array.isArray(value) &&
        value.length === items.length &&
        items.every((test, at) => test(value[at] ?? null, env));
    }
  }
}

function seen({ now, lookup = noVariables, work }: EventTestEnv): Omit<Env, 'input'> {
  return work === undefined ? { now, lookup } : { now, lookup, work };
}

function own(object: JsonObject, name: string): Json {
  return Object.hasOwn(object, name) ? (object[name] ?? null) : null;
}

/** Events come from anywhere: one that an expression cannot read is not the one that is meant. */
function safely(test: () => boolean): boolean {
  try {
    return test();
  } catch (error) {
    if (error instanceof JqError) return false;
    throw error;
  }
}
