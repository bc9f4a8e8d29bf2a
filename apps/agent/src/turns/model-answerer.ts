import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { AgentTurn } from '@parley/contracts';
import { AppError, type Json } from '@parley/kernel';
import {
  dynamicTool,
  jsonSchema,
  stepCountIs,
  streamText,
  type ModelMessage,
  type ToolSet,
} from 'ai';
import type { Answerer, AnswerEvent, TurnContext } from './answerer.js';
import { DraftWorkbench } from './draft-workbench.js';
import { repairPrompt, systemPrompt } from './model-prompt.js';

/** Rounds of tool calls in one go, and how often what is still wrong is sent back. */
const stepsMax = 24;
const repairsMax = 3;
const historyMax = 20;
const retriesMax = 2;
const outputTokensMax = 4_096;

export interface ModelOptions {
  /** An OpenAI-compatible endpoint. */
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string;
}

/**
 * Answers by a model that edits the draft through typed tools. It can name only operations and people
 * that exist; what it made is compiled and tried on mocks, and what is wrong goes back to it.
 */
export class ModelAnswerer implements Answerer {
  readonly agent;
  readonly model: string;
  private readonly languageModel;

  constructor({ baseUrl, model, apiKey }: ModelOptions) {
    const provider = createOpenAICompatible({
      name: 'configured',
      baseURL: baseUrl,
      ...(apiKey === undefined ? {} : { apiKey }),
    });
    this.languageModel = provider(model);
    this.model = model;
    this.agent = { kind: 'agent' as const, id: 'assistant', name: `Assistant (${model})` };
  }

  async *answer(turn: AgentTurn, context: TurnContext): AsyncGenerator<AnswerEvent> {
    const bench = new DraftWorkbench(turn, context);
    const messages: ModelMessage[] = [
      ...turn.history.slice(-historyMax).map(({ role, text }) => ({ role, content: text })),
      { role: 'user', content: turn.text },
    ];
    let text = '';
    let faults: readonly string[] = [];
    for (let repair = 0; repair <= repairsMax; repair++) {
      for await (const delta of this.work(turn, bench, { messages, signal: context.signal })) {
        text += delta;
        yield { event: 'delta', text: delta };
      }
      faults = bench.faults();
      if (faults.length === 0) break;
      messages.push({ role: 'user', content: repairPrompt(faults) });
    }
    const closing = closingText(bench, faults, text);
    if (closing !== '') yield { event: 'delta', text: closing };
    yield this.done(bench, text + closing);
  }

  /** One go of the model; what it said and did is added to the messages. */
  private async *work(
    turn: AgentTurn,
    bench: DraftWorkbench,
    { messages, signal }: { messages: ModelMessage[]; signal: AbortSignal },
  ): AsyncGenerator<string> {
    const result = streamText({
      model: this.languageModel,
      system: systemPrompt(turn, bench),
      messages,
      tools: toolsOf(bench),
      stopWhen: stepCountIs(stepsMax),
      maxRetries: retriesMax,
      maxOutputTokens: outputTokensMax,
      abortSignal: signal,
      onError: () => undefined, // Told by the stream itself, below.
    });
    let previous = '';
    for await (const part of result.fullStream) {
      if (part.type === 'error') throw modelFailure(part.error);
      if (part.type !== 'text-delta' || part.text === '') continue;
      // Texts around tool calls are separate blocks of the model's answer.
      yield previous !== '' && previous !== part.id ? `\n\n${part.text}` : part.text;
      previous = part.id;
    }
    messages.push(...(await result.response).messages);
  }

  private done(bench: DraftWorkbench, text: string): AnswerEvent {
    const draft = bench.proposal();
    return {
      event: 'done',
      text,
      agent: this.agent,
      ...(draft === undefined ? {} : { draft }),
      suggestions: bench.questions
        .filter(({ answer }) => answer === undefined)
        .flatMap(({ number, options }) =>
          options.map(({ label, value }) => ({
            label,
            action: 'answer' as const,
            text: value,
            question: number,
          })),
        ),
    };
  }
}

function toolsOf(bench: DraftWorkbench): ToolSet {
  return Object.fromEntries(
    bench.tools.map(({ name, description, parameters }) => [
      name,
      dynamicTool({
        description,
        inputSchema: jsonSchema(parameters as Parameters<typeof jsonSchema>[0]),
        execute: (given) => Promise.resolve(bench.apply(name, given as Json)),
      }),
    ]),
  );
}

/** Facts about the draft, computed: the change, what is still wrong, what nobody knows. */
function closingText(bench: DraftWorkbench, faults: readonly string[], said: string): string {
  const parts: string[] = [];
  const changes = bench.summary();
  if (changes.length > 0) parts.push(`What changed:\n${bullets(changes)}`);
  if (faults.length > 0) parts.push(`The draft does not work yet:\n${bullets(faults)}`);
  parts.push(...bench.remarks());
  if (parts.length === 0 && said.trim() === '') parts.push('Nothing was changed.');
  if (parts.length === 0) return '';
  return `${said === '' ? '' : '\n\n'}${parts.join('\n\n')}`;
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

/** What keeps the model from answering, as something that the person can act on. */
function modelFailure(error: unknown): AppError {
  const given = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  const status = typeof given === 'number' ? given : undefined;
  const retryable = status === undefined || status === 429 || status >= 500;
  const cause = error instanceof Error ? error : new Error(String(error));
  if (!retryable) {
    const detail = `The configured model refused the request (${String(status)}): ${cause.message}`;
    return new AppError('not-available', detail, { cause });
  }
  return new AppError('unavailable', 'The configured model is not reachable at the moment.', {
    cause,
  });
}
