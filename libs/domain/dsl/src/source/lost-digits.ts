import type { Place, Reporter } from '../diagnostics/reporter.js';

/** Warns of a number that a double cannot carry. */
export function reportLostDigits(
  reporter: Reporter,
  { text, value }: { readonly text: string; readonly value: number },
  place: Place,
): void {
  reporter.report('PL1008', place, {
    message: `${text} cannot be kept exactly; it would become ${value}`,
    fix: { title: 'Write it as a text', span: place.span, newText: `'${text}'` },
  });
}
