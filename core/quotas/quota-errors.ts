import { z } from 'zod';
import type { Database } from '../db/port.ts';
import { sqlState, sqlStateOf } from '../db/sql-state.ts';
import { RegistryError } from '../errors.ts';

const exceededQuota = z.object({
  space: z.string(),
  quota: z.enum(['bytes', 'versions']),
  limit: z.int(),
  used: z.int(),
  added: z.int(),
});
/** Quota that a write would exceed: the use before it, and the bytes or versions that it adds. */
export type ExceededQuota = z.output<typeof exceededQuota>;

/**
 * Returns a database whose refusals for a quota are errors for clients, whichever write meets one.
 * Triggers judge quotas when a transaction commits, so no use case has to ask before.
 */
export function withQuotaErrors(db: Database): Database {
  return {
    ...db,
    async transaction(work) {
      try {
        return await db.transaction(work);
      } catch (error) {
        throw explainQuota(error);
      }
    },
  };
}

/** Makes the error for a write that would exceed a quota. */
export function quotaExceeded({ space, quota, limit, used, added }: ExceededQuota): RegistryError {
  const [most, present, more] = [limit, used, added].map((number) => number.toLocaleString('en-US'));
  return new RegistryError(
    'quota.exceeded',
    `Space ${space} has a quota of ${most} ${quota}. It uses ${present}, and this would add ${more}. Nothing was stored: delete versions that nobody needs, or ask an admin of the registry for a larger quota.`,
    { space, quota, limit, used, added },
  );
}

/** Explains the refusal of a trigger, whose detail has the numbers; returns every other error as it is. */
function explainQuota(error: unknown): unknown {
  if (sqlStateOf(error) !== sqlState.quotaExceeded) return error;
  if (!(error instanceof Error) || !('detail' in error) || typeof error.detail !== 'string') return error;
  return quotaExceeded(exceededQuota.parse(JSON.parse(error.detail)));
}
