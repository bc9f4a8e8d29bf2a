import { sourceDepthMax } from '../limits.js';
import type { MapEntry, ScalarNode, ScalarStyle, Span } from '../tree.js';
import { giveUp } from './cursor.js';
import { losesDigits, plainValue } from './plain-value.js';

/** Where a node stands in the tree. */
export interface Slot {
  readonly pointer: string;
  readonly keySpan: Span | undefined;
}

/** A number whose digits are lost. */
export interface LostDigits {
  readonly node: ScalarNode;
  readonly text: string;
}

/** Above this many members a set finds duplicates. */
const linearSearchMax = 8;

/** What block and flow collections have in common: scalars, depth, and unique keys. */
export class Nodes {
  readonly lostDigits: LostDigits[] = [];
  private depth = 0;

  enter(): void {
    this.depth += 1;
    if (this.depth <= sourceDepthMax) return;
    const message = `The definition is nested more than ${sourceDepthMax} levels deep`;
    giveUp({ code: 'PL1003', message });
  }

  leave(): void {
    this.depth -= 1;
  }

  plain(text: string, span: Span, slot: Slot): ScalarNode {
    const value = plainValue(text);
    const node = scalar(value, 'plain', span, slot);
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) {
        giveUp({ code: 'PL1007', message: 'Numbers must be finite', span });
      }
      if (losesDigits(text, value)) this.lostDigits.push({ node, text });
    }
    return node;
  }

  nothing(at: number, slot: Slot): ScalarNode {
    return scalar(null, 'plain', { start: at, end: at }, slot);
  }
}

export function scalar(
  value: ScalarNode['value'],
  style: ScalarStyle,
  span: Span,
  slot: Slot,
): ScalarNode {
  return {
    kind: 'scalar',
    value,
    style,
    span,
    extentEnd: span.end,
    pointer: slot.pointer,
    keySpan: slot.keySpan,
  };
}

/** The keys of one object; a key that occurs twice is for the complete reader to report. */
export class Keys {
  private seen: Set<string> | undefined;

  add(entries: readonly MapEntry[], key: string, span: Span): void {
    if (this.seen === undefined && entries.length > linearSearchMax) {
      this.seen = new Set(entries.map((entry) => entry.key));
    }
    const twice = this.seen?.has(key) ?? entries.some((entry) => entry.key === key);
    if (twice) giveUp({ code: 'PL1004', message: `The key "${key}" occurs twice`, span });
    this.seen?.add(key);
  }
}
