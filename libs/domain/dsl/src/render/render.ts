import type { Json, JsonObject } from '@parley/kernel';
import { stringify } from 'yaml';
import { orderDefinition, orderTask } from './order.js';

/** Spaces per level. */
export const indentWidth = 2;

/** A definition as YAML in house style: stable member order, two spaces, no folded lines. */
export function renderDefinition(definition: JsonObject): string {
  return renderBlock(orderDefinition(definition));
}

/** One item of a task list (`- name: …`), indented to `column`; ends with a line break. */
export function renderStep(name: string, task: Json, column: number): string {
  return indentLines(renderBlock([{ [name]: orderTask(task) }]), column);
}

/** A JSON value as block YAML from column 0; ends with a line break. */
export function renderBlock(value: Json): string {
  return stringify(value, {
    indent: indentWidth,
    lineWidth: 0,
    minContentWidth: 0,
    blockQuote: 'literal',
    singleQuote: true,
    aliasDuplicateObjects: false,
    version: '1.2',
    schema: 'core',
    // Words such as `yes` are texts in YAML 1.2, but quoting them spares other readers.
    compat: 'yaml-1.1',
  });
}

/** A value on one line where it has a one-line form that reads well. */
export function renderInline(value: Json): string | undefined {
  const text = renderBlock(value).trimEnd();
  return text.includes('\n') || (typeof value === 'object' && value !== null && !isEmpty(value))
    ? undefined
    : text;
}

/** A value inside brackets or braces. */
export function renderFlow(value: Json, indent?: number): string {
  if (indent === undefined) return JSON.stringify(value);
  return JSON.stringify(value, null, indentWidth).replaceAll('\n', `\n${' '.repeat(indent)}`);
}

/** A key as YAML writes it. */
export function renderKey(key: string): string {
  const text = renderBlock({ [key]: null });
  return text.slice(0, text.lastIndexOf(':'));
}

/** Puts `column` spaces before every line that is not blank. */
export function indentLines(text: string, column: number): string {
  const spaces = ' '.repeat(column);
  return text.replaceAll(/^(?=[^\r\n])/gm, spaces);
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
