import { z } from 'zod';
import { idOf, pageOf, PageQuery, JsonValue, Timestamp, Timezone } from './ids.js';

/** Built-in roles and what they allow; any other role is a business role such as `manager`. */
export const permissionsByRole = {
  owner: ['read', 'run', 'build', 'approve-draft', 'decide', 'work', 'administer'],
  builder: ['read', 'run', 'build', 'approve-draft', 'decide', 'work'],
  operator: ['read', 'run', 'decide', 'work'],
  viewer: ['read'],
  /** Takes work from task queues, and sees nothing else. */
  'task-worker': ['work'],
} as const;

/** Something that a route needs the caller to be allowed to do. */
export type Permission = (typeof permissionsByRole)['owner'][number];

/** Every permission that a set of roles gives; business roles give `read` and `decide`. */
export function permissionsOf(roles: readonly string[]): ReadonlySet<Permission> {
  const permissions = new Set<Permission>();
  for (const role of roles) {
    const granted: readonly Permission[] = Object.hasOwn(permissionsByRole, role)
      ? permissionsByRole[role as keyof typeof permissionsByRole]
      : ['read', 'decide'];
    for (const permission of granted) permissions.add(permission);
  }
  return permissions;
}

export const Tenant = z
  .object({
    id: idOf('tenant'),
    name: z.string(),
    timezone: z.string().describe('IANA name; default of schedules and dates'),
    createdAt: Timestamp,
  })
  .meta({ id: 'Tenant' });
export type Tenant = z.infer<typeof Tenant>;

/** Body of `PATCH /v1/tenant`. */
export const UpdateTenant = z
  .strictObject({
    name: z.string().min(1).max(200).optional(),
    timezone: Timezone.optional(),
  })
  .meta({ id: 'UpdateTenant' });
export type UpdateTenant = z.infer<typeof UpdateTenant>;

/** A role name: lower-case letters, digits and dashes. */
export const RoleName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);

export const Member = z
  .object({
    id: idOf('member'),
    name: z.string(),
    email: z.string(),
    roles: z.array(RoleName),
    createdAt: Timestamp,
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof Member>;
export const MemberPage = pageOf('MemberPage', Member);

/** Body of `POST /v1/members`: who signs in with this e-mail address belongs to the tenant. */
export const AddMember = z
  .strictObject({
    name: z.string().min(1).max(200),
    email: z.email(),
    roles: z.array(RoleName).min(1).max(20),
  })
  .meta({ id: 'AddMember' });
export type AddMember = z.infer<typeof AddMember>;

/** Body of `PATCH /v1/members/{member}`. */
export const UpdateMember = z
  .strictObject({
    name: z.string().min(1).max(200).optional(),
    roles: z.array(RoleName).min(1).max(20).optional(),
  })
  .meta({ id: 'UpdateMember' });
export type UpdateMember = z.infer<typeof UpdateMember>;

/** `GET /v1/me`: the caller. */
export const Me = z
  .object({ member: Member, tenant: Tenant, permissions: z.array(z.string()) })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

/** An event of the tenant with its place in the stream. */
export const StreamEvent = z
  .object({
    position: z.int(),
    id: z.string(),
    type: z.string(),
    source: z.string(),
    subject: z.string(),
    time: Timestamp,
    data: JsonValue,
    /** SHA-256 over this event and the hash of the one before; the audit stream's chain. */
    hash: z.string(),
  })
  .meta({ id: 'StreamEvent' });
export type StreamEvent = z.infer<typeof StreamEvent>;
export const StreamEventPage = pageOf('StreamEventPage', StreamEvent);

/** Query of `GET /v1/events`. */
export const EventQuery = PageQuery.extend({
  subject: z
    .string()
    .max(500)
    .regex(/^[^\s]+$/)
    .default('>')
    .describe('Subject pattern: `*` stands for one token, a final `>` for the rest'),
  /** Only events after this position. */
  after: z.coerce.number().int().min(0).optional(),
});
export type EventQuery = z.infer<typeof EventQuery>;

/** `GET /v1/health`: what the gateway knows of each service. */
export const PlatformHealth = z
  .object({
    status: z.enum(['ok', 'degraded']),
    services: z.array(
      z.object({
        name: z.string(),
        status: z.enum(['ok', 'unreachable', 'starting']),
        detail: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'PlatformHealth' });
export type PlatformHealth = z.infer<typeof PlatformHealth>;

/** `GET /v1/client-config`: what a client needs to sign in; public. */
export const ClientConfig = z
  .object({ issuer: z.string(), clientId: z.string(), audience: z.string() })
  .meta({ id: 'ClientConfig' });
export type ClientConfig = z.infer<typeof ClientConfig>;
