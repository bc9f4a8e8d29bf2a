import { isParleyError } from '@parley/sdk';
import type { Context } from './context.js';
import { itemsOf } from './pages.js';

/** How people are told of somebody whose id the platform gives. */
export type NameOf = (id: string) => string;

/** Names of members by their ids: asked for once, and only when there is an id that people would see. */
export async function namesFor(
  { client, print }: Context,
  ids: readonly (string | undefined)[],
): Promise<NameOf> {
  const names = new Map<string, string>();
  if (print.format !== 'json' && ids.some((id) => id?.startsWith('mem_'))) {
    try {
      for await (const { id, name } of itemsOf(client, 'listMembers')) names.set(id, name);
    } catch (error) {
      // Whoever may not know the members, or lost the connection just now, is told the id.
      if (!isParleyError(error)) throw error;
    }
  }
  return (id) => names.get(id) ?? id;
}
