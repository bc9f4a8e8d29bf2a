import type { Diagnostic } from '@parley/contracts';
import { assert, err, ok, type Result } from '@parley/kernel';
import { functionNames } from '../language/navigate.js';
import { workflow } from '../language/index.js';
import { parseDefinition, sourceLengthMax } from '../source/parse.js';
import { commentsOf } from './comments.js';
import { isCollection } from './elements.js';
import { isSameValue } from './same-value.js';
import { printJson } from './print-json.js';
import { printYaml } from './print-yaml.js';

/**
 * Lays a definition out anew: members in the order of the language, two spaces, one blank line at
 * most, collections in brackets only where they fit into a line. JSON stays JSON.
 *
 * F1  The meaning stays the same: the formatted text has the same value, apart from the order of
 *     members.
 * F2  Comments and blank lines stay with the member or item that they stand above, behind or below.
 * F3  Formatting a formatted text changes nothing.
 */
export function formatDefinition(written: string): Result<string, Diagnostic[]> {
  const source = written.replace(/^\ufeff/, '');
  const { root, reporter } = parseDefinition(source);
  if (root === undefined) return err(reporter.diagnostics());
  // What these characters mean depends on where they stand.
  const isOdd = /\ufeff|\r(?!\n)/.test(source);
  if (isOdd || !isCollection(root)) return ok(source);
  const functions = functionNames(root);
  const text = isJson(source)
    ? printJson({ source, functions }, root, { column: 0, shape: workflow })
    : printYaml(
        { source, functions, comments: commentsOf(source, root, reporter.lines) },
        root,
        workflow,
      ).join('\n');
  const newline = source.includes('\r\n') ? '\r\n' : '\n';
  const formatted = `${text}\n`.replaceAll('\n', newline);
  // One line for each item of a long list may be more than is ever read.
  if (formatted.length > sourceLengthMax) return ok(source);
  const again = parseDefinition(formatted).root;
  assert(again !== undefined && isSameValue(root, again), 'formatting changed the meaning');
  return ok(formatted);
}

function isJson(source: string): boolean {
  if (!/^\s*[[{]/.test(source)) return false;
  try {
    JSON.parse(source);
    return true;
  } catch {
    // A SyntaxError is how JSON.parse answers "no".
    return false;
  }
}
