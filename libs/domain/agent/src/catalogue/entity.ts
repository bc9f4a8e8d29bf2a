import type { Json } from '@parley/kernel';
import { membersOf, typeOf } from './schema.js';

/** Whether a schema describes a page of things rather than one thing. */
export function isListSchema(schema: Json | undefined): boolean {
  if (typeOf(schema) === 'array') return true;
  const members = membersOf(schema);
  const arrays = members.filter((member) => typeOf(member.schema) === 'array');
  const counts =
    /^(?:count|total|totalCount|size|page|pageSize|limit|offset|next.*|cursor|has.*|links|meta)$/i;
  const rest = members.filter(
    (member) => typeOf(member.schema) !== 'array' && !counts.test(member.name),
  );
  return arrays.length === 1 && rest.length === 0;
}
