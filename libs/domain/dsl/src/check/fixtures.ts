import type { Catalogue, Diagnostic, Operation } from '@parley/contracts';
import { LineIndex } from '../source/positions.js';
import { parseDefinition } from '../source/parse.js';
import { checkDefinition } from './check.js';
import type { CheckOptions } from './context.js';

const operation = (id: string, rest: Partial<Operation>): Operation => ({
  id,
  method: 'POST',
  path: `/${id}`,
  tags: [],
  deprecated: false,
  parameters: [],
  delivery: 'once',
  security: [],
  ...rest,
});

/** One connector with operations of several kinds. */
export const catalogue: Catalogue = {
  connectors: [
    {
      name: 'orders',
      title: 'Orders',
      documentHash: 'h1',
      operations: [
        operation('confirmOrder', {
          path: '/orders/{orderId}/confirm',
          parameters: [
            { name: 'orderId', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'notify', in: 'query', required: false, schema: { type: 'boolean' } },
            { name: 'Idempotency-Key', in: 'header', required: true, schema: { type: 'string' } },
          ],
          delivery: 'keyed',
          keyHeader: 'idempotency-key',
          body: {
            required: true,
            mediaType: 'application/json',
            schema: {
              type: 'object',
              required: ['quantity'],
              additionalProperties: false,
              properties: {
                quantity: { type: 'integer', minimum: 1 },
                channel: { enum: ['web', 'shop'] },
                lines: {
                  type: 'array',
                  items: {
                    type: 'object',
                    required: ['sku'],
                    properties: { sku: { type: 'string' } },
                  },
                },
              },
            },
          },
        }),
        operation('importOrders', {
          body: {
            required: true,
            mediaType: 'application/json',
            schema: { type: 'array', items: { type: 'string' } },
          },
        }),
        operation('listOrders', { method: 'GET', path: '/orders', delivery: 'safe' }),
      ],
    },
  ],
};

/** The beginning of a definition. */
export const head = "document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }\n";

/** A definition with these items in `do`. */
export const tasks = (text: string): string => `${head}do:\n${text.replaceAll(/^/gm, '  ')}`;
/** A definition with one task of these members. */
export const task = (text: string): string => tasks(`- step:\n${text.replaceAll(/^/gm, '    ')}`);
/** A definition with one call of the connector. */
export const call = (text: string): string =>
  task(`call: connector\nwith:\n${text.replaceAll(/^/gm, '  ')}`);

/** All findings about a text. */
export function findingsOf(source: string, options: CheckOptions = { catalogue }): Diagnostic[] {
  const { root, reporter } = parseDefinition(source);
  if (root !== undefined) checkDefinition(root, reporter, options);
  return reporter.diagnostics();
}

/** `«…»` marks where the one diagnostic must point. */
export function findingsIn(marked: string, options?: CheckOptions) {
  const start = marked.indexOf('«');
  const end = marked.indexOf('»') - 1;
  const source = marked.replace('«', '').replace('»', '');
  const lines = new LineIndex(source);
  const range = { start: lines.position(start), end: lines.position(end) };
  return { source, range, diagnostics: findingsOf(source, options) };
}

/** The text with the fix of a diagnostic applied. */
export function repaired(source: string, diagnostic: Diagnostic | undefined): string | undefined {
  const fix = diagnostic?.fix;
  if (fix === undefined) return undefined;
  const lines = new LineIndex(source);
  const before = source.slice(0, lines.offset(fix.range.start));
  return before + fix.newText + source.slice(lines.offset(fix.range.end));
}

/** What is found in a marked text, and what should be: this code, once, at the mark. */
export function lone(code: string, marked: string, options?: CheckOptions) {
  const { diagnostics, range } = findingsIn(marked, options);
  const found = diagnostics.map((one) => ({ code: one.code, range: one.range }));
  return { found, expected: [{ code, range }] };
}
