import { memberOf, type MapEntry, type MapNode } from '../source/tree.js';
import type { Check } from './context.js';

/** Cases behind one that always holds are never reached; two of one name are hard to tell apart. */
export function checkCases(check: Check, node: MapNode): void {
  const list = memberOf(node, 'switch');
  if (list?.kind !== 'list') return;
  const seen = new Set<string>();
  let always: MapEntry | undefined;
  for (const item of list.items) {
    const entry = item.kind === 'map' ? item.entries[0] : undefined;
    if (entry?.value.kind !== 'map') continue;
    const place = { span: entry.keySpan, pointer: entry.value.pointer };
    if (always !== undefined) {
      check.reporter.report('PL1027', place, {
        message: `The case "${entry.key}" is never tried: "${always.key}" before it always holds`,
      });
      return;
    }
    if (seen.has(entry.key)) {
      check.reporter.report('PL1029', place, { message: `Two cases are named "${entry.key}"` });
    }
    seen.add(entry.key);
    // A member that is not known may have been meant as the condition.
    if (entry.value.entries.every(({ key }) => key === 'then')) always = entry;
  }
}
