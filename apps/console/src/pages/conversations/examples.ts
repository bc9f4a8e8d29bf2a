import type { Catalogue, Operation } from '@parley/contracts';

/** Requests that people can begin with when no system is connected. */
const general = [
  'Every weekday at 9, get the list of open orders and send a summary.',
  'When a request comes in, ask the manager to approve it when the total is above 200.',
];

/** Requests that fit the connected systems, in the words of their own operations. */
export function examplesFor(catalogue: Catalogue | undefined): string[] {
  const operations = (catalogue?.connectors ?? []).map((connector) => ({
    reads: connector.operations.filter(isRead).map(wordsOf),
    changes: connector.operations.filter((operation) => !isRead(operation)).map(wordsOf),
  }));
  const reads = operations.flatMap(({ reads: [first] }) => first ?? []);
  const changes = operations.flatMap(({ changes: [first] }) => first ?? []);
  const [read, otherRead] = reads;
  const [change, otherChange = change] = changes;
  if (read === undefined || change === undefined) return general;
  return [
    `${capital(read)}, then ${change}.`,
    `Ask the manager to approve, then ${otherChange ?? change}.`,
    `Every weekday at 9, ${otherRead ?? read}.`,
  ];
}

function isRead({ method }: Operation): boolean {
  return method === 'GET' || method === 'HEAD';
}

function wordsOf({ summary, id }: Operation): string {
  if (summary === undefined) return wordsIn(id);
  const words = summary.trim().replace(/[.!]+$/, '');
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/** `sendLetter` → `send letter`. */
function wordsIn(id: string): string {
  const apart = id.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[_-]+/g, ' ');
  return apart.toLowerCase().trim();
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
