import { costOf, dataFlowOf, topologyOf } from '@parley/ir';
import * as dsl from '../src/index.js';
import { migrateDefinition } from '../src/migrate/migrate.js';
import { catalogue } from './mutants/corpus.js';

/** Everything of the language that takes a text and a place in it from outside. */
export const tools: Readonly<Record<string, (text: string, offset: number) => unknown>> = {
  format: (text) => dsl.formatDefinition(text),
  complete: (text, offset) => dsl.completeAt(text, offset, { catalogue }),
  hover: (text, offset) => dsl.hoverAt(text, offset, { catalogue }),
  rename: (text, offset) => dsl.renameAt(text, offset, 'another name'),
  'rename the first step': (text) => dsl.renameStep(text, firstStep(text), 'another/name'),
  suggest: (text) => dsl.suggestImprovements(text, { catalogue }),
  migrate: (text) => migrateDefinition(text),
  externals: (text) => {
    const { root } = dsl.parseDefinition(text);
    return root && dsl.externalsOf(root);
  },
  diff: (text) => dsl.diffDefinitions(text, `${text}\n`),
  breaking: (text) => dsl.breakingChanges(text, text),
  'place of the step': (text, offset) => dsl.stepAt(text, offset),
  graph: (text) => {
    const { ir } = dsl.compileDefinition(text);
    return ir && [dsl.graphOf(ir), topologyOf(ir), dataFlowOf(ir), costOf(ir)];
  },
};

function firstStep(text: string): string {
  const { root } = dsl.parseDefinition(text);
  return (root && dsl.stepPaths(root)[0]) ?? 'do/none';
}
