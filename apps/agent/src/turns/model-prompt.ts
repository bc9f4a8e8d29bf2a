import type { AgentTurn } from '@parley/contracts';
import { inputsOf } from '@parley/dsl';
import type { DraftWorkbench } from './draft-workbench.js';

const rules = `You turn a person's request into a workflow draft by calling tools. Rules:
- Change only what is asked. Leave every other step alone.
- Use only the operations and people that the tools offer. If nothing fits, call askUser.
- Ask with askUser instead of guessing; blocking only if the draft cannot work without the answer.
- The result of a step is $context.<step>; what a run starts with is $workflow.input. Declare each
  input with setWorkflowInput.
- Set every required input of every operation.
- Whatever the tools make can be run. The draft may have other steps, written by hand; some of them
  this version does not run, and then the draft cannot be approved: say so, and change or remove them
  only if you are asked to, or if you put them there.
- Do not describe the changes: the platform shows them. Answer in one or two short sentences.`;

/** What the model is told before the person's words. */
export function systemPrompt(turn: AgentTurn, bench: DraftWorkbench): string {
  return [
    rules,
    `Operations:\n${bench.operations.map(operationText).join('\n') || '(none: no connector fits)'}`,
    `The draft now:\n${bench.source}`,
    bench.hindrances,
    questionsText(bench),
    runText(turn),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** What the model is told about a draft that does not work. */
export function repairPrompt(faults: readonly string[]): string {
  return `The draft does not work yet. Repair it with the tools:\n${faults.map((fault) => `- ${fault}`).join('\n')}`;
}

function operationText({ key, operation }: DraftWorkbench['operations'][number]): string {
  const inputs = inputsOf(operation).map(
    ({ name, required }) => `${name}${required ? ' (required)' : ''}`,
  );
  const summary = operation.summary ?? operation.description ?? '';
  return `- ${key}: ${summary} Inputs: ${inputs.join(', ') || 'none'}.`;
}

function questionsText(bench: DraftWorkbench): string {
  if (bench.questions.length === 0) return '';
  const lines = bench.questions.map(
    ({ number, text, answer }) => `${String(number)}. ${text} — ${answer ?? 'not answered yet'}`,
  );
  return `Questions so far:\n${lines.join('\n')}`;
}

function runText({ run }: AgentTurn): string {
  if (run === undefined) return '';
  const cause = run.error?.detail ?? run.error?.title ?? '';
  return `The person speaks about a run that is ${run.status}${run.failedStep === undefined ? '' : ` at step ${run.failedStep}`}. ${cause}`.trim();
}
