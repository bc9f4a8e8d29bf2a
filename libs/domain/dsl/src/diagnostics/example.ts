import { codes, type CodeRow, type DiagnosticCode } from './codes.js';

const head = "document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }";
const work = 'do: [{ step: { wait: PT1S } }]';

/**
 * The whole definition around the example of a diagnostic, which has that one mistake and no other;
 * undefined where the example is only described.
 */
export function exampleDefinition(code: DiagnosticCode): string | undefined {
  const { example, words }: CodeRow = codes[code];
  if (words === true) return undefined;
  const keys = new Set(example.split('\n').map((line) => /^[A-Za-z]+(?=:)/.exec(line)?.[0]));
  if (example === '' || !example.includes(': ')) return example;
  if (keys.has('document')) return `${example}\n${work}\n`;
  if (keys.has('do')) return `${head}\n${example}\n`;
  const whole = ['use', 'schedule', 'evaluate', 'ouput'].some((key) => keys.has(key));
  if (whole) return `${head}\n${example}\n${work}\n`;
  return `${head}\ndo:\n  - step:\n${example.replaceAll(/^/gm, '      ')}\n`;
}
