import { nearest } from '../diagnostics/nearest.js';
import type { Declared } from '../language/shape.js';
import type { MapEntry, ScalarNode } from '../source/tree.js';
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
  if (check.declared.mislaid !== undefined) {
    reportMislaid(check, check.declared.mislaid);
    return;
  }
  if (names.length === 0) {
    check.repeats.add(`use.${kind}`, {
      code: 'PL1024',
      place: node,
      finding: { message: `"use.${kind}" has no "${name}": it declares nothing`, actual: name },
    });
    return;
  }
  const near = nearest(name, names);
  const [best] = near;
  check.repeats.add(`${kind} ${name}`, {
    code: 'PL1024',
    place: node,
    finding: {
      message: `"use.${kind}" has no "${name}"`,
      expected: names.slice(0, 10).join(', '),
      actual: name,
      suggestions: near,
      ...(best !== undefined && {
        fix: { title: `Write "${best}"`, span: node.span, newText: best },
      }),
    },
  });
}

/** The whole of `use` has another name, which the schema does not mind. */
export function reportMislaid(check: Check, { key, keySpan, value }: MapEntry): void {
  check.repeats.add('use', {
    code: 'PL1011',
    place: { span: keySpan, pointer: value.pointer },
    finding: {
      message: `The definition has no member "${key}"; what it declares is not found`,
      expected: 'use',
      actual: key,
      suggestions: ['use'],
      fix: { title: 'Rename to "use"', span: keySpan, newText: 'use' },
    },
  });
}
