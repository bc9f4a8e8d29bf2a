import { isJsonObject, type JsonObject } from '@parley/kernel';
import { tokenize } from '../language/tokens.js';
import { verbClasses } from '../language/lexicon.js';
import { planList } from '../plan/planner.js';
import { writeSteps } from '../plan/write.js';
import { parseRequest } from '../request/parse.js';
import type { Intent } from '../request/intents.js';
import { afterStep, beforeStep, type Editor } from './editor.js';
import { dropInputs, inputsReadBy, repairReaders } from './remove.js';
import type { ViewStep } from './view.js';

/** Puts another step where one was; its condition and its place stay. */
export function replaceStep(editor: Editor, old: string | undefined, next: string): boolean {
  const parsed = parseRequest(next, editor.context.index.verbs).intents;
  const [head] = parsed;
  if (head === undefined) return false;
  const step = old === undefined ? likeIt(editor, head) : editor.findStep(tokenize(old));
  if (step === undefined) return editor.questions.length > 0;
  const intents = parsed.map((intent) => withVerb(intent, step));
  const world = editor.worldAt(beforeStep(step));
  world.names.release(step.name);
  const before = world.sources.length;
  const planned = planList(world, intents);
  const [first, ...rest] = planned;
  if (first === undefined || before < 0) return world.questions.length > 0;
  const [written] = writeSteps([{ ...first, name: first.name }], step.list !== 'do');
  const [entry] = Object.entries(written ?? {});
  if (entry === undefined || !isJsonObject(entry[1])) return false;
  const task = keepFlow(step.task, entry[1]);
  const inputs = inputsReadBy(editor, [step]);
  if (!editor.apply([{ kind: 'replaceStep', step: step.path, task }])) return false;
  if (first.name !== step.name) {
    if (!editor.apply([{ kind: 'renameStep', step: step.path, name: first.name }])) return false;
    repairReaders(editor, step.name);
  }
  editor.adopt(world);
  dropInputs(editor, inputs);
  const now = editor.view.steps.find((one) => one.path === `${step.list}/${first.name}`);
  return rest.length === 0 || now === undefined || editor.insert(rest, afterStep(now));
}

/** `if` and `then` belong to the place, not to what is done there. */
function keepFlow(before: JsonObject, after: JsonObject): JsonObject {
  const task: JsonObject = { ...after };
  if (before['if'] !== undefined && after['if'] === undefined) task['if'] = before['if'];
  if (before['then'] !== undefined) task['then'] = before['then'];
  return task;
}

/** "an SMS" instead of a step is what that step does, with an SMS. */
function withVerb(intent: Intent, step: ViewStep): Intent {
  if (intent.kind !== 'action' || intent.verb !== '') return intent;
  const verb = [...(step.operation?.verbs ?? [])][0] ?? '';
  return { ...intent, verb, text: intent.text };
}

/** Without an old step: the one that does the same kind of thing. */
function likeIt(editor: Editor, intent: Intent): ViewStep | undefined {
  if (intent.kind !== 'action') return undefined;
  const classes = verbClasses(intent.verb);
  const alike = editor.view.steps.filter((step) =>
    [...(step.operation?.verbs ?? [])].some((verb) =>
      [...verbClasses(verb)].some((one) => classes.has(one)),
    ),
  );
  return alike.length === 1 ? alike[0] : undefined;
}
