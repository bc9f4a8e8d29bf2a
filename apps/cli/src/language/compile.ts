import type { SideEffect } from '@parley/contracts';
import { compileDefinition, graphOf, type Compilation } from '@parley/dsl';
import { factsOf } from '@parley/ir';
import { detailsText, tableText } from '../output/table.js';
import { oneLine } from '../output/text.js';
import { alone, ordered, refuse } from './check.js';
import { dslExitCodes, type LanguageContext } from './context.js';
import { numbered } from './show-findings.js';
import { readOptions, readSources, type ReadingOptions, type SourceFile } from './sources.js';

export interface CompileCommandOptions extends ReadingOptions {
  readonly facts?: boolean;
}

type Compiled = SourceFile & Compilation;

/** Shows what definitions are compiled to: all of it as JSON, the essence as text. */
export async function compile(
  context: LanguageContext,
  files: readonly string[],
  options: CompileCommandOptions,
): Promise<void> {
  const { print, outcome } = context;
  const results = await compileAll(context, files, options);
  if (print.format !== 'json') {
    for (const one of results) {
      if (one.ir === undefined) refuse(context, one, one.diagnostics);
      else print.value(one, () => summary(one));
    }
    return;
  }
  if (results.some(({ valid }) => !valid)) outcome.exitCode = dslExitCodes.invalid;
  const answers = results.map(({ source: _, diagnostics, ...one }) => ({
    ...one,
    diagnostics: diagnostics.map(ordered),
    ...(options.facts === true && one.ir !== undefined ? { facts: factsOf(one.ir) } : {}),
  }));
  print.value(alone(answers), () => '');
}

async function compileAll(
  { terminal }: LanguageContext,
  files: readonly string[],
  options: ReadingOptions,
): Promise<Compiled[]> {
  const given = await readOptions(terminal, options);
  const sources = await readSources(terminal, files);
  return sources.map((one) => ({ ...one, ...compileDefinition(one.source, given) }));
}

function summary({ ir, sideEffects, file }: Compiled): string {
  if (ir === undefined) return '';
  const { namespace, name, version } = ir.document;
  const { cost, topology } = factsOf(ir);
  return detailsText([
    ['File', file],
    ['Workflow', `${namespace}/${name} ${version}`],
    ['Hash', ir.hash],
    ['Steps', `${Object.keys(ir.nodes).length} (${topology.longestPath.steps} on the longest way)`],
    ['Calls per run', `${cost.calls.min} to ${cost.calls.formula}`],
    ['Does', [...new Set(sideEffects.map(effectText))].join('\n')],
  ]);
}

function effectText({ kind, method, operation, target, connector }: SideEffect): string {
  const what = method === undefined ? target : `${method} ${target}`;
  const by = connector ?? (kind === 'process' ? operation : undefined) ?? kind;
  return oneLine(`${by}: ${what}`);
}

/** Shows the steps of definitions and the ways between them. */
export async function graph(
  context: LanguageContext,
  files: readonly string[],
  options: ReadingOptions,
): Promise<void> {
  const { print } = context;
  const answers: { file: string; graph: ReturnType<typeof graphOf> }[] = [];
  for (const one of await compileAll(context, files, options)) {
    if (one.ir === undefined) {
      refuse(context, one, one.diagnostics);
      return;
    }
    answers.push({ file: one.file, graph: graphOf(one.ir) });
  }
  const [only] = answers;
  const value =
    answers.length === 1 ? only?.graph : answers.map(({ file, graph }) => ({ file, ...graph }));
  print.value(value, () => answers.map((one) => graphText(one.graph, print.colours)).join('\n\n'));
}

function graphText({ nodes, edges }: ReturnType<typeof graphOf>, colours: boolean): string {
  const depth = new Map<string, number>();
  for (const { id, parent } of nodes)
    depth.set(id, parent === undefined ? 0 : (depth.get(parent) ?? 0) + 1);
  const columns = [
    {
      title: 'step',
      value: ({ id, name }: (typeof nodes)[number]) => `${'· '.repeat(depth.get(id) ?? 0)}${name}`,
    },
    { title: 'kind', value: ({ kind }: (typeof nodes)[number]) => kind },
    { title: 'does', value: ({ detail }: (typeof nodes)[number]) => detail },
    {
      title: 'goes on with',
      value: ({ id }: (typeof nodes)[number]) =>
        edges
          .filter(({ from }) => from === id)
          .map(({ to, label }) => (label === undefined ? to : `${to} (${label})`))
          .join(', '),
    },
  ];
  return `${tableText(columns, nodes, colours)}\n${numbered(nodes.length - 2, 'step')}, ${numbered(edges.length, 'way')}.`;
}
