import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';

/**
 * Refuses a job when `limit` jobs are queued or running.
 * The check reads the index of unfinished jobs only, no further than the limit, and takes no lock. Simultaneous
 * transactions do not see each other's jobs, so the limit may be exceeded by as many as run at once.
 * @throws {RegistryError} `queue.full`
 */
export async function checkCapacity(db: Queryable, limit: number): Promise<void> {
  const [atLimit] = await db.query(
    `SELECT FROM jobs WHERE state IN ('queued', 'running') OFFSET $1 LIMIT 1`,
    [limit - 1],
  );
  if (!atLimit) return;
  throw new RegistryError(
    'queue.full',
    `${limit} jobs are queued or running, which is the limit. Nothing was stored; send the recipe again later.`,
    { limit },
  );
}
