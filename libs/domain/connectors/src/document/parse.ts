import { err, isJsonObject, ok, type Json, type JsonObject, type Result } from '@parley/kernel';
import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { ImportFault } from '../faults.js';
import { limits } from '../limits.js';
import { split, type Pointer } from './pointer.js';

/** Reads a JSON or YAML text into an object, within the limits on size, aliases and depth. */
export function parseText(text: string): Result<JsonObject, ImportFault[]> {
  const size = utf8Length(text, limits.documentBytesMax);
  if (size > limits.documentBytesMax) {
    const mebibytes = limits.documentBytesMax / 1_048_576;
    const message = `The document is larger than ${mebibytes} MiB; import a part of it.`;
    return err([{ pointer: '', message, tooLarge: true }]);
  }
  const clean = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const parsed = parseJson(clean) ?? parseYaml(clean);
  if (!parsed.ok) return parsed;
  if (!isJsonObject(parsed.value)) {
    return err([{ pointer: '', message: 'This is not an OpenAPI document: it is not an object.' }]);
  }
  if (depthExceeds(parsed.value, limits.documentDepthMax)) return err([tooDeep]);
  return ok(parsed.value);
}

const tooDeep: ImportFault = {
  pointer: '',
  message: `The document is nested deeper than ${limits.documentDepthMax} levels.`,
  tooLarge: true,
};

/** Adds line and column to faults where reading the text once more is cheap. */
export function locate(text: string, faults: readonly ImportFault[]): ImportFault[] {
  if (faults.every(({ line }) => line !== undefined)) return [...faults];
  if (text.length > limits.locatedBytesMax) return [...faults];
  const lines = new LineCounter();
  const document = parseDocument(text, { ...yamlOptions, lineCounter: lines });
  return faults.map((fault) => {
    if (fault.line !== undefined) return fault;
    const offset = offsetOf(document, fault.pointer);
    if (offset === undefined) return fault;
    const { line, col } = lines.linePos(offset);
    return { ...fault, line, column: col };
  });
}

const yamlOptions = {
  merge: true,
  // Its own check takes time quadratic in the size of a map; see `duplicateKey`.
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

function parseJson(text: string): Result<Json, never> | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return ok(JSON.parse(text) as Json);
  } catch (error) {
    // Flow-style YAML also begins like this; the YAML reader says where a fault is.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function parseYaml(text: string): Result<Json, ImportFault[]> {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { ...yamlOptions, lineCounter: lines });
    const [first] = document.errors;
    // The parser reports its own exhausted stack as if it were the document's syntax.
    if (first && /call stack/i.test(first.message)) return err([tooDeep]);
    if (first) return err([syntaxFault(first.message, lines.linePos(first.pos[0]))]);
    const duplicate = duplicateKey(document);
    if (duplicate) {
      const message = `The key ${JSON.stringify(duplicate.key)} is there twice.`;
      return err([syntaxFault(message, lines.linePos(duplicate.offset))]);
    }
    return ok(document.toJS({ maxAliasCount: limits.yamlAliasesMax }) as Json);
  } catch (error) {
    if (error instanceof RangeError) return err([tooDeep]);
    if (error instanceof ReferenceError) {
      const message = `The document unfolds YAML aliases more than ${limits.yamlAliasesMax} times, or uses one that is not defined: ${error.message}`;
      return err([{ pointer: '', message }]);
    }
    throw error;
  }
}

function syntaxFault(message: string, { line, col }: { line: number; col: number }): ImportFault {
  return {
    pointer: '',
    message: `The document is neither JSON nor YAML: ${message}`,
    line,
    column: col,
  };
}

function duplicateKey(document: Document): { key: string; offset: number } | undefined {
  let found: { key: string; offset: number } | undefined;
  visit(document, {
    Map(_key, map) {
      const keys = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (keys.has(name) && name !== '<<') {
          found = { key: name, offset: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        keys.add(name);
      }
      return undefined;
    },
  });
  return found;
}

/** Where the member at `pointer` begins: its key if it has one, else the nearest thing above it. */
function offsetOf(document: Document, pointer: Pointer): number | undefined {
  const path = split(pointer);
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const name = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === name);
      if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0];
    }
    const node = document.getIn(path.slice(0, length), true) as { range?: number[] } | undefined;
    if (node?.range) return node.range[0];
  }
  return document.contents?.range?.[0];
}

/** Bytes of `text` in UTF-8; stops counting soon after `enough`. */
function utf8Length(text: string, enough: number): number {
  if (text.length > enough) return text.length;
  if (text.length * 3 <= enough) return text.length;
  let bytes = 0;
  for (let i = 0; i < text.length && bytes <= enough; i++) {
    const unit = text.charCodeAt(i);
    // Half of a surrogate pair counts 2: the pair takes 4 bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 2 : 3;
  }
  return bytes;
}

/** Iterative: the depth itself must not exhaust the stack. Shared parts are visited once. */
function depthExceeds(root: Json, max: number): boolean {
  let level: Json[] = [root];
  const seen = new Set<Json>();
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > max) return true;
    const next: Json[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null || seen.has(value)) continue;
      seen.add(value);
      for (const child of Object.values(value)) {
        if (typeof child === 'object' && child !== null) next.push(child);
      }
    }
    level = next;
  }
  return false;
}
