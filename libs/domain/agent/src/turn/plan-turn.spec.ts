import { describe, expect, it } from '@jest/globals';
import { planTurn } from './plan-turn.js';

const directory = { roles: ['owner'], members: [] };

describe('planTurn without connectors', () => {
  const reply = planTurn(
    { text: 'anything' },
    { catalogue: { connectors: [] }, directory, timezone: 'UTC' },
  );

  it('says what it is', () => {
    expect(reply.reply).toContain('offline planner');
    expect(reply.reply).toContain('no language model is configured');
  });

  it('offers the demo and an import, and makes no draft', () => {
    expect(reply.suggestions.map(({ action }) => action)).toEqual(['load-demo', 'import-openapi']);
    expect(reply.draft).toBeUndefined();
  });
});
