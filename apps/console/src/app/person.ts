import type { Me, Permission } from '@parley/contracts';
import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client';

/** The person who is signed in, once known. */
export function useMe(): Me | undefined {
  return useQuery({ queryKey: ['me'], queryFn: () => client.call('me') }).data;
}

/** Whether the person may do something; until it is known, nothing is forbidden. */
export function useMay(permission: Permission): boolean {
  const me = useMe();
  return me === undefined || me.permissions.includes(permission);
}
