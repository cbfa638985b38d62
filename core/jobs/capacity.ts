import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';

/**
 * Refuses a job when so many are unfinished already. It looks at the index of unfinished jobs alone, takes no lock, and
 * reads no further than the limit; transactions of the same moment do not see one another, so they may pass it by as many
 * as there are at once.
 * @throws {RegistryError} `queue.full`
 */
export async function checkCapacity(db: Queryable, limit: number): Promise<void> {
  const [last] = await db.query(`SELECT FROM jobs WHERE state IN ('queued', 'running') OFFSET $1 LIMIT 1`, [
    limit - 1,
  ]);
  if (!last) return;
  throw new RegistryError(
    'queue.full',
    `${limit} jobs are waiting or under way, and that is as many as may be. Nothing was stored; send the recipe again later.`,
    { limit },
  );
}
