import type { Member } from '@parley/contracts';

export interface MemberRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: string[];
  readonly createdAt: Date;
}

export function memberOf({ id, name, email, roles, createdAt }: MemberRow): Member {
  return { id, name, email, roles, createdAt: createdAt.toISOString() };
}
