import { z } from 'zod';
import { sqlState, sqlStateOf } from '../db/sql-state.ts';
import { RegistryError } from '../errors.ts';

const exceededQuotaShape = z.object({
  space: z.string(),
  quota: z.enum(['bytes', 'versions']),
  limit: z.int(),
  used: z.int(),
  added: z.int(),
});
/** Quota that a write would exceed: the use before it, and the bytes or versions that it adds. */
export type ExceededQuota = z.output<typeof exceededQuotaShape>;

/** Makes the error for a write that would exceed a quota. */
export function quotaExceededError({ space, quota, limit, used, added }: ExceededQuota): RegistryError {
  const [limitText, usedText, addedText] = [limit, used, added].map((number) =>
    number.toLocaleString('en-US'),
  );
  return new RegistryError(
    'quota.exceeded',
    `Space ${space} has a quota of ${limitText} ${quota}. It uses ${usedText}, and this would add ${addedText}. Nothing was stored: delete versions that nobody needs, or ask an admin of the registry for a larger quota.`,
    { space, quota, limit, used, added },
  );
}

/** Explains the refusal of a trigger, whose detail has the numbers. Every other error is undefined. */
export function explainQuota(error: unknown): RegistryError | undefined {
  if (sqlStateOf(error) !== sqlState.quotaExceeded) return undefined;
  if (!(error instanceof Error) || !('detail' in error) || typeof error.detail !== 'string') return undefined;
  return quotaExceededError(exceededQuotaShape.parse(JSON.parse(error.detail)));
}
