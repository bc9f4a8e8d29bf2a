import type { Answer, Question } from '@parley/contracts';
import { isJsonObject } from '@parley/kernel';
import { Editor, beforeStep } from '../draft/editor.js';
import { removeStep } from '../draft/remove.js';
import { readDraft, type ViewStep } from '../draft/view.js';
import { parsed } from '../plan/bind.js';
import { leaveOut } from '../plan/actions.js';
import { planList } from '../plan/planner.js';
import { writeSteps, writeValue } from '../plan/write.js';
import { parseRequest } from '../request/parse.js';
import type { ComposeContext } from './compose.js';
import { subjectOf } from './questions.js';

export interface Late {
  readonly source: string;
  readonly questions: readonly Question[];
  readonly notes: readonly string[];
}

/**
 * Answers to questions about a draft that somebody has changed since: only the place that a question
 * is about is touched. What can no longer be applied stays open and is said.
 */
export function applyLate(
  source: string,
  questions: readonly Question[],
  answers: readonly Answer[],
  context: ComposeContext,
): Late {
  let text = source;
  const notes: string[] = [];
  const marked = questions.map((question) => {
    const answer = answers.find((one) => one.question === question.number);
    if (answer === undefined) return question;
    const changed = applyOne(text, question, answer.value, context);
    if (changed === undefined) {
      const { answer: _answer, ...open } = question;
      notes.push(
        `The draft has changed since question ${question.number}, so I cannot apply the answer. Tell me the change in words, or edit the step.`,
      );
      return open;
    }
    text = changed;
    return { ...question, answer: answer.value };
  });
  return { source: text, questions: marked, notes };
}

function applyOne(
  source: string,
  question: Question,
  value: string,
  context: ComposeContext,
): string | undefined {
  const subject = subjectOf(question);
  const key = subject?.key;
  if (key === undefined || question.task === undefined) return undefined;
  const answers = new Map([[key.replace(/#\d+$/, ''), value]]);
  const view = readDraft(source, context.index);
  if (view === undefined) return undefined;
  const editor = new Editor(view, { ...context, answers });
  const step = view.steps.find(({ name }) => name === question.task);
  if (step === undefined) return undefined;
  const done = key.startsWith('input:')
    ? setInput(editor, step, key, value)
    : decide(editor, step, value);
  return done ? editor.view.source : undefined;
}

function setInput(editor: Editor, step: ViewStep, key: string, value: string): boolean {
  const name = /\.([^.#]+)(?:#\d+)?$/.exec(key)?.[1];
  const item = step.operation?.inputs.find((input) => input.name === name);
  if (name === undefined || item === undefined) return false;
  const given = parsed(value, item.schema);
  if (given === undefined) return false;
  return editor.apply([
    { kind: 'setInput', step: step.path, input: name, value: writeValue({ literal: given }) },
  ]);
}

/** Puts what was decided where the draft says that it is not decided yet. */
function decide(editor: Editor, step: ViewStep, value: string): boolean {
  const raised = step.task['raise'];
  const error = isJsonObject(raised) ? raised['error'] : undefined;
  const title = isJsonObject(error) ? error['title'] : undefined;
  const said = typeof title === 'string' ? /^Not decided yet: (.+)$/.exec(title)?.[1] : undefined;
  if (said === undefined) return false;
  if (value === leaveOut) return removeStep(editor, step);
  const world = editor.worldAt(beforeStep(step));
  world.names.release(step.name);
  const steps = planList(world, parseRequest(said, editor.context.index.verbs).intents);
  const [only] = steps;
  if (steps.length !== 1 || only === undefined || only.kind === 'open') return false;
  const [entry] = Object.entries(writeSteps([only], true)[0] ?? {});
  if (entry === undefined || !isJsonObject(entry[1])) return false;
  const condition = step.task['if'];
  const task = condition === undefined ? entry[1] : { ...entry[1], if: condition };
  if (!editor.apply([{ kind: 'replaceStep', step: step.path, task }])) return false;
  if (only.name !== step.name)
    editor.apply([{ kind: 'renameStep', step: step.path, name: only.name }]);
  editor.adopt(world);
  return true;
}
