import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FakePerson, type FakeOptions } from '../../test/fake-terminal.js';

const person = new FakePerson();
const head = "document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }\n";
const right = `${head}do:\n  - first: { wait: PT1S, then: second }\n  - second: { set: { a: 1 }, then: end }\n`;
const wrong = right.replace('then: end', 'then: edn');

function file(name: string, text: string | Uint8Array): string {
  writeFileSync(join(person.home, name), text);
  return name;
}

async function dsl(command: string, options: FakeOptions = {}) {
  return person.run(['dsl', ...command.split(' ')], options);
}

async function json(command: string, options: FakeOptions = {}) {
  const result = await dsl(`${command} -o json`, options);
  return { ...result, answer: JSON.parse(result.out) as Record<string, never> };
}

file('right.yaml', right);
file('wrong.yaml', wrong);
file('latin1.yaml', Buffer.from(right.replace('a: 1', 'a: grün'), 'latin1'));
file('utf16.yaml', Buffer.from(right, 'utf16le'));

describe('dsl validate', () => {
  it('gives one file its answer as JSON', async () => {
    const { code, answer, err } = await json('validate wrong.yaml');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(Object.keys(answer)).toEqual(['valid', 'diagnostics']);
    expect(answer).toEqual({
      valid: false,
      diagnostics: [
        {
          code: 'PL1021',
          severity: 'error',
          message: expect.stringContaining('edn'),
          pointer: '/do/1/second/then',
          range: { start: { line: 4, column: 36 }, end: { line: 4, column: 39 } },
          expected: expect.any(String),
          actual: 'edn',
          suggestions: ['end'],
          fix: expect.objectContaining({ newText: 'end' }),
        },
      ],
    });
    expect(await json('validate right.yaml')).toMatchObject({
      code: 0,
      answer: { valid: true, diagnostics: [] },
    });
  });

  it('gives several files a list', async () => {
    const { code, answer } = await json('validate right.yaml wrong.yaml');
    expect(code).toBe(1);
    expect(answer).toMatchObject([
      { file: 'right.yaml', valid: true, diagnostics: [] },
      { file: 'wrong.yaml', valid: false, diagnostics: [{ code: 'PL1021' }] },
    ]);
  });

  it('shows people the place and the cure', async () => {
    const { code, out } = await dsl('validate wrong.yaml');
    expect(code).toBe(1);
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^wrong\.yaml:4:36: error PL1021 .*edn/);
    expect(lines.slice(1)).toEqual([
      '  4 |   - second: { set: { a: 1 }, then: edn }',
      '    |                                    ^^^',
      ...lines.filter((line) => line.startsWith('    = ')),
      'wrong.yaml is not valid: 1 error.',
      '',
    ]);
    expect(out).toContain('    = did you mean end?\n');
    expect((await dsl('validate right.yaml')).out).toBe('right.yaml is valid.\n');
    expect((await dsl('validate wrong.yaml', { isTty: true })).out).toContain('\u001b[31merror');
  });

  it('reads what is piped in', async () => {
    expect((await dsl('validate -', { piped: right })).out).toBe('<stdin> is valid.\n');
    expect(await dsl('validate -', { piped: '' })).toMatchObject({ code: 1 });
  });

  it('keeps tabs and long lines in their place', async () => {
    const text = `${head}do: [{ a: { set: { x: "${'y'.repeat(300)}" }, thn: end } }]\n`;
    const { out } = await dsl('validate -', { piped: text });
    const [, line = '', marks = ''] = out.split('\n');
    expect(line.length).toBeLessThan(140);
    expect(line.slice(marks.indexOf('^'), marks.lastIndexOf('^') + 1)).toBe('thn');
  });

  it('knows the operations of a catalogue', async () => {
    const connectors = [{ name: 'stock', title: 'Stock', documentHash: 'h', operations: [] }];
    file('catalogue.json', JSON.stringify({ connectors }));
    const call = `${head}do: [{ a: { call: connector, with: { connector: stock, operation: x } } }]`;
    file('call.yaml', call);
    expect(await json('validate call.yaml')).toMatchObject({ code: 0 });
    expect(await json('validate call.yaml --catalogue catalogue.json')).toMatchObject({
      code: 1,
      answer: { diagnostics: [{ code: 'PL1052' }] },
    });
  });

  it('tells what a document that nobody has fetched is', async () => {
    const call = `${head}do: [{ a: { call: openapi, with: { document: { endpoint: https://a.example/o.json }, operationId: x } } }]`;
    file('open.yaml', call);
    expect(await json('validate open.yaml')).toMatchObject({ code: 0, answer: { valid: true } });
    expect(await json('validate open.yaml --unresolved error')).toMatchObject({ code: 1 });
    file('empty-lock.json', '{ "externals": [] }');
    expect(await json('validate open.yaml --lock empty-lock.json')).toMatchObject({ code: 0 });
  });

  it.each([
    ['validate nowhere.yaml', 'Cannot read nowhere.yaml: there is no such file; check the name'],
    ['validate .', 'Cannot read .: it is a folder'],
    ['validate right.yaml nowhere.yaml', 'Cannot read nowhere.yaml'],
    ['format latin1.yaml --write', 'Cannot read latin1.yaml: it is not text in UTF-8'],
    ['validate utf16.yaml', 'Cannot read utf16.yaml: it is not text in UTF-8'],
    ['validate', "missing required argument 'files'"],
    ['validate right.yaml --strict', "unknown option '--strict'"],
    ['validate right.yaml -o xml', 'Allowed choices are table, json'],
    ['validate right.yaml --timezone Berlin', 'use an IANA name such as Europe/Berlin'],
    ['validate right.yaml --catalogue nowhere.json', 'Cannot read nowhere.json'],
    ['validate right.yaml --catalogue right.yaml', 'it is not JSON'],
    ['validate right.yaml --lock package.json', 'Cannot read package.json'],
    ['validate - -', 'give - once'],
    ['vaildate right.yaml', '(Did you mean validate?)'],
    ['complete right.yaml --at 3', 'LINE:COLUMN'],
  ])('%s ends with 2', async (command, message) => {
    const result = await dsl(command);
    expect(result).toMatchObject({ code: 2, out: '' });
    expect(result.err).toMatch(/^parley: [^\n]+\n$/);
    expect(result.err).toContain(message);
  });
});

describe('dsl compile and graph', () => {
  it('compile', async () => {
    const { answer, code } = await json('compile right.yaml --facts --timezone Europe/Berlin');
    expect(code).toBe(0);
    expect(answer).toMatchObject({
      valid: true,
      sideEffects: [],
      ir: { format: 'parley.ir/1', timezone: 'Europe/Berlin' },
      facts: { topology: { longestPath: { steps: 2 } }, cost: { tasks: { min: 2, max: 2 } } },
    });
    expect((await dsl('compile right.yaml')).out).toContain('Workflow       a/b 0.1.0\n');
    const refused = await dsl('compile wrong.yaml');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('PL1021');
    expect(await json('compile wrong.yaml')).toMatchObject({ code: 1, answer: { valid: false } });
  });

  it('graph', async () => {
    expect((await json('graph right.yaml')).answer).toMatchObject({
      nodes: [{ id: 'start' }, { id: 'do/first' }, { id: 'do/second' }, { id: 'end' }],
    });
    expect((await dsl('graph right.yaml')).out).toContain('2 steps, 3 ways.\n');
    expect(await json('graph wrong.yaml')).toMatchObject({ code: 1, answer: { valid: false } });
  });
});

describe('dsl format', () => {
  const loose = `${head}do:\n    - a:   { wait:   PT1S }   # why\n`;

  it('prints, checks and writes', async () => {
    file('loose.yaml', loose);
    const formatted = (await dsl('format loose.yaml')).out;
    expect(formatted).toContain('# why');
    expect(formatted).not.toBe(loose);
    expect(await dsl('format loose.yaml --check')).toMatchObject({
      code: 1,
      out: 'loose.yaml is not formatted\n',
    });
    expect((await json('format loose.yaml')).answer).toEqual({ source: formatted, changed: true });
    expect(await dsl('format loose.yaml --write')).toMatchObject({
      code: 0,
      out: 'loose.yaml formatted\n',
    });
    expect(readFileSync(join(person.home, 'loose.yaml'), 'utf8')).toBe(formatted);
    expect(await dsl('format loose.yaml --check')).toEqual({ code: 0, out: '', err: '' });
  });

  it('refuses what cannot be read, and to write to a pipe', async () => {
    expect(await dsl('format -', { piped: 'do: [' })).toMatchObject({ code: 1, out: '' });
    expect(await dsl('format - --write', { piped: loose })).toMatchObject({ code: 2 });
  });
});

describe('dsl diff and breaking', () => {
  file('less.yaml', `${head}do:\n  - first: { wait: PT1S }\n`);
  file('before.yaml', `${head}schedule: { every: PT1H }\ndo: [{ a: { wait: PT1S } }]\n`);
  file('after.yaml', `${head}do: [{ a: { wait: PT1S } }]\n`);

  it('diff', async () => {
    const { out, code } = await dsl('diff less.yaml right.yaml');
    expect(code).toBe(0);
    expect(out).toBe('step first goes on with second\nadded step second, which sets a\n');
    expect((await dsl('diff less.yaml right.yaml --text')).out).toContain(
      '--- before\n+++ after\n',
    );
    expect((await dsl('diff right.yaml right.yaml')).out).toBe('The two are equal.\n');
    expect((await json('diff less.yaml right.yaml')).answer).toMatchObject({
      changes: [{ kind: 'changed' }, { kind: 'added', task: 'do/second' }],
      sideEffectsAdded: [],
    });
  });

  it('breaking', async () => {
    expect(await dsl('breaking before.yaml after.yaml')).toMatchObject({
      code: 1,
      out: `breaking  schedule: Runs no longer start by themselves
This breaks what others rely on: a major version; raise the version number to 0.2.0.
`,
    });
    expect(await json('breaking after.yaml before.yaml')).toMatchObject({
      code: 0,
      answer: { breaking: false, bump: 'minor', changes: [{ area: 'schedule' }] },
    });
    const refused = await json('breaking wrong.yaml right.yaml');
    expect(refused).toMatchObject({
      code: 1,
      answer: { valid: false, before: [{ code: 'PL1021' }], after: [] },
    });
  });
});

describe('dsl complete, hover and rename', () => {
  it('complete', async () => {
    const { answer, code } = await json('complete right.yaml --at 3:32');
    expect(code).toBe(0);
    expect(answer).toMatchObject({
      range: { start: { line: 3, column: 32 }, end: { line: 3, column: 38 } },
    });
    expect(answer['items']).toContainEqual(expect.objectContaining({ label: 'second' }));
    expect((await dsl('complete right.yaml --at 3:32')).out).toMatch(/^PROPOSAL +KIND/);
  });

  it('hover', async () => {
    const { answer } = await json('hover right.yaml --at 3:15');
    expect(answer).toMatchObject({ hover: { range: { start: { line: 3 } } } });
    expect(await json('hover right.yaml --at 9:1')).toMatchObject({ code: 0, answer: {} });
  });

  it('rename', async () => {
    const renamed = right.replaceAll('second', 'last');
    expect((await dsl('rename right.yaml do/second last')).out).toBe(renamed);
    expect((await dsl('rename right.yaml 3:33 last')).out).toBe(renamed);
    file('rename.yaml', right);
    await dsl('rename rename.yaml do/second last --write');
    expect(readFileSync(join(person.home, 'rename.yaml'), 'utf8')).toBe(renamed);
    expect((await dsl('rename right.yaml second last')).out).toBe(renamed);
    for (const what of ['do/nothing', 'nothing']) {
      expect(await json(`rename right.yaml ${what} x`)).toMatchObject({
        code: 1,
        answer: { changed: false, diagnostics: [{ code: 'PL1080' }] },
      });
    }
    const { err } = await dsl('rename right.yaml nothing x');
    expect(err).toContain('There is no step "nothing"');
    expect(err).not.toContain('not valid');
  });
});

describe('dsl suggest', () => {
  it('suggests for valid definitions', async () => {
    const get = '{ call: http, with: { method: get, endpoint: https://a.example } }';
    file('calls.yaml', `${head}do:\n  - a: ${get}\n  - b: ${get}\n`);
    const { answer, code } = await json('suggest calls.yaml');
    expect(code).toBe(0);
    expect(answer['suggestions']).toContainEqual(
      expect.objectContaining({ code: expect.stringMatching(/^PS2\d{3}$/) }),
    );
    expect((await dsl('suggest calls.yaml')).out).toMatch(/calls\.yaml:3:\d+: advice PS2\d{3} /);
    expect(await dsl('suggest wrong.yaml')).toMatchObject({ code: 1 });
  });
});

describe('dsl migrate', () => {
  const old = JSON.stringify({
    id: 'greet',
    name: 'Greet',
    version: '1.0',
    specVersion: '0.8',
    start: 'wait',
    keepActive: true,
    states: [{ name: 'wait', type: 'sleep', duration: 'PT5S', end: true }],
  });

  it('gives the definition on one stream and the report on the other', async () => {
    const { code, out, err } = await dsl('migrate -', { piped: old });
    expect(code).toBe(0);
    expect(await dsl('validate -', { piped: out })).toMatchObject({ code: 0 });
    expect(out).toContain('PT5S');
    expect(err).toMatch(/^<stdin>: dropped: \/keepActive: /m);
    const { answer } = await json('migrate -', { piped: old });
    expect(answer).toMatchObject({ definition: out });
    expect(answer['report']).toContainEqual(
      expect.objectContaining({ severity: 'dropped', pointer: '/keepActive' }),
    );
  });

  it('refuses what is no old definition', async () => {
    expect(await dsl('migrate right.yaml')).toMatchObject({ code: 1, out: '' });
    expect(await json('migrate right.yaml')).toMatchObject({ code: 1, answer: { valid: false } });
  });
});

describe('help', () => {
  const commands =
    'validate compile format diff breaking graph complete hover rename migrate suggest';
  it.each(commands.split(' '))('dsl %s --help ends with 0', async (command) => {
    const result = await dsl(`${command} --help`);
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out).toMatch(/\nExamples\n {2}\$ parley dsl/);
  });

  it('dsl alone shows its help and ends with 2', async () => {
    expect(await person.run(['dsl'])).toMatchObject({ code: 2, out: '' });
  });
});
