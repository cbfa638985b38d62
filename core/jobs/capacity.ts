import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';

/**
 * Counts how many of `wanted` jobs may be queued. At most `limit` may be queued or running.
 * The check reads the index of unfinished jobs only, no further than the limit, and takes no lock. Simultaneous
 * transactions do not see each other's jobs, so the limit may be exceeded by as many as run at once.
 * @returns at least 1, at most `wanted`
 * @throws {RegistryError} `queue.full`
 */
export async function requireRoomForJobs(db: Queryable, limit: number, wanted: number): Promise<number> {
  const fitting = Math.min(wanted, limit);
  const [found] = await db.query<{ excess: number }>(
    `SELECT count(*) AS excess
       FROM (SELECT FROM jobs WHERE state IN ('queued', 'running') OFFSET $1 LIMIT $2) AS jobs`,
    [limit - fitting, fitting],
  );
  const room = fitting - (found?.excess ?? 0);
  if (room > 0 || wanted === 0) return room;
  throw new RegistryError(
    'queue.full',
    `${limit} jobs are queued or running, which is the limit. Nothing was stored; send the recipe again later.`,
    { limit },
  );
}
