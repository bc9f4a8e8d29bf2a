import { AppError } from '@parley/kernel';
import { currentScope } from '@parley/nest-kit';
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

/** Smaller texts are worked on at once: that takes a few milliseconds. Their documents count, too. */
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
    const answer = isSmall(body)
      ? inline(tool, body)
      : await this.threads.run(tool, body, tenant());
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

function tenant(): string {
  return currentScope()?.context?.tenantId ?? '';
}

function isSmall(body: BodyOf<ToolName>): boolean {
  const texts = 'source' in body ? [body.source] : [body.before, body.after];
  const lock = 'lock' in body ? body.lock : undefined;
  const documents = lock?.externals.map(({ content }) => content) ?? [];
  return hasAtMost(inlineCharactersMax, [...texts, ...documents]);
}

/** Whether values are about so many characters of JSON; looks at no more than it has to. */
function hasAtMost(charactersMax: number, values: readonly unknown[]): boolean {
  const left = [...values];
  let characters = 0;
  while (left.length > 0 && characters <= charactersMax) {
    const value = left.pop();
    characters += typeof value === 'string' ? value.length : 1;
    if (typeof value !== 'object' || value === null) continue;
    for (const name in value) {
      characters += name.length + 1;
      if (characters > charactersMax) return false;
      left.push((value as Record<string, unknown>)[name]);
    }
  }
  return characters <= charactersMax;
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
