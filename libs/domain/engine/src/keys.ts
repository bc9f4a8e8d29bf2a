import { hashText } from '@parley/ir';
import { canonicalJson, type Json } from '@parley/kernel';
import { logicalOccurrence, type Occurrence } from './occurrence.js';

/**
 * The idempotency key of a call: one intention has one key. It does not contain the attempt or the
 * rerun generation, so it is stable while the outcome is ambiguous; a definitive refusal raises
 * `rejections` and so gives a new one; other arguments are another intention.
 */
export function idempotencyKey(intent: {
  readonly run: string;
  readonly occurrence: Occurrence;
  readonly rejections: number;
  readonly args: Json;
}): string {
  const place = [intent.run, logicalOccurrence(intent.occurrence), intent.rejections];
  return hashText(canonicalJson([...place, intent.args])).slice(0, 40);
}
