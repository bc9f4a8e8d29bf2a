import { textOf, type SourceNode } from '../source/tree.js';
import { externalResource } from '../language/resources.js';
import type { ObjectShape } from '../language/shape.js';
import type { Finding } from '../diagnostics/reporter.js';
import type { Check } from './context.js';

/** The member that is meant where a text stands in place of an object. */
const meant: Readonly<Record<string, string>> = {
  output: 'as',
  export: 'as',
  input: 'from',
  schedule: 'cron',
  shell: 'command',
  container: 'image',
  timeout: 'after',
};

/** The member that a text in place of this object is; undefined when a text means nothing there. */
export function meantBy(key: string, shape: ObjectShape): string | undefined {
  if (shape.title === 'case') return 'then';
  if (shape === externalResource) return 'endpoint';
  const name = Object.hasOwn(meant, key) ? meant[key] : undefined;
  return name !== undefined && Object.hasOwn(shape.members, name) ? name : undefined;
}

/** `output: .a` means `output: { as: .a }`. */
export function longhandOf(
  check: Check,
  node: SourceNode,
  shape: ObjectShape,
): Pick<Finding, 'fix' | 'suggestions'> {
  const text = textOf(node);
  const key = node.pointer.slice(node.pointer.lastIndexOf('/') + 1);
  const name = meantBy(key, shape);
  if (text === undefined || name === undefined) return {};
  const written = check.source.slice(node.span.start, node.span.end);
  if (written.includes('\n')) return { suggestions: [`{ ${name}: … }`] };
  const quoted = /^["']/.test(written) ? written : `'${text.replaceAll("'", "''")}'`;
  const newText = `{ ${name}: ${quoted} }`;
  return { suggestions: [newText], fix: { title: `Write ${newText}`, span: node.span, newText } };
}
