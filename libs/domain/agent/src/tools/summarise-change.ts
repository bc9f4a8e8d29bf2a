import { diffDefinitions } from '@parley/dsl';

/** What changed between two definitions, in words computed from them and nothing else. */
export function summariseChange(before: string, after: string): string[] {
  return diffDefinitions(before, after).changes.map(({ summary }) => summary);
}
