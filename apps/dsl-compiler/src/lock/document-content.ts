import { parseDefinition, toJson, type ExternalKind } from '@parley/dsl';
import { err, ok, parseJson, type Json, type Result } from '@parley/kernel';

/** Deeper ones would exhaust the stack of whoever walks through them. */
const depthMax = 500;

/** What is a text to everybody, whatever it looks like. */
const textKinds: ReadonlySet<ExternalKind> = new Set(['proto', 'script']);

/**
 * The content of a document as a lock holds it: JSON and YAML as values, protocol buffers and scripts
 * as text. The error is what is wrong with it, in a sentence.
 */
export function contentOf(kind: ExternalKind, bytes: Buffer): Result<Json, string> {
  const text = decoded(bytes);
  if (text === undefined) return err('It is not text in UTF-8.');
  if (textKinds.has(kind)) return ok(text);
  const json = asJson(text);
  if (json === undefined) return asYaml(text);
  return isShallow(json) ? ok(json) : err(`It is nested deeper than ${depthMax} levels.`);
}

function isShallow(value: Json): boolean {
  let level: readonly Json[] = [value];
  for (let depth = 0; depth <= depthMax; depth += 1) {
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
    if (level.length === 0) return true;
  }
  return false;
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function asJson(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** YAML is read with the limits of definitions: what is larger has to be JSON. */
function asYaml(text: string): Result<Json, string> {
  const { root, reporter } = parseDefinition(text);
  const [first] = reporter.diagnostics().filter(({ severity }) => severity === 'error');
  if (first === undefined && root !== undefined) return ok(toJson(root));
  const { line, column } = first?.range.start ?? { line: 1, column: 1 };
  const what = first?.message ?? 'there is nothing in it';
  return err(
    `It is neither JSON nor YAML that can be read (line ${line}, column ${column}: ${what}).`,
  );
}
