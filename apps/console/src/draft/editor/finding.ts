import type { Diagnostic } from '@parley/contracts';
import type { Suggestion } from '@parley/dsl';

/** Advice in the form of a finding. */
export function findingOf(suggestion: Suggestion): Diagnostic {
  return { ...suggestion, severity: 'info' };
}
