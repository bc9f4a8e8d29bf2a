import { describe, expect, it } from '@jest/globals';
import { diffDefinitions } from './diff.js';

const head = "document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }\n";
const pause = '  - pause: { wait: PT1S }\n';

function changes(before: string, after: string): string[] {
  return diffDefinitions(head + before, head + after).changes.map(({ summary }) => summary);
}

const added = (task: string) => changes(`do:\n${pause}`, `do:\n${pause}  - x: ${task}\n`);
const changed = (before: string, after: string) =>
  changes(`do:\n  - x: ${before}\n`, `do:\n  - x: ${after}\n`);

describe('an added step', () => {
  it.each([
    ['{ emit: { event: { with: { type: order.placed } } } }', 'emits order.placed'],
    ['{ listen: { to: { one: { with: { type: order.paid } } } } }', 'waits for order.paid'],
    ['{ listen: { to: { any: [] } } }', 'waits for any event'],
    [
      '{ listen: { to: { all: [{ with: { type: a } }, { with: { type: b } }] } } }',
      'waits for a and b',
    ],
    ['{ run: { container: { image: nginx } } }', 'runs the container nginx'],
    ['{ run: { shell: { command: ls -l } } }', 'runs the command "ls -l"'],
    ['{ run: { script: { language: js, code: "1" } } }', 'runs a script in js'],
    [
      "{ run: { workflow: { namespace: n, name: w, version: '1.0.0' } } }",
      'runs the workflow n/w 1.0.0',
    ],
    ['{ call: openapi, with: { operationId: getPet } }', 'calls the operation getPet'],
    ['{ call: grpc, with: { service: { name: G }, method: Hi } }', 'calls G/Hi'],
    ['{ call: asyncapi, with: { channel: c, message: {} } }', 'sends a message to c'],
    ['{ call: asyncapi, with: { channel: c, subscription: {} } }', 'reads messages of c'],
    [
      '{ call: mcp, with: { method: tools/call, parameters: { name: s } } }',
      'uses MCP: tools/call s',
    ],
    ['{ call: map, with: { in: .a, do: [] } }', 'does steps for each item, side by side'],
    ['{ call: log:1.0.0@global }', 'calls log:1.0.0@global'],
  ])('%s', (task, does) => {
    expect(added(task)).toEqual([`added step x, which ${does}`]);
  });
});

describe('a changed step', () => {
  it.each([
    [
      '{ emit: { event: { with: { type: a, data: 1 } } } }',
      '{ emit: { event: { with: { type: b, data: 1 } } } }',
      ['changed the event attribute "type" of step x from "a" to "b"'],
    ],
    [
      '{ run: { container: { image: a } } }',
      '{ run: { container: { image: b }, await: false } }',
      [
        'changed the container "image" of step x from "a" to "b"',
        'added the "await" of step x: false',
      ],
    ],
    [
      '{ run: { container: { image: a } } }',
      '{ run: { shell: { command: b } } }',
      ['changed step x: it now runs the command "b"'],
    ],
    [
      '{ call: map, with: { in: .a, do: [{ y: { set: { b: 1 } } }] } }',
      '{ call: map, with: { in: .a, do: [{ y: { set: { b: 2 } } }, { z: { wait: PT1S } }] } }',
      ['changed the value "b" of step y from 1 to 2', 'added step z, which waits 1 second'],
    ],
    [
      '{ listen: { to: { any: [] } }, foreach: { do: [{ y: { wait: PT1S } }] } }',
      '{ listen: { to: { any: [] } }, foreach: { item: e, do: [{ y: { wait: PT2S } }] } }',
      [
        'changed the handling of each event of step x from {} to {"item":"e"}',
        'changed the waiting time of step y from 1 second to 2 seconds',
      ],
    ],
  ])('%s → %s', (before, after, expected) => {
    expect(changed(before, after)).toEqual(expected);
  });
});

describe('what steps share', () => {
  const use = (text: string) => `use: ${text}\ndo:\n${pause}`;
  it.each([
    [
      '{ functions: { f: { set: { a: 1 } } } }',
      '{ functions: { f: { set: { a: 2 } }, g: { run: { container: { image: i } } } } }',
      ['changed the function f', 'added the function g, which runs the container i'],
    ],
    ['{ secrets: [a, b] }', '{ secrets: [b] }', ['removed the secret a']],
    [
      '{ retries: { r: { delay: PT1S } } }',
      '{ retries: { r: { delay: PT2S } } }',
      ['changed the retry policy r'],
    ],
  ])('%s → %s', (before, after, expected) => {
    expect(changes(use(before), use(after))).toEqual(expected);
  });

  it('says at which events runs start', () => {
    const on = 'schedule: { on: { one: { with: { type: order.placed } } } }\n';
    expect(changes(`do:\n${pause}`, `${on}do:\n${pause}`)).toEqual([
      'added the schedule: at order.placed',
    ]);
  });
});

describe('effects in words', () => {
  const effects = (before: string, after: string) =>
    diffDefinitions(head + before, head + after).effects;
  const http = 'call: http, with: { method: post, endpoint: https://a.example/refunds }';
  it.each([
    [`{ ${http} }`, 'now also calls POST https://a.example/refunds'],
    ['{ emit: { event: { with: { type: order.placed } } } }', 'now also emits order.placed'],
    ['{ run: { container: { image: nginx } } }', 'now also runs container nginx'],
    ['{ run: { shell: { command: ls } } }', 'now also runs shell ls'],
    ['{ run: { script: { language: js, code: "1" } } }', 'now also runs script js'],
    [
      "{ run: { workflow: { namespace: n, name: w, version: '1.0.0' } } }",
      'now also runs workflow n/w 1.0.0',
    ],
    [
      "{ call: mcp, with: { method: tools/call, parameters: { name: s }, transport: { http: { endpoint: 'https://a.example' } } } }",
      'now also calls mcp tools/call s',
    ],
    [
      '{ call: human, with: { title: Ok, assignee: { role: manager } } }',
      'now also asks role manager',
    ],
    ['{ call: worker, with: { queue: q, task: pack } }', 'now also gives work to q/pack'],
    ['{ call: log:1.0.0@global }', 'now also calls function log:1.0.0@global'],
    [
      `{ call: map, with: { in: .a, do: [{ y: { ${http} } }] } }`,
      'now also calls POST https://a.example/refunds',
    ],
    [
      `{ listen: { to: { any: [] } }, foreach: { do: [{ y: { ${http} } }] } }`,
      'now also calls POST https://a.example/refunds',
    ],
  ])('%s', (task, words) => {
    const catalogs = "use: { catalogs: { global: { endpoint: 'https://a.example' } } }\n";
    const before = `${catalogs}do:\n${pause}`;
    const after = `${before}  - x: ${task}\n`;
    expect(effects(before, after)).toEqual([words]);
    expect(effects(after, before)).toEqual([words.replace('now also', 'no longer')]);
  });

  it('counts what functions and extensions do', () => {
    const log = 'emit: { event: { with: { type: log } } }';
    const functions = `use: { functions: { f: { ${log} } } }\n`;
    const extension = `{ x: { extend: wait, after: [{ y: { ${log} } }] } }`;
    const extensions = `use: { extensions: [${extension}] }\n`;
    expect(
      effects(`${functions}do:\n${pause}`, `${functions}do:\n${pause}  - a: { call: f }\n`),
    ).toEqual(['now also emits log']);
    expect(effects(`do:\n${pause}`, `${extensions}do:\n${pause}`)).toEqual(['now also emits log']);
  });
});
