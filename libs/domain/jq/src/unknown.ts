import { builtinNames } from './builtins/table.js';
import { SyntaxFault, type Span } from './errors.js';
import { nearest } from './nearest.js';
import type { Scope } from './scope.js';

/** A call of something that there is not, with what may have been meant. */
export function unknownFunction(
  { name, arity, span }: { readonly name: string; readonly arity: number; readonly span: Span },
  scope: Scope,
): SyntaxFault {
  if (name.includes('::')) {
    return new SyntaxFault('unsupported', `${name}: modules are not available`, span);
  }
  const names = [...builtinNames()];
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.entry?.kind === 'parameter') names.push(`${at.entry.name}/0`);
    if (at.entry?.kind !== 'definition') continue;
    names.push(`${at.entry.definition.name}/${at.entry.definition.arity}`);
  }
  const sameName = names.filter((known) => known.startsWith(`${name}/`));
  const found = sameName.length > 0 ? sameName : nearest(name, names.map(withoutArity));
  return new SyntaxFault('unknown-function', `${name}/${arity} is not defined`, span, found);
}

function withoutArity(name: string): string {
  return name.slice(0, name.lastIndexOf('/'));
}
