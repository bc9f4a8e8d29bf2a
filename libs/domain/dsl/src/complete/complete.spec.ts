import type { Catalogue, Operation } from '@parley/contracts';
import { describe, expect, it } from '@jest/globals';
import { compileDefinition } from '../compile/compile.js';
import { completeAt } from './complete.js';

const operation = (id: string, rest: Partial<Operation>): Operation => ({
  id,
  method: 'GET',
  path: `/${id}`,
  summary: `What ${id} does`,
  tags: [],
  deprecated: false,
  parameters: [],
  delivery: 'safe',
  security: [],
  ...rest,
});
const catalogue: Catalogue = {
  connectors: [
    {
      name: 'kitchen',
      title: 'Kitchen',
      documentHash: 'h',
      operations: [
        operation('getCapacity', {
          parameters: [
            { name: 'units', in: 'query', required: false, schema: { type: 'integer' } },
            {
              name: 'slot',
              in: 'query',
              required: true,
              description: 'Any moment inside the slot.',
              schema: { type: 'string', enum: ['lunch', 'dinner'] },
            },
          ],
          response: {
            status: '200',
            schema: {
              type: 'object',
              properties: {
                free: { type: 'integer' },
                slots: {
                  type: 'array',
                  items: { type: 'object', properties: { at: { type: 'string' } } },
                },
              },
            },
          },
        }),
        operation('book', {
          method: 'POST',
          delivery: 'once',
          body: {
            required: true,
            mediaType: 'application/json',
            schema: {
              type: 'object',
              required: ['orderId'],
              properties: { orderId: { type: 'string' }, note: { type: 'string' } },
            },
          },
        }),
      ],
    },
  ],
};

function at(marked: string) {
  const offset = marked.indexOf('¦');
  return { source: marked.slice(0, offset) + marked.slice(offset + 1), offset };
}

function proposals(marked: string) {
  const { source, offset } = at(marked);
  return completeAt(source, offset, { catalogue });
}

const labels = (marked: string) => proposals(marked).items.map(({ label }) => label);

/** The text after taking the proposal with this label. */
function taken(marked: string, label: string): string {
  const { source } = at(marked);
  const { from, to, items } = proposals(marked);
  const item = items.find((candidate) => candidate.label === label);
  if (item === undefined)
    throw new Error(`no ${label} in ${items.map((one) => one.label).join(', ')}`);
  return source.slice(0, from) + item.insertText + source.slice(to);
}

const task = 'do:\n  - a:\n      ';
const connector = `${task}call: connector\n      with:\n        connector: kitchen\n        `;
const head = "document: { dsl: '1.0.3', namespace: test, name: complete, version: 0.1.0 }\n";

describe('completeAt', () => {
  it.each([
    ['¦', ['document', 'do']],
    ['do¦', ['do', 'document']],
    ['document: {}\n¦', ['do', 'input']],
    ['document:\n  ¦', ['dsl', 'namespace', 'name', 'version', 'title']],
    ['document:\n  dsl: x\n  n¦', ['namespace', 'name']],
    [`${task}¦`, ['call', 'do', 'emit']],
    [`${task}ca¦`, ['call', 'call: http']],
    [`${task}call: http\n      ¦`, ['with', 'if']],
    [`${task}call: http\n      with:\n        ¦`, ['method', 'endpoint', 'headers']],
    [`${task}call: http\n      with:\n        method: get\n        e¦`, ['endpoint']],
    [`${task}call: http\n      with: { method: get, ¦ }`, ['endpoint', 'headers']],
    [`${task}call: http\n      with:\n        method: ¦`, ['GET', 'HEAD']],
    [`${task}call: http\n      with:\n        output: r¦`, ['raw', 'response']],
    [`${task}call: http\n      with:\n        redirect: ¦`, ['true', 'false']],
    [`${task}call: ¦`, ['http', 'openapi']],
    [`${task}call: hu¦`, ['human']],
    [`use: { functions: { mine: {} } }\n${task}call: m¦`, ['mine', 'mcp', 'map']],
    [`${connector}operation: ¦`, ['getCapacity', 'book']],
    [`${connector}operation: getCapacity\n        input:\n          ¦`, ['slot', 'units']],
    [`${connector}operation: getCapacity\n        input:\n          slot: ¦`, ['lunch', 'dinner']],
    [`${connector}operation: book\n        input: { ¦ }`, ['orderId', 'note']],
    [`${task}call: connector\n      with:\n        connector: ¦`, ['kitchen']],
    [
      `${task}wait: PT1S\n      then: ¦\n  - b: { wait: PT1S }`,
      ['b', 'a', 'continue', 'exit', 'end'],
    ],
    [
      `${task}switch:\n        - x:\n            when: .a\n            then: ¦\n  - b: { wait: PT1S }`,
      ['b', 'a', 'continue', 'exit', 'end'],
    ],
    [`${task}wait: PT3¦`, ['PT30S']],
    [`${task}fork:\n        compete: ¦`, ['true', 'false']],
    [
      'use:\n  retries:\n    patient: { delay: PT1S }\ndo:\n  - a:\n      try: []\n      catch:\n        retry: ¦',
      ['patient', '{ delay: PT3S, limit: { attempt: { count: 5 } } }', 'when'],
    ],
    ['use:\n  ¦', ['authentications', 'catalogs']],
    ['schedule:\n  ¦', ['every', 'cron', 'after', 'on']],
    [`${task}set:\n        x: $\{ $¦ }`, ['$context', '$input']],
    [`${task}set:\n        x: $\{ $workflow.¦ }`, ['id', 'definition', 'input', 'startedAt']],
    [`${task}set:\n        x: $\{ $workflow.startedAt.epoch.¦ }`, ['seconds', 'milliseconds']],
    [`${task}if: $wo¦`, ['$workflow']],
    [`${task}if: .items | leng¦`, ['length']],
    [`${task}if: '.a | asci¦'`, ['ascii_downcase', 'ascii_upcase']],
    [`${task}if: .a | @ba¦`, ['@base64', '@base64d']],
    [
      `${task}for: { each: line, in: .lines }\n      do:\n        - b: { set: { x: '$\{ $li¦' } }`,
      ['$line'],
    ],
    [
      `${task}try: []\n      catch:\n        as: problem\n        when: $problem.¦`,
      ['type', 'status', 'title'],
    ],
    [`${connector}operation: getCapacity\n  - b:\n      if: .¦`, ['free', 'slots']],
    [
      `${connector}operation: getCapacity\n  - b: { wait: PT1S }\n  - c:\n      if: .slots[0].¦`,
      ['at'],
    ],
    [`${connector}operation: getCapacity\n      output:\n        as: .f¦`, ['free']],
    [
      `input: { schema: { document: { type: object, properties: { total: { type: number } } } } }\n${task}if: .¦`,
      ['total'],
    ],
    [
      `input: { schema: { document: { type: object, properties: { total: { type: number } } } } }\n${task}if: $workflow.input.¦`,
      ['total'],
    ],
    [
      `${task}set: { x: 1 }\n      export: { as: '$context + { seen: .x }' }\n  - b:\n      if: $context.¦`,
      ['seen'],
    ],
    ['{ "do": [ { "a": { "¦" } } ] }', ['call', 'do']],
    ['{ "do": [ { "a": { "call": "ht¦" } } ] }', ['http']],
    ['do:\n  - ¦', ['call: http', 'call: openapi']],
    ['do:\n  - a: { wait: PT1S }\n  ¦', ['call: http', 'call: openapi']],
    ['do:\n  - kitch¦', ['kitchen.getCapacity', 'kitchen.book']],
    [`${task}input:\n        schema:\n          document:\n            ¦`, ['type', 'properties']],
  ])('%j proposes first %j', (marked, expected) => {
    expect(labels(marked).slice(0, expected.length)).toEqual(expected);
  });

  it.each([
    `${task}call: http # ¦`,
    `${task}if: '"text $¦"'`,
    `${task}set: { x: 'plain $¦' }`,
    `${task}call: http ¦`,
    'document:\n  title: Some ¦',
  ])('%j proposes nothing', (marked) => {
    expect(labels(marked)).toEqual([]);
  });

  it('does not propose what is there or excluded', () => {
    expect(labels('document:\n  dsl: x\n  ¦')).not.toContain('dsl');
    expect(labels(`${task}run:\n        shell: {}\n        ¦`)).not.toContain('script');
    expect(labels(`${task}run:\n        shell: {}\n        ¦`)).toContain('await');
    expect(labels(`${task}call: http\n      w¦`)).not.toContain('wait');
    expect(labels(`${task}if: $¦`)).not.toContain('$output');
    expect(labels(`${task}export: { as: '$¦' }`)).toContain('$output');
  });

  it.each([
    [`${task}ca¦`, 'call', `${task}call: `],
    [`${task}call: http\n      wi¦`, 'with', `${task}call: http\n      with:\n        `],
    [`${task}call: ht¦`, 'http', `${task}call: http`],
    [`${task}ca¦: http`, 'call', `${task}call: http`],
    [`${task}do¦`, 'do', `${task}do:\n        - `],
    [
      `${task}call: http\n      with:¦`,
      'method',
      `${task}call: http\n      with:\n        method: `,
    ],
    ['{ "do": [ { "a": { "ca¦" } } ] }', 'call', '{ "do": [ { "a": { "call":  } } ] }'],
    ['{ "do": [ { "a": { "call": "¦" } } ] }', 'http', '{ "do": [ { "a": { "call": "http" } } ] }'],
    [`${task}if: $con¦text.a`, '$context', `${task}if: $context.a`],
    [
      `${task}wait: PT1S\n      then: "¦"\n  - b c: { wait: PT1S }`,
      'b c',
      `${task}wait: PT1S\n      then: "b c"\n  - b c: { wait: PT1S }`,
    ],
    [
      'do:\n  - ¦',
      'kitchen.getCapacity',
      'do:\n  - getCapacity:\n      call: connector\n      with:\n        connector: kitchen\n        operation: getCapacity\n        input:\n          slot: ${ .slot }',
    ],
  ])('%j with %s becomes %j', (marked, label, expected) => {
    expect(taken(marked, label)).toBe(expected);
  });

  it('shows method, path and inputs of an operation', () => {
    const [found] = proposals(`${connector}operation: getC¦`).items;
    expect(found?.detail).toBe('GET /getCapacity');
    expect(found?.documentation).toContain('What getCapacity does');
    expect(found?.documentation).toContain(
      '- `slot` (query, required): Any moment inside the slot.',
    );
  });

  const snippets = labels('do:\n  - ¦');
  it.each(snippets)('the snippet %s is a right task', (label) => {
    for (const marked of [
      `${head}do:\n  - ¦`,
      `${head}do:\n- before:\n    wait: PT1S\n¦`,
      `${head}do:\n  - before:\n      do:\n        - ¦`,
    ]) {
      const { diagnostics } = compileDefinition(taken(marked, label), { catalogue });
      expect(
        diagnostics.filter(({ severity, code }) => severity === 'error' && code !== 'PL1060'),
      ).toEqual([]);
    }
  });
});
