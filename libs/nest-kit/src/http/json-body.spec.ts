import { describe, expect, it } from '@jest/globals';
import type { ArgumentMetadata } from '@nestjs/common';
import { JsonValue } from '@parley/contracts';
import { stringifyJson, type Json } from '@parley/kernel';
import { z } from 'zod';
import { readJsonBody } from './json-body.js';
import { SchemaPipe } from './validation.js';

const bodyOf = (text: string) => readJsonBody(Buffer.from(text));

/** A body as a handler gets it, checked against `schema`. */
function checked(text: string, schema: z.ZodType): Promise<unknown> {
  const metadata: ArgumentMetadata = { type: 'body', schema };
  return new SchemaPipe().transform(bodyOf(text), metadata);
}

const start = z.strictObject({ input: JsonValue.optional(), version: z.int().optional() });

describe('a body', () => {
  it.each([
    '{"input":{"id":12345678901234567890,"m":{"2":1,"1":2},"__proto__":{"a":1},"x":1.1}}',
    '{"input":{"constructor":"ACME","prototype":[{"constructor":null,"__proto__":{}}]}}',
    '{"input":{"toString":0.12345678901234567890,"0":-0,"n":1E+400}}',
    '{"input":12345678901234567890}',
  ])('%s comes to its handler as it was sent', async (text) => {
    expect(stringifyJson((await checked(text, start)) as Json)).toBe(text);
  });

  it('pollutes nothing', async () => {
    const text =
      '{"input":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}';
    const { input } = (await checked(text, start)) as { input: object };
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
    expect('polluted' in input).toBe(false);
  });

  it.each([
    ['{"tags":{"a":1,"__proto__":1}}', z.object({ tags: z.record(z.string(), z.int()) }), '/tags'],
    ['{"tags":[{"a":1,"__proto__":1}]}', z.object({ tags: z.array(z.looseObject({})) }), '/tags/0'],
    ['{"\\u005f_proto__":1}', z.object({}), ''],
  ])('%s is refused, because its schema would drop a member', async (text, schema, place) => {
    await expect(checked(text, schema)).rejects.toMatchObject({
      code: 'malformed',
      errors: [{ pointer: `${place}/__proto__` }],
    });
  });

  it('is told where a number cannot be used', async () => {
    await expect(checked('{"version":12345678901234567890}', start)).rejects.toMatchObject({
      code: 'invalid',
      errors: [{ pointer: '/version', message: expect.stringContaining('more digits') }],
    });
  });
});
