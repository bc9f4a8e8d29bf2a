import type { Member } from '@parley/contracts';
import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client';
import { useMe } from './person';

const pageSize = 200;
const pagesMax = 10;
const staleMs = 60_000;

/** Names of members by their id; whoever is not (or no longer) known keeps the id. */
export function useNameOf(): (principal: string) => string {
  const me = useMe();
  const { data } = useQuery({ queryKey: ['members'], queryFn: listMembers, staleTime: staleMs });
  return (principal) => {
    if (principal === me?.member.id) return 'you';
    return data?.get(principal) ?? principal;
  };
}

async function listMembers(): Promise<ReadonlyMap<string, string>> {
  const members: Member[] = [];
  let pageToken: string | undefined;
  for (let page = 0; page < pagesMax; page++) {
    const found = await client.call('listMembers', { query: { pageSize, pageToken } });
    members.push(...found.items);
    pageToken = found.nextPageToken;
    if (pageToken === undefined) break;
  }
  return new Map(members.map(({ id, name }) => [id, name]));
}
