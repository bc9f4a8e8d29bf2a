import type { Effect } from './effects.js';

/**
 * The effects that are worth releasing at the end of a turn: what the same turn opened and closed
 * again is left out, so a call whose branch already lost is never sent.
 */
export function netEffects(effects: readonly Effect[]): Effect[] {
  const closed = new Set(effects.filter(isClosing).map(identityOf));
  if (closed.size === 0) return [...effects];
  const opened = new Set(effects.filter(isOpening).map(identityOf));
  return effects.filter((effect) => {
    const identity = identityOf(effect);
    if (!closed.has(identity)) return true;
    return isClosing(effect) && !opened.has(identity);
  });
}

function isOpening(effect: Effect): boolean {
  return !isClosing(effect) && !(effect.kind === 'call' && effect.again === true);
}

function isClosing(effect: Effect): boolean {
  return (
    effect.kind === 'abort' ||
    effect.kind === 'cancelChild' ||
    effect.kind === 'closeWorkerTask' ||
    effect.kind === 'closeApproval' ||
    effect.kind === 'closeSubscription' ||
    effect.kind === 'cancelTimer'
  );
}

function identityOf(effect: Effect): string {
  return 'generation' in effect
    ? `timer ${effect.occurrence} ${effect.generation}`
    : `call ${effect.occurrence} ${effect.attempt}`;
}
