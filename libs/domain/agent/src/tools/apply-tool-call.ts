import type { Question } from '@parley/contracts';
import { applyEdits, inputsOf, renderDefinition, type Edit, type Placement } from '@parley/dsl';
import { err, isJsonObject, ok, type Json, type JsonObject, type Result } from '@parley/kernel';
import { emptyIndex } from '../catalogue/search.js';
import { renameReads } from '../draft/rename-reads.js';
import { Editor } from '../draft/editor.js';
import { removeStep } from '../draft/remove.js';
import { readDraft, siblingsOf, type ViewStep } from '../draft/view.js';
import { inputSchemaOf } from '../draft/world.js';
import type { People } from '../plan/world.js';
import { expression, resultExport, retryPolicy, writeInputSchema } from '../plan/write.js';
import type { Candidate } from './candidates.js';
import { checkArguments } from './check-arguments.js';
import { editTools, type EditToolName } from './edit-tools.js';

/** A draft in the hands of a model. */
export interface ToolState {
  readonly source: string;
  readonly questions: readonly Question[];
}

export interface ToolCall {
  readonly name: string;
  readonly arguments: Json;
}

export interface ToolContext {
  readonly candidates: readonly Candidate[];
  readonly people: People;
}

/** An empty draft that tools can add steps to. */
export function emptyDraft(document: {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
}): string {
  const { name, title, summary } = document;
  return renderDefinition({
    document: { dsl: '1.0.3', namespace: 'default', name, version: '0.1.0', title, summary },
    do: [],
  });
}

/**
 * Applies one tool call. Pure; a refusal says in words what does not fit, so that it can go back to
 * the model, and leaves the state as it was.
 */
export function applyToolCall(
  state: ToolState,
  call: ToolCall,
  context: ToolContext,
): Result<ToolState, string> {
  const tool = editTools(context.candidates, context.people).find(({ name }) => name === call.name);
  if (tool === undefined) return err(`There is no tool "${call.name}".`);
  const checked = checkArguments(tool.parameters, call.arguments);
  if (!checked.ok) return checked;
  return handlers[tool.name](new Application(state, context, checked.value));
}

/** The arguments of a call next to the draft that it is about. */
class Application {
  readonly state: ToolState;
  readonly context: ToolContext;
  readonly given: JsonObject;

  constructor(state: ToolState, context: ToolContext, given: JsonObject) {
    this.state = state;
    this.context = context;
    this.given = given;
  }

  text(name: string): string | undefined {
    const value = this.given[name];
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): string[] {
    const value = this.given[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  steps(): readonly ViewStep[] {
    return readDraft(this.state.source, emptyIndex)?.steps ?? [];
  }

  step(name: string): Result<ViewStep, string> {
    const steps = this.steps();
    const found = steps.find((step) => step.name === name || step.path === name);
    if (found !== undefined) return ok(found);
    return err(
      `There is no step "${name}"; there are ${steps.map((step) => step.name).join(', ') || 'none'}.`,
    );
  }

  edit(edits: readonly Edit[]): Result<ToolState, string> {
    const edited = applyEdits(this.state.source, edits);
    if (!edited.ok) return err(edited.error.map(({ message }) => message).join(' '));
    return ok({ ...this.state, source: edited.value });
  }

  /** Where a new or moved step goes. */
  place(): Result<Placement | undefined, string> {
    const anchor = this.text('before') ?? this.text('after');
    if (anchor === undefined) return ok(undefined);
    const found = this.step(anchor);
    if (!found.ok) return found;
    return ok(
      this.text('before') === undefined
        ? { after: found.value.path }
        : { before: found.value.path },
    );
  }

  add(task: JsonObject): Result<ToolState, string> {
    const name = this.text('name') ?? '';
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) return err(`"${name}" is not a usable step name.`);
    if (this.steps().some((step) => step.name === name))
      return err(`There is a step "${name}" already.`);
    const at = this.place();
    if (!at.ok) return at;
    return this.edit([
      { kind: 'addStep', name, task, ...(at.value === undefined ? {} : { at: at.value }) },
    ]);
  }

  conditional(): JsonObject {
    const condition = this.text('condition');
    return condition === undefined ? {} : { if: expression(bare(condition)) };
  }

  candidate(): Candidate | undefined {
    return this.context.candidates.find(({ key }) => key === this.text('operation'));
  }

  /** Neighbours of one list, in order. */
  neighbours(names: readonly string[]): Result<readonly ViewStep[], string> {
    const steps: ViewStep[] = [];
    for (const name of names) {
      const found = this.step(name);
      if (!found.ok) return found;
      steps.push(found.value);
    }
    const apart = steps.some(
      (step, at) =>
        at > 0 && (step.list !== steps[0]?.list || step.index !== (steps[at - 1]?.index ?? 0) + 1),
    );
    return apart
      ? err(`${names.join(', ')} do not follow each other; move them first.`)
      : ok(steps);
  }
}

function bare(jq: string): string {
  return /^\s*\$\{([\s\S]*)\}\s*$/.exec(jq)?.[1]?.trim() ?? jq;
}

type Handler = (call: Application) => Result<ToolState, string>;

const handlers: Readonly<Record<EditToolName, Handler>> = {
  addStep(call) {
    const candidate = call.candidate();
    const name = call.text('name') ?? '';
    if (candidate === undefined) return err('There is no such operation.');
    return call.add({
      ...call.conditional(),
      call: 'connector',
      with: { connector: candidate.connector, operation: candidate.operation.id },
      export: resultExport(name),
    });
  },

  addApproval(call) {
    const [kind = '', ...rest] = (call.text('assignee') ?? '').split(':');
    const message = call.text('message');
    return call.add({
      ...call.conditional(),
      call: 'human',
      with: {
        title: call.text('title') ?? '',
        ...(message === undefined ? {} : { message }),
        assignee: { [kind]: rest.join(':') },
      },
      export: resultExport(call.text('name') ?? ''),
    });
  },

  addWait(call) {
    const amount = call.given['amount'] ?? 1;
    return call.add({ wait: { [call.text('unit') ?? 'minutes']: amount } });
  },

  addDecision,

  addLoop(call) {
    const list = call.neighbours(call.texts('steps'));
    if (!list.ok) return list;
    const task = {
      for: { each: call.text('item') ?? 'item', in: expression(bare(call.text('in') ?? '')) },
    };
    return wrap(call, list.value, { task, into: 'do' });
  },

  runInParallel(call) {
    const list = call.neighbours(call.texts('steps'));
    return list.ok ? wrap(call, list.value, { task: {}, into: 'fork/branches' }) : list;
  },

  setRetry(call) {
    const found = call.step(call.text('step') ?? '');
    if (!found.ok) return found;
    const step = found.value;
    const retry = retryPolicy(Number(call.given['attempts']));
    const owner = call
      .steps()
      .find(({ kind, path }) => kind === 'try' && step.list === `${path}/try`);
    if (owner !== undefined) {
      return call.edit([
        { kind: 'setMember', step: owner.path, path: ['catch', 'retry'], value: retry },
      ]);
    }
    const name = freeName(call, `try${step.name.charAt(0).toUpperCase()}${step.name.slice(1)}`);
    return call.edit([
      { kind: 'wrapSteps', steps: [step.path], name, task: { catch: { retry } }, into: 'try' },
    ]);
  },

  setInput(call) {
    const found = call.step(call.text('step') ?? '');
    if (!found.ok) return found;
    const value = valueOf(call);
    if (!value.ok) return value;
    const input = call.text('input') ?? '';
    const given = value.value === undefined ? {} : { value: value.value };
    return call.edit([{ kind: 'setInput', step: found.value.path, input, ...given }]);
  },

  setCondition(call) {
    const found = call.step(call.text('step') ?? '');
    if (!found.ok) return found;
    const condition = call.text('condition');
    const text = condition === undefined ? null : expression(bare(condition));
    return call.edit([{ kind: 'setCondition', step: found.value.path, if: text }]);
  },

  setOperation,

  moveStep(call) {
    const found = call.step(call.text('step') ?? '');
    if (!found.ok) return found;
    const at = call.place();
    if (!at.ok) return at;
    return call.edit([
      { kind: 'moveStep', step: found.value.path, at: at.value ?? { in: found.value.list } },
    ]);
  },

  removeStep(call) {
    return withEditor(call, (editor, step) => removeStep(editor, step));
  },

  renameStep(call) {
    const name = call.text('name') ?? '';
    return withEditor(call, (editor, step) => {
      const readers = editor.readersOf(step.name);
      if (!editor.apply([{ kind: 'renameStep', step: step.path, name }])) return false;
      renameReads(editor, { from: step.name, to: name, readers });
      return true;
    });
  },

  setSchedule(call) {
    const cron = call.text('cron');
    return call.edit([{ kind: 'setSchedule', schedule: cron === undefined ? null : { cron } }]);
  },

  setWorkflowInput(call) {
    const view = readDraft(call.state.source, emptyIndex);
    if (view === undefined) return err('The draft cannot be read.');
    const description = call.text('description');
    const property: JsonObject = {
      type: call.text('type') ?? 'string',
      ...(description === undefined ? {} : { description }),
    };
    const required = call.given['required'] !== false;
    const schema = writeInputSchema(
      [{ path: [call.text('name') ?? ''], schema: property, required }],
      inputSchemaOf(view),
    );
    return call.edit([{ kind: 'setInputSchema', schema }]);
  },

  setTitle(call) {
    return call.edit([{ kind: 'setDocument', title: call.text('title') ?? '' }]);
  },

  askUser(call) {
    const { questions } = call.state;
    const step = call.text('step');
    const question: Question = {
      number: Math.max(0, ...questions.map(({ number }) => number)) + 1,
      text: call.text('question') ?? '',
      blocking: call.given['blocking'] === true,
      options: call.texts('options').map((option) => ({ label: option, value: option })),
      ...(step === undefined ? {} : { task: step }),
    };
    return ok({ ...call.state, questions: [...questions, question] });
  },
};

function addDecision(call: Application): Result<ToolState, string> {
  const name = call.text('name') ?? '';
  const first = call.neighbours(call.texts('steps'));
  if (!first.ok) return first;
  const both = call.neighbours([...call.texts('steps'), ...call.texts('otherwise')]);
  if (!both.ok) return both;
  const condition = expression(bare(call.text('condition') ?? 'false'));
  const rest = both.value.slice(first.value.length);
  const paths = (steps: readonly ViewStep[]) => steps.map(({ path }) => path);
  const [head] = first.value;
  if (head === undefined) return err('A decision needs steps.');
  if (rest.length === 0) {
    return call.edit([
      { kind: 'wrapSteps', steps: paths(first.value), name, task: { if: condition }, into: 'do' },
    ]);
  }
  const yes = freeName(call, `${name}Yes`);
  const no = freeName(call, `${name}No`);
  const follower = siblingsOf({ steps: call.steps() }, head.list)[both.value.length + head.index]
    ?.name;
  const then = follower ?? (head.list === 'do' ? 'end' : 'exit');
  const cases: Json[] = [{ yes: { when: condition, then: yes } }, { no: { then: no } }];
  return call.edit([
    { kind: 'addStep', name, task: { switch: cases }, at: { before: head.path } },
    { kind: 'wrapSteps', steps: paths(first.value), name: yes, task: { then }, into: 'do' },
    { kind: 'wrapSteps', steps: paths(rest), name: no, task: {}, into: 'do' },
  ]);
}

function setOperation(call: Application): Result<ToolState, string> {
  const found = call.step(call.text('step') ?? '');
  if (!found.ok) return found;
  const candidate = call.candidate();
  const { task, path } = found.value;
  const given = task['with'];
  if (candidate === undefined || task['call'] !== 'connector' || !isJsonObject(given)) {
    return err(`"${found.value.name}" does not call an operation.`);
  }
  const takes = new Set(inputsOf(candidate.operation).map(({ name }) => name));
  const before = isJsonObject(given['input']) ? given['input'] : {};
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => takes.has(name)));
  const value: JsonObject = {
    connector: candidate.connector,
    operation: candidate.operation.id,
    ...(Object.keys(kept).length === 0 ? {} : { input: kept }),
  };
  return call.edit([{ kind: 'setMember', step: path, path: ['with'], value }]);
}

interface Wrapping {
  readonly task: JsonObject;
  readonly into: 'do' | 'fork/branches';
}

function wrap(
  call: Application,
  steps: readonly ViewStep[],
  { task, into }: Wrapping,
): Result<ToolState, string> {
  const name = call.text('name') ?? '';
  return call.edit([{ kind: 'wrapSteps', steps: steps.map(({ path }) => path), name, task, into }]);
}

function valueOf(call: Application): Result<Json | undefined, string> {
  const jq = call.text('expression');
  const json = call.text('value');
  if (jq !== undefined) return ok(expression(bare(jq)));
  if (json === undefined) return ok(undefined);
  try {
    return ok(JSON.parse(json) as Json);
  } catch {
    return ok(json);
  }
}

function freeName(call: Application, wanted: string): string {
  const taken = new Set(call.steps().map(({ name }) => name));
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}${count}`;
  return name;
}

function withEditor(
  call: Application,
  change: (editor: Editor, step: ViewStep) => boolean,
): Result<ToolState, string> {
  const view = readDraft(call.state.source, emptyIndex);
  const found = call.step(call.text('step') ?? '');
  if (!found.ok) return found;
  if (view === undefined) return err('The draft cannot be read.');
  const { people } = call.context;
  const editor = new Editor(view, {
    index: emptyIndex,
    people,
    timezone: 'UTC',
    answers: new Map(),
  });
  const step = view.steps.find(({ path }) => path === found.value.path);
  if (step === undefined || !change(editor, step))
    return err(`"${found.value.name}" cannot be changed that way.`);
  return ok({ ...call.state, source: editor.view.source });
}
