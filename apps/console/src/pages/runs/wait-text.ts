import type { RunWait } from '@parley/contracts';

/** What a run waits for, in a few words; undefined when it waits for nothing. */
export function waitText(waits: readonly RunWait[]): string | undefined {
  if (waits.some(({ kind }) => kind === 'resume')) return 'waits to be resumed';
  const [first] = [
    ...waits.filter(({ kind }) => kind === 'approval'),
    ...waits.filter(({ kind }) => kind !== 'approval'),
  ];
  if (first === undefined) return undefined;
  const more = waits.length > 1 ? ` and ${String(waits.length - 1)} more` : '';
  switch (first.kind) {
    case 'approval':
      return `waits for ${first.who ?? 'a decision'} at ${first.name}${more}`;
    case 'timer':
      return `waits for the time at ${first.name}${more}`;
    case 'run':
      return `waits for another run at ${first.name}${more}`;
    case 'worker':
      return `waits for a worker of ${first.queue ?? 'its queue'} at ${first.name}${more}`;
    case 'event':
      return `waits for an event at ${first.name}${more}`;
    case 'call':
      return `calls ${first.name}${more}`;
    case 'resume':
      return 'waits to be resumed';
  }
}
