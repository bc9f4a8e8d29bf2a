import { nearest } from '../diagnostics/nearest.js';
import type { Declared } from '../language/shape.js';
import type { ScalarNode } from '../source/tree.js';
import type { Check } from './context.js';
import type { WrittenText } from './text.js';

/** A name that `use` must declare. */
export function checkReference(check: Check, { node, text, shape, env }: WrittenText): void {
  if (shape.to === undefined) return;
  if (check.declared.of(shape.to).has(text)) {
    check.uses.push({ kind: shape.to, name: text, env });
  } else if (!check.declared.mayHave(shape.to, text)) {
    reportUndeclared(check, node, { kind: shape.to, name: text });
  }
}

export function reportUndeclared(
  check: Check,
  node: ScalarNode,
  { kind, name }: { readonly kind: Declared; readonly name: string },
): void {
  const names = [...check.declared.of(kind).keys()];
  const near = nearest(name, names);
  const [best] = near;
  check.repeats.add(`${kind} ${name}`, {
    code: 'PL1024',
    place: node,
    finding: {
      message: `"use.${kind}" has no "${name}"`,
      ...(names.length > 0 && { expected: names.slice(0, 10).join(', ') }),
      actual: name,
      suggestions: near,
      ...(best !== undefined && {
        fix: { title: `Write "${best}"`, span: node.span, newText: best },
      }),
    },
  });
}
