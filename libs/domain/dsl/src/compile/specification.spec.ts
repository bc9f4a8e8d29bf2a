import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { hashJson } from '@parley/ir';
import type { Json } from '@parley/kernel';
import { externalsOf, type ExternalReference } from '../lock/externals.js';
import type { Lock, LockedExternal } from '../lock/lock.js';
import { parseDefinition } from '../source/parse.js';
import { compileDefinition } from './compile.js';

const folder = process.env['PARLEY_SPEC_DIR'];
const suite = folder === undefined ? describe.skip : describe;
const files = (name: string, ending: string): [string, string][] =>
  folder === undefined
    ? [['PARLEY_SPEC_DIR is not set', '']]
    : readdirSync(join(folder, name))
        .filter((file) => file.endsWith(ending))
        .map((file) => [file, readFileSync(join(folder, name, file), 'utf8')]);

/** Definitions of the conformance kit: the first block of text of each scenario that is one. */
const scenarios = (): [string, string][] =>
  files('ctk', '.feature').flatMap(([file, feature]) =>
    feature
      .split(/^\s*Scenario:/m)
      .slice(1)
      .map((scenario): [string, string] => {
        const name = scenario.split('\n', 1)[0]?.trim() ?? '';
        const text = /"""(?:ya?ml)?\n([\s\S]*?)"""/.exec(scenario)?.[1] ?? '';
        return [`${file}: ${name}`, outdented(text)];
      }),
  );

function outdented(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const indent = Math.min(...lines.map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(indent)).join('\n');
}

/** A document that has whatever is asked of it. */
function stub({ kind, uri, operation }: ExternalReference): LockedExternal {
  const contents: Readonly<Record<ExternalReference['kind'], Json>> = {
    openapi: {
      openapi: '3.1.0',
      servers: [{ url: 'https://stub.example.com' }],
      paths: { [`/${operation ?? ''}`]: { get: { operationId: operation ?? '' } } },
    },
    asyncapi: { asyncapi: '3.0.0' },
    proto: 'syntax = "proto3";',
    function: { set: { stubbed: true } },
    schema: { type: 'object' },
    'agent-card': { name: 'stub' },
    script: 'print()',
  };
  const content = contents[kind];
  return { kind, uri, sha256: hashJson(content), content };
}

/** One document for each address; the OpenAPI documents have all operations that are called. */
function lockOf(source: string): Lock {
  const { root } = parseDefinition(source);
  const references = root === undefined ? [] : externalsOf(root);
  const externals = new Map<string, LockedExternal>();
  for (const reference of references) {
    const made = stub(reference);
    const before = externals.get(reference.uri);
    const merged =
      before === undefined || reference.kind !== 'openapi'
        ? made
        : { ...made, content: mergedPaths(before.content, made.content) };
    externals.set(reference.uri, merged);
  }
  return { externals: [...externals.values()] };
}

function mergedPaths(one: Json, other: Json): Json {
  const pathsOf = (document: Json) => (document as { paths: Record<string, Json> }).paths;
  return { ...(one as object), paths: { ...pathsOf(one), ...pathsOf(other) } };
}

suite('the specification (PARLEY_SPEC_DIR)', () => {
  it.each(files('examples', '.yaml'))('example %s', (_, source) => {
    const lock = lockOf(source);
    const { valid, diagnostics, ir } = compileDefinition(source, { lock, unresolved: 'error' });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(diagnostics.filter(({ code }) => code === 'PL1070')).toEqual([]);
    expect(valid).toBe(true);
    expect(ir?.externals ?? []).toHaveLength(lock.externals.length);
    expect(Object.values(ir?.nodes ?? {}).filter(isUnpinned)).toEqual([]);
    expect(compileDefinition(source, { lock }).ir?.hash).toBe(ir?.hash);
    const changed = lock.externals.map((one) => ({ ...one, sha256: hashJson(one.sha256) }));
    const other = compileDefinition(source, { lock: { externals: changed } }).ir?.hash;
    expect(other === ir?.hash).toBe(lock.externals.length === 0);
  });

  it.each(files('examples', '.yaml'))('example %s without documents', (_, source) => {
    const { valid, diagnostics } = compileDefinition(source);
    const unread = diagnostics.filter(({ code }) => code === 'PL1070');
    expect(valid).toBe(true);
    expect(unread.every(({ severity }) => severity === 'warning')).toBe(true);
    expect(compileDefinition(source, { unresolved: 'error' }).valid).toBe(unread.length === 0);
  });

  it.each(scenarios())('conformance kit, %s', (_, source) => {
    const { valid, diagnostics, ir } = compileDefinition(source, { lock: lockOf(source) });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(valid && ir !== undefined).toBe(true);
  });

  it.each(files('invalid', '.yaml'))('refuses %s', (_, source) => {
    const { valid, diagnostics } = compileDefinition(source);
    expect(valid).toBe(false);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toHaveLength(1);
  });

  it('has everything that it should have', () => {
    if (folder === undefined) return;
    expect(files('examples', '.yaml')).toHaveLength(68);
    expect(scenarios()).toHaveLength(21);
  });
});

function isUnpinned(node: {
  readonly kind: string;
  readonly function?: string;
  request?: unknown;
}) {
  if (node.function === 'custom') return true;
  return node.function === 'openapi' && node.request === undefined;
}
