import { AppError } from '@parley/kernel';
import { CompiledDefinitions } from './compiled-definitions.js';
import { LanguageThreads } from './language-threads.js';
import {
  tools,
  type AnswerOf,
  type BodyOf,
  type Compiled,
  type NotValid,
  type ToolName,
} from './tools.js';

/** Smaller texts are worked on at once: that takes a few milliseconds. */
const inlineCharactersMax = 24 * 1024;
/** Beyond this a message lists no more of them. */
const diagnosticsMax = 100;

type ValueOf<K extends ToolName> = Extract<AnswerOf<K>, { ok: true }>['value'];

/** The tools of the language: small texts at once, large ones on a thread, compiled ones remembered. */
export class Language {
  constructor(
    private readonly compiled: CompiledDefinitions,
    private readonly threads: LanguageThreads,
  ) {}

  /** @throws AppError `invalid-definition`, `timeout`, `too-large`, `overloaded` */
  async run<K extends ToolName>(tool: K, body: BodyOf<K>): Promise<ValueOf<K>> {
    const answer = isSmall(body) ? inline(tool, body) : await this.threads.run(tool, body);
    if (answer.ok) return answer.value;
    throw notValid(answer.error);
  }

  /** Of a large text no more than the answer leaves the thread. */
  async validate(body: BodyOf<'validate'>): Promise<ValueOf<'validate'>> {
    const { valid, diagnostics } =
      this.compiled.get(body) ??
      (isSmall(body) ? await this.compile(body) : await this.run('validate', body));
    return { valid, diagnostics };
  }

  async compile(body: BodyOf<'compile'>): Promise<Compiled> {
    return this.compiled.get(body) ?? this.compiled.put(body, await this.run('compile', body));
  }

  async close(): Promise<void> {
    await this.threads.close();
  }
}

function inline<K extends ToolName>(tool: K, body: BodyOf<K>): AnswerOf<K> {
  const run = tools[tool] as (body: BodyOf<K>) => AnswerOf<K>;
  return run(body);
}

function isSmall(body: BodyOf<ToolName>): boolean {
  const texts = 'source' in body ? [body.source] : [body.before, body.after];
  return texts.reduce((sum, text) => sum + text.length, 0) <= inlineCharactersMax;
}

function notValid({ diagnostics }: NotValid): AppError {
  const errors = diagnostics.filter((one) => one.severity === 'error').slice(0, diagnosticsMax);
  const [first] = errors;
  const where =
    first === undefined ? '' : ` Line ${String(first.range.start.line)}: ${first.message}.`;
  return new AppError('invalid-definition', `The definition has to be right for this.${where}`, {
    errors: errors.map(({ code, message, pointer }) => ({ code, message, pointer })),
    extensions: { diagnostics: JSON.parse(JSON.stringify(errors)) as [] },
  });
}
