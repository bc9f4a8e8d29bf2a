import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '@parley/kernel';
import fc from 'fast-check';
import { renderDefinition } from '../render/render.js';
import { parseDefinition, type ParsedSource } from '../source/parse.js';
import { toJson, type SourceNode } from '../source/tree.js';
import { applyEdits } from './apply.js';
import type { Edit, Placement } from './edits.js';
import { findStep, stepPaths } from './locate.js';

const seed = 20_261;
const names = ['a', 'b', 'stepC', 'd e', 'e/f', 'ü', '7', 'then', 'x: y', "it's"];
const text = fc.constantFrom(
  'plain',
  '${ .a }',
  'x ${ .b } # y',
  'yes',
  '1',
  '',
  ' lead',
  'two\nlines\n',
  'a: b',
  '- c',
  '{',
  "it's",
  '"q"',
  'tab\there',
);
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    text,
    fc.integer(),
    fc.constantFrom<Json>(null, true, [], {}),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3 }),
  ),
})).value;

const task: fc.Arbitrary<JsonObject> = fc.letrec<{ task: JsonObject; list: Json }>((tie) => ({
  task: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ set: fc.dictionary(fc.constantFrom(...names), value, { minKeys: 1, maxKeys: 3 }) }),
    fc.record({ if: text, wait: fc.constant('PT1S') }),
    fc.record({
      call: fc.constant('connector'),
      with: fc.record({
        connector: text,
        input: fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }),
      }),
    }),
    fc.record({ do: tie('list') }),
    fc.record({
      try: tie('list'),
      catch: fc.oneof(fc.constant({}), fc.record({ do: tie('list') })),
    }),
    fc.record({ fork: fc.record({ branches: tie('list') }) }),
  ),
  list: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), tie('task')), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    })
    .map((steps) => steps.map(([name, step]) => ({ [name]: step }))),
})).task;

const tasks = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...names), task), {
    minLength: 1,
    maxLength: 5,
    selector: ([name]) => name,
  })
  .map((steps) => steps.map(([name, step]) => ({ [name]: step })));

/** Comments and blank lines where people put them. */
function decorate(source: string, choices: readonly number[]): string {
  let block = -1;
  return source
    .split('\n')
    .map((line, index) => {
      const indent = /^ */.exec(line)?.[0].length ?? 0;
      if (block !== -1 && (line.trim() === '' || indent > block)) return line;
      block = /[|>][-+]?\d*$/.test(line) ? indent : -1;
      const choice = choices[index % choices.length];
      if (!/^ *- [^ ].*:$/.test(line))
        return choice === 3 && /^ +\w+: \w+$/.test(line) ? `${line} # note` : line;
      if (choice === 1) return `${' '.repeat(indent)}# about it\n${line}`;
      return choice === 2 ? `\n${line}` : line;
    })
    .join('\n');
}

const definition = fc
  .tuple(tasks, fc.array(fc.nat(4), { minLength: 1, maxLength: 20 }), fc.boolean())
  .map(([steps, choices, json]) => {
    const whole = { document: { name: 'x' }, do: steps };
    return json ? JSON.stringify(whole, null, 2) : decorate(renderDefinition(whole), choices);
  });

function read(source: string): ParsedSource & { root: SourceNode } {
  const parsed = parseDefinition(source);
  if (parsed.root === undefined)
    throw new Error(JSON.stringify(parsed.reporter.diagnostics()) + source);
  return { ...parsed, root: parsed.root };
}

/** The written text of every step: name, task, and nothing around it. */
function slices(source: string): Map<string, string> {
  const { root } = read(source);
  return new Map(
    stepPaths(root).map((path) => {
      const step = findStep(root, path);
      if (step === undefined) throw new Error(`lost ${path}`);
      return [path, source.slice(step.item.span.start, step.item.span.end)];
    }),
  );
}

const isInside = (path: string, of: string) => path === of || path.startsWith(`${of}/`);
const holds = (path: string, other: string) => other.startsWith(`${path}/`);

function withoutIndentation(slice: string): string {
  return slice.replaceAll(/^ +/gm, '');
}

describe('E1: other steps keep their bytes', () => {
  const run = (
    make: (
      paths: string[],
      pick: number[],
      step: JsonObject,
      data: Json,
    ) => { edit: Edit; touched: string[] },
    moved = false,
  ) => {
    fc.assert(
      fc.property(
        definition,
        fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 }),
        task,
        value,
        (source, pick, step, data) => {
          const before = slices(source);
          const { edit, touched } = make([...before.keys()], pick, step, data);
          const result = applyEdits(source, [edit]);
          if (!result.ok) return;
          const after = slices(result.value);
          for (const [path, slice] of before) {
            if (touched.some((one) => isInside(path, one) || holds(path, one))) continue;
            expect({ path, slice: after.get(path) }).toEqual({ path, slice });
          }
          if (moved) {
            const bag = [...after.values()].map(withoutIndentation);
            for (const [path, slice] of before) {
              if (isInside(path, touched[0] ?? ''))
                expect(bag).toContain(withoutIndentation(slice));
            }
          }
        },
      ),
      { seed, numRuns: 60 },
    );
  };
  const at = <T>(list: readonly T[], index = 0): T => list[index % list.length] as T;
  const scopeOf = (path: string) => path.slice(0, path.lastIndexOf('/'));
  const ownerOf = (scope: string) => scope.replace(/\/(do|try|catch\/do|fork\/branches)$/, '');
  const place = (path: string, kind = 0): Placement =>
    at<Placement>(
      [
        { after: path },
        { before: path },
        { in: scopeOf(path) },
        { in: scopeOf(path), first: true },
      ],
      kind,
    );
  const around = (path: string) => [`${ownerOf(scopeOf(path))}/added!`];

  it('addStep', () => {
    run((paths, [p, k], step) => {
      const path = at(paths, p);
      return {
        edit: { kind: 'addStep', name: 'added!', task: step, at: place(path, k) },
        touched: scopeOf(path) === 'do' ? ['do/added!'] : around(path),
      };
    });
  });
  it('removeStep', () => {
    run((paths, [p]) => ({
      edit: { kind: 'removeStep', step: at(paths, p) },
      touched: [at(paths, p)],
    }));
  });
  it('replaceStep', () => {
    run((paths, [p], step) => ({
      edit: { kind: 'replaceStep', step: at(paths, p), task: step },
      touched: [at(paths, p)],
    }));
  });
  it('setMember', () => {
    run((paths, [p], _, data) => ({
      edit: { kind: 'setMember', step: at(paths, p), path: ['metadata', 'x'], value: data },
      touched: [at(paths, p)],
    }));
  });
  it('setInput', () => {
    run((paths, [p, n], _, data) => ({
      edit: { kind: 'setInput', step: at(paths, p), input: at(names, n), value: data },
      touched: [at(paths, p)],
    }));
  });
  it('renameStep', () => {
    run((paths, [p]) => ({
      edit: { kind: 'renameStep', step: at(paths, p), name: 'added!' },
      touched: [at(paths, p)],
    }));
  });
  it('moveStep', () => {
    run((paths, [p, q, k]) => {
      const [path, target] = [at(paths, p), at(paths, q)];
      return {
        edit: { kind: 'moveStep', step: path, at: place(target, k) },
        touched: [path, ...(scopeOf(target) === 'do' ? [] : [`${ownerOf(scopeOf(target))}/x`])],
      };
    });
  });
  it('wrapSteps', () => {
    run((paths, [p]) => ({
      edit: { kind: 'wrapSteps', steps: [at(paths, p)], name: 'added!', task: { if: '.x' } },
      touched: [at(paths, p)],
    }));
  });
});

describe('edits do what they say', () => {
  it('a replaced step holds the new task, and setting a member sets it', () => {
    fc.assert(
      fc.property(definition, fc.nat(1000), task, value, (source, pick, step, data) => {
        const paths = [...slices(source).keys()];
        const path = paths[pick % paths.length] ?? '';
        const result = applyEdits(source, [
          { kind: 'replaceStep', step: path, task: step },
          { kind: 'setMember', step: path, path: ['metadata', 'x', 'y'], value: data },
        ]);
        if (!result.ok) throw new Error(JSON.stringify(result.error));
        const found = findStep(read(result.value).root, path);
        expect(found && toJson(found.entry.value)).toEqual({
          ...step,
          metadata: { x: { y: data } },
        });
      }),
      { seed, numRuns: 100 },
    );
  });

  it('a moved or wrapped step is still the same task', () => {
    fc.assert(
      fc.property(definition, fc.nat(1000), (source, pick) => {
        const paths = [...slices(source).keys()];
        const path = paths[pick % paths.length] ?? '';
        const before = findStep(read(source).root, path);
        const result = applyEdits(source, [
          { kind: 'wrapSteps', steps: [path], name: 'outer!', into: 'try', task: { catch: {} } },
        ]);
        if (!result.ok) throw new Error(JSON.stringify(result.error));
        const outer = path.replace(/[^/]*$/, 'outer!');
        const inside = findStep(
          read(result.value).root,
          `${outer}/try/${path.slice(path.lastIndexOf('/') + 1)}`,
        );
        expect(inside && toJson(inside.entry.value)).toEqual(before && toJson(before.entry.value));
        const back = applyEdits(result.value, [
          {
            kind: 'moveStep',
            step: `${outer}/try/${path.slice(path.lastIndexOf('/') + 1)}`,
            at: { after: outer },
          },
          { kind: 'removeStep', step: outer },
        ]);
        if (!back.ok) throw new Error(JSON.stringify(back.error));
        expect(toJson(read(back.value).root)).toEqual(toJson(read(source).root));
      }),
      { seed, numRuns: 100 },
    );
  });

  it('rendering loses nothing', () => {
    fc.assert(
      fc.property(tasks, (steps) => {
        const whole = { do: steps };
        expect(toJson(read(renderDefinition(whole)).root)).toEqual(whole);
      }),
      { seed, numRuns: 100 },
    );
  });
});
