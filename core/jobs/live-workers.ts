import type { Queryable } from '../db/port.ts';

/** Milliseconds from one sign of life of a worker to the next. */
export const signIntervalMs = 5_000;

/** Seconds after its last sign of life from which on a worker counts as dead. */
export const deadAfterSeconds = 20;

/** Seconds after which the row of a dead worker is deleted. */
const forgottenAfterSeconds = 3_600;

/**
 * Records that a worker lives, and forgets those that have been dead for long. It can open sealed addresses, which those of
 * releases before cannot.
 */
export async function recordLiveWorker(db: Queryable, id: string): Promise<void> {
  await db.query(
    `WITH forgotten AS (DELETE FROM workers WHERE seen_at < now() - make_interval(secs => $2) AND id <> $1)
     INSERT INTO workers (id, opens_addresses) VALUES ($1, true) ON CONFLICT (id) DO UPDATE SET seen_at = now()`,
    [id, forgottenAfterSeconds],
  );
}

/** Deletes the row of a worker that ends. */
export async function removeLiveWorker(db: Queryable, id: string): Promise<void> {
  await db.query('DELETE FROM workers WHERE id = $1', [id]);
}

/** Counts the workers of the whole registry that live. */
export async function countLiveWorkers(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    'SELECT count(*) AS count FROM workers WHERE seen_at > now() - make_interval(secs => $1)',
    [deadAfterSeconds],
  );
  return row?.count ?? 0;
}
