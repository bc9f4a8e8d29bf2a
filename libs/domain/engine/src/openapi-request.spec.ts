import { describe, expect, it } from '@jest/globals';
import type { IrOpenApiParameter, IrOpenApiRequest } from '@parley/ir';
import { parseJson } from '@parley/kernel';
import { httpArgumentsOf } from './openapi-request.js';

const parameter = (name: string, required = false): IrOpenApiParameter => ({
  name,
  in: 'query',
  required,
  explode: true,
});

const request = (...parameters: IrOpenApiParameter[]): IrOpenApiRequest => ({
  documentHash: 'h',
  operation: 'find',
  method: 'POST',
  address: 'https://a.example/find',
  parameters,
  body: 'application/json',
});

describe('arguments of an operation', () => {
  it('are those that are given, never what every object inherits', () => {
    const args = { parameters: {} };
    const optional = httpArgumentsOf(request(parameter('constructor')), args);
    expect(optional).not.toHaveProperty('query');
    expect(() => httpArgumentsOf(request(parameter('toString', true)), args)).toThrow();
  });

  it('keep members of any name, in their order', () => {
    const text =
      '{"parameters":{"filter":{"b":"1","2":"x","__proto__":"y"},"m":{"2":1,"1":2},"n":1}}';
    const made = httpArgumentsOf(request(parameter('filter')), parseJson(text));
    expect(JSON.stringify(made['query'])).toBe('{"b":"1","2":"x","__proto__":"y"}');
    expect(JSON.stringify(made['body'])).toBe('{"m":{"2":1,"1":2},"n":1}');
  });
});
