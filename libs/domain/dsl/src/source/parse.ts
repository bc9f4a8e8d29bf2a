import { Reporter } from '../diagnostics/reporter.js';
import { readCompletely } from './complete.js';
import { readFast, type GivenUp } from './fast/reader.js';
import { completeLengthMax, sourceLengthMax } from './limits.js';
import { reportLostDigits } from './lost-digits.js';
import type { SourceNode } from './tree.js';

export { sourceDepthMax, sourceLengthMax } from './limits.js';

/** A text that was read, as far as it could be. */
export interface ParsedSource {
  readonly source: string;
  /** Absent when the text could not be read; `reporter` says why. */
  readonly root?: SourceNode;
  readonly reporter: Reporter;
}

/** Reads YAML 1.2 (core schema) or JSON; the findings are in the reporter of the result. */
export function parseDefinition(source: string): ParsedSource {
  const reporter = new Reporter(source);
  if (source.length > sourceLengthMax) {
    const start = { span: { start: 0, end: 0 }, pointer: '' };
    reporter.report('PL1002', start, {
      message: `The definition has ${source.length} characters; at most ${sourceLengthMax} are read`,
    });
    return { source, reporter };
  }
  const fast = readFast(source);
  if (fast.root === undefined) {
    const root =
      source.length > completeLengthMax ? refuse(reporter, fast) : readCompletely(source, reporter);
    return root === undefined ? { source, reporter } : { source, root, reporter };
  }
  for (const { node, text } of fast.lostDigits) {
    reportLostDigits(reporter, { text, value: Number(node.value) }, node);
  }
  return { source, root: fast.root, reporter };
}

function refuse(reporter: Reporter, { at, refusal }: GivenUp): undefined {
  const span = refusal?.span ?? { start: at, end: at + 1 };
  reporter.report(
    refusal?.code ?? 'PL1001',
    { span, pointer: '' },
    {
      message:
        refusal?.message ??
        `The text cannot be read from here on; texts of more than ${completeLengthMax} characters must be plain YAML or JSON`,
    },
  );
}
