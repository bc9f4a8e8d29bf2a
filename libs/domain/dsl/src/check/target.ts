import { nearest } from '../diagnostics/nearest.js';
import type { ScalarNode } from '../source/tree.js';
import type { Check, ListPlace } from './context.js';
import type { WrittenText } from './text.js';

const directives = ['continue', 'exit', 'end'];

/** Where `then` leads. */
export function checkTarget(check: Check, { node, text, env }: WrittenText): void {
  if (directives.includes(text)) return;
  const { list } = env;
  if (list === undefined) {
    reportUnknown(check, node, text, undefined);
    return;
  }
  if (!list.positions.has(text)) {
    if (list.complete) reportUnknown(check, node, text, list);
  } else if (list.branches) {
    check.reporter.report('PL1022', node, {
      message: `"${text}" is another branch of the fork; branches do not follow each other`,
      expected: directives.join(', '),
      actual: text,
    });
  }
}

function reportUnknown(
  check: Check,
  node: ScalarNode,
  text: string,
  list: ListPlace | undefined,
): void {
  check.repeats.add(`then ${list?.pointer ?? node.pointer} ${text}`, () => {
    const names = list === undefined || list.branches ? [] : [...list.positions.keys()];
    const near = nearest(text, [...names, ...directives]);
    const [best] = near;
    const finding = {
      message: `There is no task "${text}" in this list to go to`,
      expected: [...names.slice(0, 20), ...directives].join(', '),
      actual: text,
      suggestions: near,
      ...(best !== undefined && {
        fix: { title: `Go to "${best}"`, span: node.span, newText: best },
      }),
    };
    return { code: 'PL1021', place: node, finding };
  });
}
