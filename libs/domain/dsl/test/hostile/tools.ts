import * as dsl from '../../src/index.js';

/** Everything of the language that takes a text from outside, as one call each. */
export const tools: Readonly<Record<string, (text: string) => unknown>> = {
  compile: (text) => dsl.compileDefinition(text),
  diff: (text) => dsl.diffDefinitions(text, text),
};
