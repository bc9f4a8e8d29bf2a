import { indentWidth, renderKey } from '../render/render.js';
import type { ScalarNode, Span } from '../source/tree.js';

/** The lines of a scalar as it is written; the first goes behind its key or dash. */
export interface ScalarLines {
  readonly lines: readonly string[];
  /** It is a literal or folded text: a comment can only stand behind its first line. */
  readonly block: boolean;
  /** Blank lines behind it would become part of it. */
  readonly keepsBlankLines: boolean;
}

/** Writes a scalar in its style; further lines are indented by `column`. */
export function scalarLines(source: string, node: ScalarNode, column: number): ScalarLines {
  if (node.style === 'literal' || node.style === 'folded') return blockLines(source, node, column);
  const lines = source.slice(node.span.start, node.span.end).split(/\r?\n/);
  return {
    lines: lines.map((line, index) => {
      const text = index === lines.length - 1 ? line : trimEnd(line, node.style === 'double');
      if (index === 0) return text;
      const content = text.replace(/^[ \t]+/, '');
      return content === '' ? '' : ' '.repeat(column) + content;
    }),
    block: false,
    keepsBlankLines: false,
  };
}

/** White space at the end of a line means nothing, unless it is escaped. */
function trimEnd(line: string, escapes: boolean): string {
  const text = line.replace(/[ \t]+$/, '');
  const slashes = /\\*$/.exec(text)?.[0].length ?? 0;
  return escapes && slashes % 2 === 1 ? line.slice(0, text.length + 1) : text;
}

function blockLines(source: string, node: ScalarNode, column: number): ScalarLines {
  const [header = '', ...written] = source
    .slice(node.span.start, node.extentEnd)
    .replace(/\r?\n$/, '')
    .split(/\r?\n/);
  const value = String(node.value);
  const deeper = /^\n*( *)/.exec(value)?.[1]?.length ?? 0;
  const first = written.find((line) => /[^ \t]/.test(line));
  const indent = first === undefined ? Infinity : indentOf(first) - deeper;
  const lines = written.map((line) => {
    const text = line.slice(indent);
    return text === '' ? '' : ' '.repeat(column) + text;
  });
  const indicators = /^[|>]([-+\d]*)/.exec(header)?.[1] ?? '';
  const chomp = indicators.replace(/\d/, '');
  const comment = /[ \t](#.*)$/.exec(header)?.[1];
  const needed = deeper > 0 ? String(indentWidth) : '';
  return {
    lines: [
      `${header.charAt(0)}${needed}${chomp}${comment === undefined ? '' : ` ${comment.trimEnd()}`}`,
      ...lines,
    ],
    block: true,
    keepsBlankLines: chomp === '+',
  };
}

function indentOf(line: string): number {
  return /^ */.exec(line)?.[0].length ?? 0;
}

/** A key as it is written, on one line. */
export function keyText(source: string, name: string, span: Span): string {
  const written = source.slice(span.start, span.end);
  return written.includes('\n') ? renderKey(name) : written;
}
