import { describe, expect, it } from '@jest/globals';
import type { ProposedDraft } from '@parley/contracts';
import { compileDefinition } from '@parley/dsl';
import fc from 'fast-check';
import { planTurn } from '../src/index.js';
import { clinic, clinicPeople } from './businesses/clinic.js';
import { clinicScenarios } from './requests/clinic.js';

const context = { catalogue: clinic, directory: clinicPeople, timezone: 'UTC' };
const spoken = clinicScenarios
  .flatMap(({ turns }) => turns)
  .join(' ')
  .split(' ');
const odd = [
  '${',
  '}',
  '"',
  '“',
  '\\n',
  '- 1.',
  '$context',
  'do:',
  'otherwise',
  'else',
  'in parallel',
  'for each',
  'if',
  'unless',
  '…',
  'ü',
];
const text = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...spoken) }, fc.constantFrom(...odd)), {
    maxLength: 25,
  })
  .map((words) => words.join(' '));

function errorsOf(draft: ProposedDraft | undefined): string[] {
  if (draft === undefined) return [];
  const { diagnostics } = compileDefinition(draft.source, { catalogue: clinic });
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}

describe('whatever is said', () => {
  it('gives a reply, and a draft that compiles if it gives one', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (turns) => {
        let draft: ProposedDraft | undefined;
        for (const said of turns) {
          const reply = planTurn(
            { text: said, ...(draft === undefined ? {} : { draft }) },
            context,
          );
          expect(reply.reply).not.toBe('');
          draft = reply.draft ?? draft;
          expect(errorsOf(draft)).toEqual([]);
        }
      }),
      { numRuns: 150, seed: 20_260 },
    );
  });

  it('is answered soon, also when it is as long as a turn may be', () => {
    for (const said of [
      'a, '.repeat(6_600),
      'check it if fine then '.repeat(900),
      'every '.repeat(3_300),
    ]) {
      expect(planTurn({ text: said }, context).reply).not.toBe('');
    }
  });
});
