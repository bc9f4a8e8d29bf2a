/** The longest rest. */
export const restMsMax = 25;
/** How many times as long a rest is as what was done before it. */
const restFactor = 2;

/**
 * How long who has much to do rests after some of it, while somebody is at work of whom nothing waits: so
 * that whoever comes finds database and processor free.
 */
export function restMsAfter(tookMs: number): number {
  return Math.min(restFactor * tookMs, restMsMax);
}
