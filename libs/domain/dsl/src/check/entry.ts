import type { MapEntry, SourceNode } from '../source/tree.js';
import type { Check } from './context.js';
import { reportCrowded } from './listing.js';
import { expectMap } from './wrong.js';

/** The one entry of an item such as `- name: …`. */
export function singleEntry(check: Check, item: SourceNode): MapEntry | undefined {
  if (!expectMap(check, item)) return undefined;
  const [entry, second] = item.entries;
  if (entry === undefined) {
    check.reporter.report('PL1016', item, { message: 'The item has no name' });
    return undefined;
  }
  if (second === undefined) return entry;
  reportCrowded(check, item, second);
  return undefined;
}
