import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compile } from '@parley/jq';
import type { Ir, IrNode, Target, Template } from '@parley/ir';
import { isJsonObject } from '@parley/kernel';
import { compileDefinition } from '../compile/compile.js';

const goldens = join(import.meta.dirname, '../../goldens');
const spec = process.env['PARLEY_SPEC_DIR'];
const folders = [goldens, ...(spec === undefined ? [] : [join(spec, 'examples')])];
const definitions = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file): [string, string] => [file, readFileSync(join(folder, file), 'utf8')]),
);
const read = (file: string) => JSON.parse(readFileSync(join(goldens, file), 'utf8')) as never;

function irOf(source: string): Ir {
  const options = { catalogue: read('catalogue.json'), lock: read('lock.json') };
  const { ir, diagnostics } = compileDefinition(source, options);
  if (ir === undefined) throw new Error(JSON.stringify(diagnostics));
  return ir;
}

function targetsOf(node: IrNode): Target[] {
  if (node.kind === 'switch') return [node.next, ...node.cases.map(({ then }) => then)];
  if (node.kind === 'try' && node.catch.then !== undefined) return [node.next, node.catch.then];
  return [node.next];
}

function scopesOf(node: IrNode): string[] {
  const found: (string | undefined)[] = [];
  if ('body' in node) found.push(node.body);
  if (node.kind === 'fork') found.push(node.branches);
  if (node.kind === 'try') found.push(node.catch.body);
  if (node.kind === 'listen' || node.kind === 'call') found.push(node.foreach?.body);
  return found.filter((scope) => scope !== undefined);
}

/** Every jq program in a value: `source` of templates, durations and the like. */
function* programsIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* programsIn(item);
  if (!isJsonObject(value) || (value as unknown as Template).kind === 'literal') return;
  for (const [key, member] of Object.entries(value)) {
    if (typeof member !== 'string') yield* programsIn(member);
    else if (programs.has(key)) yield member;
  }
}

const programs = new Set(['source', 'if', 'when', 'exceptWhen', 'while', 'until', 'filter']);
const language = 'context input output secrets authorization task workflow runtime'.split(' ');

describe('an IR', () => {
  it.each(definitions)('of %s hangs together', (_, source) => {
    const { nodes, scopes } = irOf(source);
    const owned = new Map<string, string>();
    for (const [id, node] of Object.entries(nodes)) {
      const scope = scopes[node.scope];
      expect(node.id).toBe(id);
      expect(scope?.nodes).toContain(id);
      expect(scope?.owner === undefined || id.startsWith(`${scope.owner}/`)).toBe(true);
      for (const target of targetsOf(node)) {
        if (target.to === 'node') expect(scope?.nodes).toContain(target.node);
      }
      for (const inner of scopesOf(node)) owned.set(inner, id);
    }
    for (const [id, scope] of Object.entries(scopes)) {
      expect([id, scope.owner]).toEqual([scope.id, owned.get(id)]);
      expect(scope.nodes.every((node) => nodes[node]?.scope === id)).toBe(true);
    }
  });

  it.each(definitions)('of %s has only programs that compile', (_, source) => {
    const { nodes } = irOf(source);
    const own = Object.values(nodes).flatMap((node) =>
      [...JSON.stringify(node).matchAll(/"(?:each|at|as|item)":"(\w+)"/g)].map(([, name]) => name),
    );
    const variables = [...language, ...own.filter((name) => name !== undefined)];
    for (const program of programsIn(nodes)) {
      const compiled = compile(program, { variables });
      expect(compiled.ok ? '' : `${program}: ${compiled.error.message}`).toBe('');
    }
  });
});

describe('what lowering keeps apart', () => {
  const nodesOf = (text: string) =>
    irOf(`document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }\n${text}`).nodes;

  it('keys whose order JavaScript would change', () => {
    const { 'do/a': node } = nodesOf("do: [{ a: { set: { b: 1, '10': { '2': x, '1': y } } } }]");
    const literal = (value: unknown) => ({ kind: 'literal', value });
    const inner = [
      ['2', literal('x')],
      ['1', literal('y')],
    ];
    expect(node).toMatchObject({
      value: {
        kind: 'object',
        entries: [
          ['b', literal(1)],
          ['10', { entries: inner }],
        ],
      },
    });
  });

  it('extensions of one name', () => {
    const wait = 'extend: all, before: [{ a: { wait: PT1S } }]';
    const text = `use: { extensions: [{ x: { ${wait} } }, { x: { ${wait} } }] }\ndo: [{ a: { wait: PT1S } }]`;
    expect(Object.keys(nodesOf(text))).toEqual([
      'do/a',
      'do/a/extensions/before/x/a',
      'do/a/extensions/before/x#2/a',
      'do/a/extensions/task/a',
    ]);
  });
});

describe('what functions make too much of', () => {
  const refused = (functions: readonly string[]) => {
    const { diagnostics, ir } = compileDefinition(
      `document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }
use: { functions: { ${functions.join(', ')}, f${functions.length}: { wait: PT1S } } }
do: [{ start: { call: f0 } }]`,
    );
    expect(ir).toBeUndefined();
    return diagnostics.map(({ code, message }) => `${code} ${message}`);
  };

  it('steps', () => {
    const twice = (name: string) => `{ do: [{ a: { call: ${name} } }, { b: { call: ${name} } }] }`;
    const functions = Array.from({ length: 16 }, (_, at) => `f${at}: ${twice(`f${at + 1}`)}`);
    expect(refused(functions)).toEqual([expect.stringMatching(/^PL1061 .* more than 40000 steps/)]);
  });

  it('calls in calls', () => {
    const functions = Array.from({ length: 5_000 }, (_, at) => `f${at}: { call: f${at + 1} }`);
    expect(refused(functions)).toEqual([expect.stringMatching(/^PL1061 .* more than 50 deep/)]);
  });
});
