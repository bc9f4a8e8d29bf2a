import { Reporter } from '../diagnostics/reporter.js';
import { task } from '../language/tasks.js';
import { workflow } from '../language/workflow.js';
import { memberOf, textOf, type SourceNode } from '../source/tree.js';
import type { Check, CheckOptions, Env } from './context.js';
import { checkCycles } from './cycles.js';
import { Declarations } from './declarations.js';
import { checkExternals } from './externals.js';
import { Repeats } from './repeats.js';
import { checkUses } from './uses.js';
import { walk } from './walk.js';

const outermost: Env = { at: 'task', scoped: [], blind: false };

/**
 * Finds everything that is wrong with a definition, and what is doubtful: one finding for one
 * mistake. A definition without errors can be lowered.
 */
export function checkDefinition(
  root: SourceNode,
  reporter: Reporter,
  options: CheckOptions = {},
): void {
  if (isOld(root)) {
    reportOld(reporter, root);
    return;
  }
  const check = checkOf(root, reporter, options);
  walk(check, root, workflow, outermost);
  finish(check);
  if (check.external) checkExternals(check, root, (content) => wrongIn(content, check));
}

/** Definitions of version 0.8 have states, and what documents them stands on top. */
function isOld(root: SourceNode): boolean {
  const has = (key: string) => memberOf(root, key) !== undefined;
  return memberOf(root, 'states')?.kind === 'list' && !has('document') && !has('do');
}

function reportOld(reporter: Reporter, root: SourceNode): void {
  const place = memberOf(root, 'specVersion') ?? memberOf(root, 'states') ?? root;
  const { start, end } = place.keySpan ?? place.span;
  reporter.report(
    'PL1043',
    { span: { start, end }, pointer: place.pointer },
    {
      message:
        'The definition is written for version 0.8 of the language; "parley dsl migrate" turns it into 1.0',
      expected: '1.0.x',
      actual: textOf(memberOf(root, 'specVersion')) ?? '0.8',
    },
  );
}

function checkOf(root: SourceNode, reporter: Reporter, options: CheckOptions): Check {
  const check: Check = {
    source: reporter.source,
    reporter,
    options,
    declared: new Declarations(root),
    repeats: new Repeats(reporter),
    uses: [],
    asked: new Map(),
    astray: new Map(),
    loose: isLoose(memberOf(root, 'evaluate')),
    external: false,
    tasks: 0,
    walk: (node, shape, env) => {
      walk(check, node, shape, env);
    },
  };
  return check;
}

/** Loose, or nobody can tell. */
function isLoose(evaluate: SourceNode | undefined): boolean {
  if (evaluate?.kind !== 'map') return evaluate !== undefined;
  const mode = memberOf(evaluate, 'mode');
  if (mode === undefined) return evaluate.entries.some(({ key }) => key !== 'language');
  return textOf(mode) !== 'strict';
}

function finish(check: Check): void {
  checkUses(check);
  checkCycles(check);
  check.repeats.report();
}

/** The first thing that is wrong with a task from outside, in words. */
function wrongIn(content: SourceNode, { options }: Check): string | undefined {
  const reporter = new Reporter('');
  const check = checkOf(content, reporter, { catalogue: options.catalogue });
  walk(check, content, task, outermost);
  finish(check);
  return reporter.diagnostics().find(({ severity }) => severity === 'error')?.message;
}
