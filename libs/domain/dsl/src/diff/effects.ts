import type { SideEffect } from '@parley/contracts';

/** What comes and goes, in words; what happens twice is said once. */
export function effectSentences(
  added: readonly SideEffect[],
  removed: readonly SideEffect[],
): string[] {
  return [
    ...distinct(added).map((effect) => `now also ${words(effect)}`),
    ...distinct(removed).map((effect) => `no longer ${words(effect)}`),
  ];
}

/** A side effect in words: `calls POST /refunds (billing)`, `emits order.placed`. */
function words(effect: SideEffect): string {
  const { kind, connector, method, operation, target } = effect;
  switch (kind) {
    case 'human':
      return `asks ${target}`;
    case 'event':
      return target === '' ? 'emits an event' : `emits ${target}`;
    case 'process':
      return `runs ${operation ?? 'process'} ${target}`;
    case 'workflow':
      return `runs workflow ${target}`;
    case 'agent':
      return `asks agent ${target}`;
    case 'worker':
      return `gives work to ${target}`;
    case 'function':
      return `calls function ${target}`;
    case 'asyncapi':
    case 'a2a':
    case 'grpc':
    case 'mcp':
      return `calls ${kind} ${target}`;
    default: {
      const what = method === undefined ? (operation ?? target) : `${method} ${target}`;
      return `calls ${what}${connector === undefined ? '' : ` (${connector})`}`;
    }
  }
}

function distinct(effects: readonly SideEffect[]): SideEffect[] {
  return [...new Map(effects.map((effect) => [words(effect), effect])).values()];
}
