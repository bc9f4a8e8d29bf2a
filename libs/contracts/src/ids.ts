import { idPrefixes, type IdKind, type Json } from '@parley/kernel';
import { z } from 'zod';

/** Schema of an id of one kind. */
export function idOf(kind: IdKind) {
  return z
    .string()
    .regex(new RegExp(`^${idPrefixes[kind]}_[0-9a-z_]{4,64}$`))
    .describe(`Id of a ${kind}`);
}

/** Versions and revisions are counted up to this. */
export const ordinalMax = 2_147_483_647;
/** The number of a version or a revision. */
export const Ordinal = z.int().min(1).max(ordinalMax);

/** An RFC 3339 time in UTC. */
export const Timestamp = z.iso.datetime();

/** The name of a time zone, as in the IANA database. */
export const Timezone = z
  .string()
  .max(64)
  .refine(isTimezone, { error: 'is not a time zone; use an IANA name such as Europe/Berlin' })
  .describe('IANA name, e.g. Europe/Berlin');

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false; // That is how Intl says so.
  }
}

/** One page of a list. */
export function pageOf<T extends z.ZodType>(id: string, item: T) {
  return z
    .object({
      items: z.array(item),
      nextPageToken: z.string().optional().describe('Pass as pageToken for the next page'),
    })
    .meta({ id });
}

/** Query parameters of every list. */
export const PageQuery = z.object({
  pageSize: z.coerce.number().int().min(1).max(200).default(50),
  pageToken: z.string().max(500).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** Any JSON value; request bodies have been parsed as JSON before they are checked. */
export const JsonValue = z
  .custom<Json>((value) => value !== undefined)
  .meta({ id: 'JsonValue', description: 'Any JSON value' });
