import { describe, expect, it } from '@jest/globals';
import type { Catalogue } from '@parley/contracts';
import { compileDefinition, type Lock } from '@parley/dsl';
import { tryOut } from '../src/turns/trial.js';

const catalogue: Catalogue = { connectors: [] };
const uri = 'https://a.example/openapi.json';

const lock: Lock = {
  externals: [
    {
      kind: 'openapi',
      uri,
      sha256: 'a1',
      content: {
        openapi: '3.1.0',
        info: { title: 'Pets', version: '1' },
        servers: [{ url: 'https://a.example' }],
        paths: {
          '/pets': {
            get: {
              operationId: 'listPets',
              responses: {
                default: { description: 'wrong' },
                '200': {
                  description: 'all',
                  content: {
                    'application/json': {
                      schema: {
                        type: 'array',
                        minItems: 2,
                        items: { type: 'object', properties: { name: { type: 'string' } } },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  ],
};

const head = 'document: { dsl: 1.0.3, namespace: n, name: trial, version: 0.1.0 }\ndo:\n';
const listPets = `- list: { call: openapi, with: { document: { endpoint: '${uri}' }, operationId: listPets } }\n`;
const names = "- names: { set: { all: '${ map(.name | ascii_upcase) }' } }\n";
const each = `- each:
    call: map
    with:
      in: '\${ . }'
      do:
        - tell: { emit: { event: { with: { source: 'https://a.example', type: a.told, data: '\${ $item }' } } } }
        - keep: { set: { n: '\${ $item.name }' } }
`;

function tried(tasks: string, given?: Lock) {
  const compiled = compileDefinition(head + tasks, { catalogue, lock: given });
  if (compiled.ir === undefined) throw new Error(JSON.stringify(compiled.diagnostics));
  return tryOut(compiled.ir, { catalogue, lock: given });
}

describe('a trial on sample data', () => {
  it('answers calls of an operation from its document, maps over them and emits', () => {
    expect(tried(listPets + names, lock)).toEqual({ faults: [], untried: [] });
    expect(tried(listPets + each, lock)).toEqual({ faults: [], untried: [] });
  });

  it('finds what does not work on such answers', () => {
    const wrong = "- wrong: { set: { all: '${ .pets[] }' } }\n";
    expect(tried(listPets + wrong, lock).faults).toEqual([
      expect.stringContaining('On sample data it fails at /do/1/wrong'),
    ]);
  });

  it('says what it could not try, and calls nothing of that a fault', () => {
    expect(tried(listPets + names)).toEqual({
      faults: [],
      untried: [expect.stringContaining('could not be read: list.')],
    });
    const http = `- ask: { call: http, with: { method: get, endpoint: '${uri}' } }\n`;
    expect(tried(http + names)).toEqual({
      faults: [],
      untried: [expect.stringContaining('tried only in part')],
    });
  });
});
