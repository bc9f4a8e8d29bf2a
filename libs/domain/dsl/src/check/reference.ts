import { nearest } from '../diagnostics/nearest.js';
import type { Finding, Place } from '../diagnostics/reporter.js';
import type { Declared } from '../language/shape.js';
import { parseDuration } from '../values/duration.js';
import type { MapEntry } from '../source/tree.js';
import type { Check } from './context.js';
import type { WrittenText } from './text.js';

/** A name that `use` must declare. */
export function checkReference(check: Check, { node, text, shape, env }: WrittenText): void {
  if (shape.to === undefined) return;
  if (check.declared.of(shape.to).has(text)) {
    check.uses.push({ kind: shape.to, name: text, env });
  } else if (!check.declared.mayHave(shape.to, text)) {
    reportUndeclared(check, () => node, { kind: shape.to, name: text });
  }
}

interface Undeclared {
  readonly kind: Declared;
  readonly name: string;
  /** The place is that of the name alone. */
  readonly fixable?: boolean;
}

export function reportUndeclared(
  check: Check,
  placeOf: () => Place,
  { kind, name, fixable = true }: Undeclared,
): void {
  const { declared } = check;
  if (declared.mislaid !== undefined) {
    reportMislaid(check, declared.mislaid);
    return;
  }
  const names = declared.of(kind);
  const empty = names.size === 0;
  const what = declared.isEmpty ? 'use' : empty ? `use.${kind}` : `${kind} ${name}`;
  check.repeats.add(what, () => {
    const place = placeOf();
    const near = nearest(name, names.keys());
    const [best] = near;
    const time = kind === 'timeouts' && fixable && parseDuration(name).ok;
    if (time) return { code: 'PL1024', place, finding: durationMeant(name, place) };
    const finding = {
      message: `"use.${kind}" has no "${name}"${empty ? ': it declares nothing' : ''}`,
      ...(!empty && { expected: [...names.keys()].slice(0, 10).join(', ') }),
      actual: name,
      suggestions: near,
      ...(best !== undefined &&
        fixable && { fix: { title: `Write "${best}"`, span: place.span, newText: best } }),
    };
    return { code: 'PL1024', place, finding };
  });
}

/** `timeout: PT5M`: a text there is the name of a timeout. */
function durationMeant(text: string, { span }: Place): Finding {
  const newText = `{ after: ${text} }`;
  return {
    message: `"use.timeouts" has no "${text}"; a duration is written as ${newText}`,
    actual: text,
    suggestions: [newText],
    fix: { title: `Write ${newText}`, span, newText },
  };
}

/** The whole of `use` has another name, which the schema does not mind. */
export function reportMislaid(check: Check, { key, keySpan, value }: MapEntry): void {
  check.repeats.add('use', () => ({
    code: 'PL1011',
    place: { span: keySpan, pointer: value.pointer },
    finding: {
      message: `The definition has no member "${key}"; what it declares is not found`,
      expected: 'use',
      actual: key,
      suggestions: ['use'],
      fix: { title: 'Rename to "use"', span: keySpan, newText: 'use' },
    },
  }));
}
