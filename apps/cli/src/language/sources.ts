import { isUtf8 } from 'node:buffer';
import type { Catalogue } from '@parley/contracts';
import { isTimezone, type CompileOptions } from '@parley/dsl';
import { parseJson, type Json } from '@parley/kernel';
import { exitCodes, Failure } from '../exit-codes.js';
import { readBytes, readText } from '../input.js';
import type { Terminal } from '../terminal.js';

/** A definition and what it is called in messages. */
export interface SourceFile {
  readonly file: string;
  readonly source: string;
}

/** Options of every command that reads definitions. */
export interface ReadingOptions {
  readonly catalogue?: string;
  readonly lock?: string;
  readonly timezone?: string;
  readonly unresolved?: 'warning' | 'error';
}

/** The definitions, all of them or a failure: half a check would look like a whole one. */
export async function readSources(
  terminal: Terminal,
  files: readonly string[],
): Promise<SourceFile[]> {
  if (files.filter((file) => file === '-').length > 1) {
    throw new Failure(exitCodes.usage, 'Standard input can be read only once; give - once.');
  }
  return Promise.all(files.map((file) => readSource(terminal, file)));
}

export async function readSource(terminal: Terminal, file: string): Promise<SourceFile> {
  const piped = file === '-';
  const bytes = piped ? undefined : await readBytes(terminal, file);
  const source = bytes?.toString('utf8') ?? (await terminal.readInput());
  // What is no text must not become one that is then written back.
  if (source.includes('\0') || (bytes !== undefined && !isUtf8(bytes))) {
    const what = piped ? 'what was piped in' : file;
    throw new Failure(exitCodes.usage, `Cannot read ${what}: it is not text in UTF-8.`);
  }
  return { file: piped ? '<stdin>' : file, source };
}

/** What the definitions are read against. */
export async function readOptions(
  terminal: Terminal,
  { catalogue, lock, timezone, unresolved }: ReadingOptions,
): Promise<CompileOptions> {
  if (timezone !== undefined && !isTimezone(timezone)) {
    throw new Failure(
      exitCodes.usage,
      `There is no time zone "${timezone}"; use an IANA name such as Europe/Berlin.`,
    );
  }
  return {
    timezone,
    unresolved,
    catalogue: catalogue === undefined ? undefined : await readCatalogue(terminal, catalogue),
    lock: lock === undefined ? undefined : await readLock(terminal, lock),
  };
}

/** Operations may be written as `GET /v1/catalogue` gives them. */
async function readCatalogue(terminal: Terminal, file: string): Promise<Catalogue> {
  const { Catalogue: schema } = await import('@parley/contracts');
  return readJson(terminal, { file, schema, cure: 'Write it as GET /v1/catalogue gives it' });
}

async function readLock(
  terminal: Terminal,
  file: string,
): Promise<NonNullable<CompileOptions['lock']>> {
  const { Lock: schema } = await import('@parley/contracts');
  const cure = 'Write it as POST /v1/dsl/compile gives it with "resolve": true';
  return readJson(terminal, { file, schema, cure });
}

/** A schema of the contracts. */
interface Schema<T> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | {
        readonly success: false;
        readonly error: Error & {
          readonly issues: readonly {
            readonly path: readonly PropertyKey[];
            readonly message: string;
          }[];
        };
      };
}

interface JsonFile<T> {
  readonly file: string;
  readonly schema: Schema<T>;
  /** What to do when the file holds something else. */
  readonly cure: string;
}

async function readJson<T>(terminal: Terminal, { file, schema, cure }: JsonFile<T>): Promise<T> {
  const text = await readText(terminal, file);
  const read = schema.safeParse(jsonOf(file, text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue === undefined ? '' : `/${issue.path.map(String).join('/')}`;
  throw new Failure(
    exitCodes.usage,
    `Cannot use ${file}: ${place} ${issue?.message ?? 'it has another form'}. ${cure}.`,
    read.error,
  );
}

function jsonOf(file: string, text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Failure(
      exitCodes.usage,
      `Cannot use ${file}: it is not JSON (${error.message}).`,
      error,
    );
  }
}
