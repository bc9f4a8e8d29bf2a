import type { DefinitionChange, Question, Suggestion } from '@parley/contracts';
import type { Step } from '../plan/model.js';
import type { PlannerTurn } from './turn.js';
import type { Fault } from '../draft/view.js';
import { openCondition } from '../plan/deciding.js';
import { childrenOf } from '../plan/world.js';
import { changeInWords, conditionInWords, listInWords } from './in-words.js';

const whoIAm =
  'I am the offline planner: no language model is configured, so I turn plain requests into drafts by fixed rules, and ask when I do not understand.';

/** The first reply of a conversation says who speaks. */
export function introduced(reply: string): string {
  return `${whoIAm}\n\n${reply}`;
}

/** The first words when there is nothing to plan with. */
export function replyWithoutConnectors(): { reply: string; suggestions: Suggestion[] } {
  return {
    reply: [
      'There are no connectors yet, so there is nothing a workflow could call. Load the demo to try things out, or import the OpenAPI document of one of your systems.',
      'Then describe a process in your own words, for example:',
      '- "When a new request comes in, check the availability; if it is available confirm it, otherwise reject it."',
      '- "Every weekday at 9, list the open items and send a reminder for each of them."',
      '- "Ask the owner to approve when the total is above 500."',
    ]
      .join('\n\n')
      .replaceAll('\n\n- ', '\n- '),
    suggestions: [
      { label: 'Load demo', action: 'load-demo' },
      { label: 'Import OpenAPI', action: 'import-openapi' },
    ],
  };
}

export function replyToNothing(hasDraft: boolean, titles: readonly string[]): string {
  const known = titles.length === 0 ? '' : ` I can call: ${titles.join(', ')}.`;
  if (!hasDraft) {
    return `I did not find anything to do in that.${known} Describe the steps in order, for example "When a request comes in, check …; if it is fine confirm it, otherwise reject it."`;
  }
  return `I could not tell what to change, so the draft is as it was. You can say, for example: "also notify …", "remove the …", "… instead of …", "before … do …", "change the limit to 500", "retry … 3 times", or "run it every weekday at 9". Earlier revisions can be restored.`;
}

/** Says what was drafted, from the plan itself. */
export function replyToNew(summary: {
  readonly trigger: string;
  readonly lines: readonly string[];
  readonly inputs: readonly string[];
  readonly notes: readonly string[];
  readonly questions: readonly Question[];
}): string {
  const parts = [
    `Here is a draft. ${summary.trigger}.`,
    summary.lines.join('\n'),
    ...(summary.inputs.length === 0
      ? []
      : [`A run is started with: ${summary.inputs.join(', ')}.`]),
    ...summary.notes,
    ...questionLines(summary.questions),
  ];
  return parts.join('\n\n');
}

export function replyToEdit(edit: {
  readonly changes: readonly DefinitionChange[];
  /** The condition of each step after the change, by its path; jq. */
  readonly conditions: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
  readonly questions: readonly Question[];
}): string {
  const { changes, conditions, notes, questions } = edit;
  const lines = changes.map(
    ({ summary, task }) => `- ${changeInWords(summary, conditions.get(task))}`,
  );
  const done =
    lines.length === 0 ? 'Nothing in the draft changed.' : `What changed:\n${lines.join('\n')}`;
  return [done, ...notes, ...questionLines(questions)].join('\n\n');
}

/** A question about the draft: what the draft does, and what else can be asked or said. */
export function replyToQuestion(described: string, questions: readonly Question[]): string {
  return [
    described,
    'Nothing was changed. You can ask me what the draft does, and why a run failed; other questions I cannot answer. To change something, say what, for example "also notify …", "remove the …" or "run it every weekday at 9".',
    ...questionLines(questions),
  ].join('\n\n');
}

/** The draft was left by hand in a state that nobody can read. */
export function replyToFault({ line, message }: Fault): string {
  return `The draft has an error at line ${line}: ${message.replace(/\.$/, '')}. Mend it in the YAML tab (or restore an earlier revision) first.`;
}

/** A run failed: what is known of it, and the changes that a draft can be given for that. */
export function replyToFailure(
  run: NonNullable<PlannerTurn['run']>,
  steps: readonly string[],
): { reply: string; suggestions: Suggestion[] } {
  const { failedStep, error } = run;
  const name = steps.findLast((step) => failedStep?.includes(step) === true) ?? failedStep;
  const cause = [error?.title, error?.detail].filter((text) => text !== undefined).join(': ');
  const where = name === undefined ? 'The run failed' : `The run failed in the step "${name}"`;
  const reply = `${where}${cause === '' ? '' : `: ${cause}`}. I cannot tell more than that. I can change the workflow so that the next run tries again or does something else; the failed run itself can be retried from its page.`;
  if (name === undefined) return { reply, suggestions: [] };
  const retry = `Retry ${name} up to 3 times`;
  return { reply, suggestions: [{ label: retry, action: 'send', text: retry }] };
}

function questionLines(questions: readonly Question[]): string[] {
  const open = questions.filter(({ answer }) => answer === undefined);
  if (open.length === 0) return [];
  const count = open.filter((question) => question.blocking).length;
  const head =
    count === 0
      ? 'You may want to tell me:'
      : `I need to know ${count === 1 ? 'one thing' : `${count} things`} before this can be approved.`;
  return [`${head}\n${open.map(lineOf).join('\n')}`];
}

/** The options are not repeated: the questions themselves carry them. */
function lineOf({ number, text, blocking }: Question): string {
  return `${number}. ${text}${blocking ? '' : ' (optional)'}`;
}

/** What was said is no answer to these questions; only they are asked again. */
export function replyToMisread(said: string, questions: readonly Question[]): string {
  const [only, ...others] = questions;
  const which = others.length === 0 ? `question ${only?.number ?? ''}` : 'one of these questions';
  const hint =
    others.length === 0
      ? 'To change the draft instead, begin with "also" or say what to remove or replace.'
      : `Begin with the number of the question, for example "${only?.number ?? ''}: …".`;
  return `I did not understand ${quoted(said)} as an answer to ${which}, so nothing was changed for it. ${hint}\n${questions.map(lineOf).join('\n')}`;
}

const quotedLengthMax = 80;

function quoted(said: string): string {
  const flat = said
    .trim()
    .replace(/^\d{1,2}[:.)]\s+/, '')
    .replaceAll(/\s+/g, ' ');
  return `"${flat.length <= quotedLengthMax ? flat : `${flat.slice(0, quotedLengthMax - 1)}…`}"`;
}

export function suggestionsFor(questions: readonly Question[]): Suggestion[] {
  return questions
    .filter(({ answer }) => answer === undefined)
    .flatMap(({ number, options }) =>
      options.map(({ label, value }): Suggestion => ({
        label,
        action: 'answer',
        text: value,
        question: number,
      })),
    );
}

/** The steps of a plan as a nested list. */
export function linesOf(steps: readonly Step[], depth = 0): string[] {
  return steps.flatMap((step, at) => {
    const indent = '   '.repeat(depth);
    const mark = depth === 0 ? `${at + 1}.` : '-';
    return [`${indent}${mark} ${inWords(step)}`, ...linesOf(childrenOf(step), depth + 1)];
  });
}

function inWords(step: Step): string {
  const only = step.if === undefined ? '' : ` — ${onlyIf(step.if)}`;
  switch (step.kind) {
    case 'call':
      return `**${step.name}**: ${step.operation.label}${only}`;
    case 'human':
      return `**${step.name}**: asks ${'role' in step.assignee ? `everybody with the role "${step.assignee.role}"` : 'one member'} to approve${only}`;
    case 'wait':
      return `**${step.name}**: waits ${Object.entries(step.duration)
        .map(([unit, amount]) => `${amount} ${unit}`)
        .join(' ')}${only}`;
    case 'block':
      return `**${step.name}**${only}`;
    case 'switch':
      return `**${step.name}**: ${casesInWords(step.cases)}`;
    case 'each':
      return `**${step.name}**: ${eachInWords(step.variable, step.in)}${only}`;
    case 'fork':
      return `**${step.name}**: at the same time${only}`;
    case 'try':
      return `**${step.name}**: ${[...(step.retries === undefined ? [] : [`up to ${step.retries} retries`]), ...(step.onError.length === 0 ? [] : ['with steps for a failure'])].join(', ')}${only}`;
    case 'open':
      return `**${step.name}**: not decided yet: ${step.text}${only}`;
  }
}

const undecided = 'not decided yet when';

export function casesInWords(
  cases: readonly { readonly when?: string; readonly then: string }[],
): string {
  return cases
    .map(({ when, then }) => {
      if (when === undefined) return `otherwise → ${then}`;
      return `${when === openCondition ? undecided : `if ${condition(when)}`} → ${then}`;
    })
    .join('; ');
}

export function eachInWords(variable: string, list: string): string {
  return `for each ${variable} in ${listInWords(list) ?? `\`${list}\``}`;
}

export function onlyIf(jq: string): string {
  return jq === openCondition ? undecided : `only if ${condition(jq)}`;
}

function condition(jq: string): string {
  return conditionInWords(jq) ?? `\`${jq}\``;
}
