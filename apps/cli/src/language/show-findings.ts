import type { Diagnostic } from '@parley/contracts';
import { oneLine, safeText } from '../output/text.js';
import type { SourceFile } from './sources.js';

/** A diagnostic, or a suggestion, which has no severity of its own. */
export type Finding = Omit<Diagnostic, 'severity'> & {
  readonly severity: Diagnostic['severity'] | 'advice';
};

/** Longer lines are cut around the place. */
const lineLengthMax = 120;
const colours: Readonly<Record<Finding['severity'], number>> = {
  error: 31,
  warning: 33,
  info: 36,
  advice: 36,
};

/** Findings as compilers show them: place, what is wrong, the line, and what to do about it. */
export function findingsText(
  { file, source }: SourceFile,
  findings: readonly Finding[],
  hasColours: boolean,
): string {
  const lines = source.split(/\r\n|[\r\n]/);
  return findings.map((finding) => findingText({ file, lines }, finding, hasColours)).join('\n');
}

interface Text {
  readonly file: string;
  readonly lines: readonly string[];
}

function findingText({ file, lines }: Text, finding: Finding, hasColours: boolean): string {
  const { severity, code, message, range } = finding;
  const { line, column } = range.start;
  const word = hasColours ? `\u001b[${colours[severity]}m${severity}\u001b[0m` : severity;
  const head = `${file}:${line}:${column}: ${word} ${code} ${oneLine(message)}`;
  return [head, ...excerpt(lines[line - 1], finding), ...hints(finding)].join('\n');
}

/** The line with the place marked. */
function excerpt(line: string | undefined, { range }: Finding): string[] {
  if (line === undefined || line.trim() === '') return [];
  const { start, end } = range;
  const from = Math.max(0, Math.min(start.column - 1, line.length));
  const to = end.line === start.line ? Math.max(end.column - 1, from + 1) : line.length;
  const first = from > lineLengthMax - 40 ? from - 40 : 0;
  const shown = line.slice(first, first + lineLengthMax);
  const indent = line.slice(first, from).replaceAll(/[^\t]/g, ' ');
  const width = Math.max(1, Math.min(to, first + lineLengthMax) - from);
  const number = String(start.line);
  return [
    `  ${number} | ${safeText(shown)}`,
    `  ${' '.repeat(number.length)} | ${indent}${'^'.repeat(width)}`,
  ];
}

function hints({ expected, actual, suggestions = [], fix }: Finding): string[] {
  const found: string[] = [];
  if (expected !== undefined) {
    found.push(`expected ${expected}${actual === undefined ? '' : `, found ${actual}`}`);
  }
  if (suggestions.length > 0) found.push(`did you mean ${suggestions.join(', ')}?`);
  if (fix !== undefined) found.push(`fix: ${fix.title}`);
  return found.map((hint) => `    = ${oneLine(hint)}`);
}

/** `order.yaml is valid, with 1 warning.` */
export function summaryText(file: string, diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity']) =>
    diagnostics.filter((one) => one.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const warned = warnings === 0 ? undefined : numbered(warnings, 'warning');
  if (errors === 0) return `${file} is valid${warned === undefined ? '' : `, with ${warned}`}.`;
  return `${file} is not valid: ${[numbered(errors, 'error'), warned].filter(Boolean).join(', ')}.`;
}

export function numbered(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
