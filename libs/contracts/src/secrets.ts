import { z } from 'zod';
import { pageOf, Timestamp } from './ids.js';

/** The name that definitions declare under `use.secrets`. */
export const SecretName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/);

/** A host, with its port where that is not 443. */
const SecretHost = z
  .string()
  .max(259)
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9]\d{0,4})?$/i, 'a host such as api.example.com');

/** What is known of a secret; its value is never readable. */
export const Secret = z
  .object({
    name: SecretName,
    hosts: z.array(z.string()).describe('Where it may be sent, by https; nowhere else'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    lastUsedAt: Timestamp.optional().describe('To the minute; absent: never'),
  })
  .meta({ id: 'Secret' });
export type Secret = z.infer<typeof Secret>;

export const SecretPage = pageOf('SecretPage', Secret);

/** Body of `PUT /v1/secrets/{secret}`; write-only. */
export const SetSecret = z
  .strictObject({
    value: z
      .string()
      .min(1)
      .max(8192)
      .describe(
        'The properties of the authentication as a JSON object, e.g. username and password; for bearer also the token as it is',
      ),
    hosts: z.array(SecretHost).min(1).max(20),
  })
  .meta({ id: 'SetSecret' });
export type SetSecret = z.infer<typeof SetSecret>;
