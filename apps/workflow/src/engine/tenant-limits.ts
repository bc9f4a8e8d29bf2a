/**
 * What one tenant may have at a time, over all processes of the service: calls that are on their way, and
 * calls and turns that wait, above which new runs are refused.
 */
export const tenantLimits = { calls: 64, callsWaiting: 10_000, turnsWaiting: 5_000 } as const;
export type TenantLimit = keyof typeof tenantLimits;

/** How much of a limit of a tenant this process may use now. */
export type ShareOf = (limit: TenantLimit, tenantId: string) => number;

export const wholeLimit: ShareOf = (limit) => tenantLimits[limit];

export interface LimitOf {
  readonly limit: TenantLimit;
  readonly tenantId: string;
}

/** What this process uses of a limit of a tenant, and what it would use if it could. */
export interface LimitUse extends LimitOf {
  readonly used: number;
  readonly wanted: number;
}
