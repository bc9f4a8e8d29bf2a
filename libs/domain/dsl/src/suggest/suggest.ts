import { compileParsed, type CompileOptions } from '../compile/compile.js';
import { parseDefinition } from '../source/parse.js';
import { adviseRetries, adviseRetryLimits, adviseSwallowing, adviseTimeouts } from './calls.js';
import { adviseBranches, adviseConditions, adviseCredentials, adviseLoops } from './constants.js';
import { Advice, type Suggestion } from './report.js';
import { adviseForks, adviseRepeats } from './sequences.js';

const advisers: readonly ((advice: Advice) => void)[] = [
  adviseForks,
  adviseRetries,
  adviseTimeouts,
  adviseRepeats,
  adviseRetryLimits,
  adviseSwallowing,
  adviseLoops,
  adviseBranches,
  adviseConditions,
  adviseCredentials,
];

/**
 * What could be better about a definition. It is right as it is; one that has errors gets none,
 * because what it will be is not known yet.
 */
export function suggestImprovements(source: string, options: CompileOptions = {}): Suggestion[] {
  const parsed = parseDefinition(source);
  if (parsed.root === undefined) return [];
  const { ir } = compileParsed(parsed, options);
  if (ir === undefined) return [];
  const advice = new Advice(parsed, parsed.root, ir);
  for (const advise of advisers) advise(advice);
  return advice.suggestions();
}
