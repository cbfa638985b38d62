import { z } from '@hono/zod-openapi';

// Schemas of quotas, for `/openapi.json` and the checks of requests.

const quotaUse = z
  .object({
    used: z.int(),
    limit: z.int().nullable().openapi({ description: 'Null where there is no quota.' }),
  })
  .openapi('QuotaUse');

/** Use of the quotas of a space. */
export const spaceQuota = z.object({ bytes: quotaUse, versions: quotaUse }).openapi('SpaceQuota', {
  description:
    'Bytes of blobs, each counted once in the space, and versions. Absent for readers who are not members.',
});

const quota = z.int().min(0).nullable().optional();

/** Quotas to set. */
export const quotaSettings = z
  .strictObject({ bytes: quota, versions: quota })
  .openapi('QuotaSettings', { description: '`null` for the default of the registry, 0 for none.' });
