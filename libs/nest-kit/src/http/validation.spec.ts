import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ReplayRun } from '@parley/contracts';
import { SchemaPipe } from './validation.js';

async function refusal(schema: z.ZodType, value: unknown): Promise<string> {
  try {
    await new SchemaPipe().transform(value, { type: 'body', schema });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

const one = (schema: z.ZodType) => z.object({ it: schema });

describe('what a schema finds', () => {
  it.each([
    [z.array(z.int()).max(2), [1, 2, 3], 'This may have at most 2 items (at /it).'],
    [z.array(z.int()).min(1), [], 'This must not be empty (at /it).'],
    [z.string().min(1), '', 'This must not be empty (at /it).'],
    [z.string().max(1), 'ab', 'This may have at most 1 character (at /it).'],
    [z.string().min(3), 'ab', 'This must have at least 3 characters (at /it).'],
    [z.number().max(5), 6, 'This must be at most 5 (at /it).'],
    [z.number().positive(), 0, 'This must be more than 0 (at /it).'],
    [z.string(), 1, 'This must be a text (at /it).'],
    [z.string(), undefined, 'This is missing: a text is needed (at /it).'],
    [z.string().min(1, 'A name is needed'), '', 'A name is needed (at /it).'],
  ])('is told in plain words (%#)', async (schema, it, expected) => {
    expect(await refusal(one(schema), { it })).toBe(expected);
  });

  it('says where the word for a replay comes from', async () => {
    const told = await refusal(ReplayRun, { step: 'do/pay' });
    expect(told).toMatch(
      /^Look at what would repeat first: GET the same address.*\(at \/seen\)\.$/,
    );
  });
});
