import type { Diagnostic } from '@parley/contracts';

/** The text with a diagnostic's fix applied. */
export function fixed(text: string, { fix }: Diagnostic): string | undefined {
  if (fix === undefined) return undefined;
  const { start, end } = fix.range;
  return text.slice(0, offsetOf(text, start)) + fix.newText + text.slice(offsetOf(text, end));
}

export function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  let at = 0;
  for (let passed = 1; passed < line; passed += 1) at = text.indexOf('\n', at) + 1;
  return at + column - 1;
}
