import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '@parley/kernel';
import { Scripts } from './scripts.js';

const limits = { memoryMebibytesMax: 32, outputBytesMax: 100_000 };
const scripts = new Scripts({ ...limits, workMsMax: 60_000 });
/** For scripts that go on until they are ended. */
const brief = new Scripts({ ...limits, workMsMax: 300 });

afterAll(() => Promise.all([scripts.end(), brief.end()]));

const never = () => new AbortController().signal;

async function run(code: string, given: { [name: string]: Json } = {}, by = scripts) {
  const args = { language: 'js', code, ...given };
  const outcome = await by.perform({ args }, never());
  return outcome.kind === 'completed' ? outcome.output : outcome.error;
}

const wrote = (stdout: string, rest: { code?: number; stderr?: string } = {}) => ({
  code: 0,
  stderr: '',
  ...rest,
  stdout,
});

describe('a script', () => {
  it('reads its input, arguments and environment as it would on Node', async () => {
    const code = `
      import { readFileSync } from 'node:fs';
      const stdin = readFileSync(process.stdin.fd, 'utf8');
      console.log('stdin > ', stdin);
      const [_, __, arg] = process.argv;
      console.log('arg > ', arg);
      console.log('env > ', process.env.foo);`;
    const given = { stdin: 'Hello Workflow', arguments: ['hello'], environment: { foo: 'bar' } };
    expect(await run(code, given)).toEqual(
      wrote('stdin >  Hello Workflow\narg >  hello\nenv >  bar\n'),
    );
  });

  it.each([
    [
      'texts and data',
      `console.log('a', 1, { b: [2, null] }, undefined)`,
      wrote('a 1 {"b":[2,null]} undefined\n'),
    ],
    ['without a line end', `process.stdout.write('a'); process.stdout.write('b')`, wrote('ab')],
    ['to both streams', `console.log('a'); console.error('b')`, wrote('a\n', { stderr: 'b\n' })],
    [
      'what comes later',
      `await null; Promise.resolve(7).then((n) => console.log(n))`,
      wrote('7\n'),
    ],
    [
      'before it leaves',
      `console.log('a'); try { process.exit(3) } finally { console.log('b') }`,
      wrote('a\n', { code: 3 }),
    ],
    ['with an exit code', `process.exitCode = 2`, wrote('', { code: 2 })],
    ['text of any script', `console.log('\\u0000 \\u{1f600} ü')`, wrote('\0 😀 ü\n')],
  ])('writes %s', async (_, code, expected) => {
    expect(await run(code)).toEqual(expected);
  });

  it('is given texts: what is none is JSON', async () => {
    const code = `console.log(process.argv.slice(2), process.env)`;
    const given = { arguments: [1, { a: true }], environment: { n: 2, none: null } };
    expect(await run(code, given)).toEqual(
      wrote('["1","{\\"a\\":true}"] {"n":"2","none":"null"}\n'),
    );
  });

  it.each([
    [
      'an exception',
      `const a = 1;\nthrow new TypeError('bad');`,
      'TypeError: bad (line 2, column 11 of the script)',
    ],
    ['a text', `throw 'just so'`, 'just so'],
    ['nothing', `throw undefined`, 'something unknown'],
    [
      'a rejection',
      `await null;\nnull.x`,
      /^TypeError: cannot read property 'x' of null \(line 2, column \d+ of the script\)$/,
    ],
    [
      'a mistake of its text',
      `const a = 1;\nlet let = 2;`,
      /^SyntaxError: .* \(line 2, column \d+ of the script\)$/,
    ],
  ])('fails with %s', async (_, code, detail) => {
    const shown = detail instanceof RegExp ? expect.stringMatching(detail) : detail;
    expect(await run(code)).toEqual({
      type: expect.stringMatching(/\/runtime$/),
      status: 500,
      title: 'The script failed',
      detail: shown,
    });
  });

  it('fails with an error that will not say what it is', async () => {
    const code = `throw { get message() { throw 1 }, get name() { return {} }, get stack() { return 7 } }`;
    expect(await run(code)).toMatchObject({ detail: 'something unknown' });
  });

  it('says what is wrong with what it is given', async () => {
    expect(await run('1', { arguments: 'no list' })).toMatchObject({
      type: expect.stringMatching(/\/validation$/),
      detail: 'The `arguments` of a script are a list.',
    });
  });
});

describe('a script that attacks', () => {
  it.each([
    ['files', `import fs from 'node:fs'; console.log(fs.readFileSync('/etc/passwd'))`, /no file/],
    [
      'modules of Node',
      `import { execSync } from 'node:child_process'`,
      /there is no module "node:child_process"/,
    ],
    ['modules that are named later', `await import("/etc/passwd")`, /there is no module/],
    ['require', `require('fs')`, /require is not defined/],
    ['the network', `await fetch('http://127.0.0.1')`, /fetch is not defined/],
    [
      'its way out by constructors',
      `const f = console.log.constructor.constructor('return this')(); f.process.binding('fs')`,
      /not a function/,
    ],
    ['the worker', `postMessage(1)`, /postMessage is not defined/],
    ['the frame around it', `console.log.caller.arguments`, /TypeError/],
  ])('does not reach %s', async (_, code, message) => {
    expect(await run(code)).toMatchObject({
      title: 'The script failed',
      detail: expect.stringMatching(message),
    });
  });

  it('changes its own builtins and nobody else’s', async () => {
    const evil = `
      for (const proto of [Object, Array, String, Function, Promise].map((one) => one.prototype)) {
        for (const name of Object.getOwnPropertyNames(proto)) {
          try { proto[name] = () => { throw new Error('mine') } } catch {}
        }
      }
      JSON.stringify = JSON.parse = () => 'mine';
      Object.prototype.kind = 'ended'; Object.prototype.stdout = 'forged';`;
    await run(evil);
    expect(await run(`console.log({ a: [1] }, ({}).kind, 'x'.toUpperCase())`)).toEqual(
      wrote('{"a":[1]} undefined X\n'),
    );
    expect(({} as { kind?: unknown }).kind).toBeUndefined();
  });

  it.each([
    ['loops', `for (;;);`],
    ['loops in promises', `const again = () => Promise.resolve().then(again); again();`],
    ['catches what ends it', `for (;;) { try { for (;;); } catch {} finally { for (;;); } }`],
    ['calls itself in every handler', `const f = () => { try { f() } catch { f() } }; f()`],
    ['throws something that never says what it is', `throw { get name() { for (;;); } }`],
    ['throws something that never says where', `throw { get stack() { for (;;); } }`],
    ['backtracks in an expression', `/^(a+)+$/.test('a'.repeat(60) + 'b')`],
    ['cannot be interrupted', `'a'.repeat(3e6).indexOf('a'.repeat(1e6) + 'b')`],
  ])('is ended when it %s', async (_, code) => {
    expect(await run(code, {}, brief)).toMatchObject({
      type: expect.stringMatching(/\/timeout$/),
      title: 'The script took too long',
    });
  });

  it.each([
    ['texts', `const kept = []; for (;;) kept.push('x'.repeat(1e6) + kept.length)`],
    ['lists', `const kept = []; for (;;) kept.push(new Array(1000).fill(0))`],
    ['buffers', `const kept = []; for (;;) kept.push(new Uint8Array(1e6))`],
    ['one large buffer', `new ArrayBuffer(1e9)`],
  ])('is ended when it fills the memory with %s', async (_, code) => {
    expect(await run(code)).toMatchObject({ title: 'The script used too much memory' });
  });

  it.each([
    ['in one piece', `console.log('x'.repeat(1_000_000))`],
    ['line by line', `for (;;) console.log('x'.repeat(1_000))`],
    ['on the other stream', `for (;;) console.error('😀'.repeat(100))`],
    ['and catches what ends it', `for (;;) { try { console.log('x'.repeat(50_000)) } catch {} }`],
  ])('is ended when it writes too much, %s', async (_, code) => {
    expect(await run(code)).toMatchObject({ title: 'The script wrote too much' });
  });

  it.each([
    ['calls itself for ever', `const f = () => f() + 1; f()`],
    [
      'nests data without end',
      `let a = []; for (let i = 0; i < 100_000; i++) a = [a]; JSON.stringify(a)`,
    ],
    ['nests texts without end', `JSON.parse('['.repeat(1_000_000))`],
    ['nests code without end', `eval('('.repeat(1_000_000))`],
  ])('fails when it %s', async (_, code) => {
    expect(await run(code)).toMatchObject({ type: expect.stringMatching(/\/runtime$/) });
    expect(await run(`console.log('next')`)).toEqual(wrote('next\n'));
  });

  it('does not wait for what never comes', async () => {
    expect(await run(`await new Promise(() => {})`)).toMatchObject({
      title: 'The script never ends',
    });
  });

  it('is ended when nobody waits for it any more', async () => {
    const abort = new AbortController();
    const ended = scripts.perform({ args: { code: 'for (;;);' } }, abort.signal);
    abort.abort(new Error('given up'));
    await expect(ended).rejects.toThrow('given up');
    expect(await run(`console.log('next')`)).toEqual(wrote('next\n'));
  });
});

describe('scripts that are ended', () => {
  it('take their threads with them, and begin no others', async () => {
    const ending = new Scripts({ ...limits, workMsMax: 60_000 });
    const first = ending.perform({ args: { code: '' } }, never());
    const unheard = expect(first).rejects.toThrow('the scripts are stopped');
    await ending.end();
    await unheard;
    const late = ending.perform({ args: { code: '' } }, never());
    await expect(late).rejects.toThrow('the scripts are stopped');
  });

  it('are waited for by everybody who ends them', async () => {
    const ending = new Scripts({ ...limits, workMsMax: 60_000 });
    await ending.perform({ args: { code: '' } }, never());
    const { terminate } = Worker.prototype;
    const gate = Promise.withResolvers<undefined>();
    const held = jest.spyOn(Worker.prototype, 'terminate').mockImplementation(async function (
      this: Worker,
    ) {
      await gate.promise;
      return terminate.call(this);
    });
    const done: string[] = [];
    const both = ['first', 'second'].map((name) => ending.end().then(() => done.push(name)));
    await setImmediate();
    expect(done).toEqual([]);
    gate.resolve(undefined);
    await Promise.all(both);
    expect(held).toHaveBeenCalledTimes(1);
    held.mockRestore();
  });
});
