import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '../db/port.ts';
import { deadAfterSeconds } from '../jobs/live-workers.ts';
import type { Hold } from './hold.ts';

/** Milliseconds between two looks whether all workers rest. */
const restCheckIntervalMs = 250;

/** Records that a worker has ended all that it had begun before a hold. Doing so again changes nothing. */
export async function recordWorkerAtRest(db: Queryable, workerId: string, { since }: Hold): Promise<void> {
  await db.query(
    'UPDATE workers SET resting_for = $2::timestamptz WHERE id = $1 AND resting_for IS DISTINCT FROM $2::timestamptz',
    [workerId, since],
  );
}

/**
 * Waits until every live worker rests. After that nothing that had begun before the hold goes on, neither jobs nor calls of webhooks,
 * nor mirrors, runs of retention and collections. Workers of a release that knows no rest count as busy until they end.
 * @param onBusy called once, with their number, where some are busy
 * @returns the number of workers that are busy still when the time is over
 */
export async function waitForWorkersAtRest(
  db: Queryable,
  timeoutMs: number,
  onBusy: (workers: number) => void,
): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  for (let isTold = false; ; isTold = true) {
    const busy = await countBusyWorkers(db);
    if (busy === 0 || performance.now() >= deadline) return busy;
    if (!isTold) onBusy(busy);
    await sleep(restCheckIntervalMs);
  }
}

async function countBusyWorkers(db: Queryable): Promise<number> {
  const [row] = await db.query<{ busy: number }>(
    `SELECT count(*)::int AS busy FROM workers, holds
      WHERE seen_at > now() - make_interval(secs => $1) AND resting_for IS DISTINCT FROM held_at`,
    [deadAfterSeconds],
  );
  return row?.busy ?? 0;
}
