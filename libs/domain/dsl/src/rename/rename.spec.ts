import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { validateDefinition } from '../compile/compile.js';
import { stepPaths } from '../edit/locate.js';
import { parseDefinition } from '../source/parse.js';
import { renameAt, renameStep } from './rename.js';
import { occurrencesIn } from './symbols.js';

const source = `document: { dsl: '1.0.3', namespace: test, name: names, version: 0.1.0 }
use:
  authentications: { petStore: { basic: { use: store } } }
  catalogs: { global: { endpoint: https://example.com/catalog } }
  errors:
    gone: { type: https://example.com/gone, status: 410 }
  extensions:
    - logged:
        extend: call
        before: [{ note: { call: log } }]
  functions:
    log: { run: { shell: { command: logger } } }
  retries:
    "usual": { delay: PT1S }
  secrets: [store, 'other one']
  timeouts: { short: { after: PT1S } }
do:
  - check: # comment
      input:
        from: "\${ { user: $secrets.store.user, other: $secrets[\\"other one\\"]? } }"
      call: http
      with: { method: get, endpoint: { uri: https://example.com, authentication: { use: petStore } } }
      timeout: short
  - decide:
      switch:
        - low: { when: .level < 3, then: check }
        - rest: { then: "attempt" }
  - attempt:
      try:
        - check: { call: log }
        - again: { wait: PT1S, then: check }
        - remote: { call: 'fetch:1.0@global' }
      catch:
        retry: usual
        then: check
  - fail:
      raise: { error: gone }
`;

function renamed(path: string, name: string): string {
  const result = renameStep(source, path, name);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return difference(source, result.value);
}

/** The lines that differ. */
function difference(before: string, after: string): string {
  const old = before.split('\n');
  return after
    .split('\n')
    .flatMap((line, index) => (line === old[index] ? [] : [line]))
    .join('\n');
}

function refusal(path: string, name: string): unknown {
  const result = renameStep(source, path, name);
  return result.ok ? result.value : result.error;
}

describe('renameStep', () => {
  it.each([
    ['do/check', 'checkStock'],
    ['do/attempt', 'a: b'],
    ['do/attempt/try/check', 'x, y'],
    ['use/functions/log', 'note'],
    ['use/retries/usual', 'true'],
    ['use/errors/gone', '7'],
    ['use/timeouts/short', "it's"],
    ['use/authentications/petStore', 'pets'],
    ['use/catalogs/global', 'worldwide'],
    ['use/secrets/store', 'my store'],
    ['use/secrets/other one', 'second'],
  ])('renames %s to %s', (path, name) => {
    expect(renamed(path, name)).toMatchSnapshot();
  });

  it.each([
    ['do/check', 'decide', 'PL1082'],
    ['do/check', 'end', 'PL1083'],
    ['do/check', ' ', 'PL1083'],
    ['do/check', 'two\nlines', 'PL1083'],
    ['do/chek', 'x', 'PL1080'],
    ['use/functions/log', 'http', 'PL1083'],
    ['use/functions/log', 'human', 'PL1083'],
    ['use/functions/log', 'a:1@b', 'PL1083'],
    ['use/catalogs/global', 'default', 'PL1083'],
    ['use/secrets/store', 'other one', 'PL1082'],
  ])('refuses to rename %s to %j', (path, name, code) => {
    expect(refusal(path, name)).toEqual([expect.objectContaining({ code, severity: 'error' })]);
  });

  it('renames steps of JSON', () => {
    const json = '{"do":[{"a":{"wait":"PT1S","then":"b"}},{"b":{"set":{"b":"b"}}}]}';
    const result = renameStep(json, 'do/b', 'c"d');
    expect(result.ok && result.value).toBe(
      '{"do":[{"a":{"wait":"PT1S","then":"c\\"d"}},{"c\\"d":{"set":{"b":"b"}}}]}',
    );
  });
});

describe('renameAt', () => {
  it('renames what stands there, wherever it is used', () => {
    const places: [string, string][] = [
      ['then: check }\n        - rest', 'do/check'],
      ['check: { call: log }', 'do/attempt/try/check'],
      ['log }\n        - again', 'use/functions/log'],
      ['usual\n        then', 'use/retries/usual'],
      ['.store.user', 'use/secrets/store'],
      ["global'", 'use/catalogs/global'],
    ];
    for (const [text, path] of places) {
      const offset = source.indexOf(text) + (text.startsWith('then: ') ? 6 : 1);
      expect(renameAt(source, offset, 'fresh')).toEqual(renameStep(source, path, 'fresh'));
    }
  });

  it('renames cases and extensions', () => {
    for (const name of ['low:', 'logged:']) {
      const result = renameAt(source, source.indexOf(name), 'fresh');
      expect(result.ok && result.value).toBe(source.replace(name, 'fresh:'));
    }
  });

  it('says when nothing that has a name stands there', () => {
    const result = renameAt(source, source.indexOf('PT1S'), 'x');
    expect(result.ok ? [] : result.error).toEqual([expect.objectContaining({ code: 'PL1083' })]);
  });
});

const folder = process.env['PARLEY_SPEC_DIR'];
(folder === undefined ? describe.skip : describe)('the examples (PARLEY_SPEC_DIR)', () => {
  const files = folder === undefined ? [] : readdirSync(join(folder, 'examples'));
  const codesOf = (text: string) =>
    validateDefinition(text, {}).diagnostics.map(({ code }) => code);

  it('stay as they are when a name goes and comes back, and as right in between', () => {
    let names = 0;
    for (const file of files.filter((name) => name.endsWith('.yaml'))) {
      const text = readFileSync(join(folder ?? '', 'examples', file), 'utf8');
      const { root } = parseDefinition(text);
      if (root === undefined) throw new Error(file);
      for (const path of stepPaths(root)) {
        const there = renameStep(text, path, 'renamed');
        if (!there.ok) throw new Error(JSON.stringify(there.error));
        expect([file, path, codesOf(there.value)]).toEqual([file, path, codesOf(text)]);
        const name = path.slice(path.lastIndexOf('/') + 1);
        const back = renameStep(there.value, `${path.slice(0, -name.length)}renamed`, name);
        expect(back).toEqual({ ok: true, value: text });
        names += 1;
      }
      for (const [index, { span, symbol }] of occurrencesIn(text, root).entries()) {
        const there = renameAt(text, span.start, 'renamed2');
        if (!there.ok) throw new Error(`${file} ${symbol.name} ${JSON.stringify(there.error)}`);
        expect([file, symbol.name, codesOf(there.value)]).toEqual([
          file,
          symbol.name,
          codesOf(text),
        ]);
        const moved = occurrencesIn(there.value, parseDefinition(there.value).root ?? root)[index];
        const again = renameAt(there.value, moved?.span.start ?? 0, symbol.name);
        expect(again).toEqual({ ok: true, value: text });
      }
    }
    expect(names).toBeGreaterThan(70);
  });
});
