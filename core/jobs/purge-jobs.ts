import type { Database, Transaction } from '../db/port.ts';
import { jobErrorChartsSql } from '../follow/run-error-charts.ts';
import { finalStates, type JobState } from './job.ts';

/** Jobs that one transaction examines: recipe and plan of each may have megabytes. */
const batchSize = 500;

/** Place of the last job that was examined, in the order of ends. */
interface PurgePlace {
  at: string;
  number: number;
}

/**
 * Deletes jobs that ended longer ago than they are kept. Deliveries and idempotency keys go with them, in short
 * transactions. Lineages have all that they show, and runs of follows keep what their errors may name.
 * A job stays that a follow has not taken note of, or whose callback is pending. Of several processes at once one does
 * the work; where it dies, the batches before are done, and the next purge does the rest.
 * @param days for which ended jobs are kept; 0 keeps them for ever
 * @param signal ends the purge before its next batch; the next purge does the rest
 * @returns the number of deleted jobs
 */
export async function purgeJobs(db: Database, days: number, signal?: AbortSignal): Promise<number> {
  if (days === 0) return 0;
  let removed = 0;
  for (const state of finalStates) {
    let place: PurgePlace | undefined = { at: '-infinity', number: 0 };
    while (place && !signal?.aborted) {
      const from: PurgePlace = place;
      const batch = await db.transaction((tx) => purgeBatch(tx, { state, days, from }));
      removed += batch.removed;
      place = batch.next;
    }
  }
  return removed;
}

/** Deletes those of the next jobs that nobody needs. @returns where to go on; undefined at the end */
async function purgeBatch(
  tx: Transaction,
  { state, days, from }: { state: JobState; days: number; from: PurgePlace },
): Promise<{ removed: number; next?: PurgePlace }> {
  const [lock] = await tx.query<{ locked: boolean }>(
    "SELECT pg_try_advisory_xact_lock(hashtextextended('job purge', 0)) AS locked",
  );
  if (!lock?.locked) return { removed: 0 };
  const old = await tx.query<{ id: string; number: number; at: string; isNeeded: boolean }>(oldJobsSql, [
    ...[state, days, from.at, from.number],
  ]);
  const ids = old.flatMap(({ id, isNeeded }) => (isNeeded ? [] : [id]));
  const removed = ids.length === 0 ? 0 : await deleteJobs(tx, ids);
  const last = old.at(-1);
  return { removed, ...(last && old.length === batchSize && { next: { at: last.at, number: last.number } }) };
}

// The last change of a job that is over is its end. The keys of open runs are few.
const oldJobsSql = `SELECT j.id, j.number, j.changed_at::text AS at,
       EXISTS (SELECT FROM follow_runs r WHERE r.job_id = j.id AND r.state = 'running')
       OR EXISTS (SELECT FROM idempotency_keys k
                   WHERE k.job_id = j.id AND k.key IN (SELECT id::text FROM follow_runs WHERE state = 'running')) AS "isNeeded"
  FROM jobs j
 WHERE j.state = $1 AND j.changed_at < now() - make_interval(days => $2)
   AND (j.changed_at, j.number) > ($3::timestamptz, $4)
 ORDER BY j.changed_at, j.number LIMIT ${batchSize} FOR UPDATE`;

/**
 * Deletes jobs whose deliveries have ended.
 * A replay locks the delivery: it comes before, and the job stays, or it finds the delivery gone.
 * @returns their number
 */
async function deleteJobs(tx: Transaction, ids: readonly string[]): Promise<number> {
  await tx.query("DELETE FROM deliveries WHERE job_id = ANY($1::uuid[]) AND state <> 'pending'", [ids]);
  const gone = await tx.query<{ id: string }>(
    `SELECT j.id FROM jobs j
      WHERE j.id = ANY($1::uuid[]) AND NOT EXISTS (SELECT FROM deliveries WHERE job_id = j.id)`,
    [ids],
  );
  const goneIds = gone.map(({ id }) => id);
  await tx.query(
    `UPDATE follow_runs SET named = coalesce(named, ${jobErrorChartsSql('follow_runs.job_id')}), job_id = NULL
      WHERE job_id = ANY($1::uuid[])`,
    [goneIds],
  );
  await tx.query('DELETE FROM jobs WHERE id = ANY($1::uuid[])', [goneIds]);
  return gone.length;
}
