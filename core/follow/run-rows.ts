import type { Database, Queryable } from '../db/port.ts';
import { type Job, type JobRow, jobColumns, toJob } from '../jobs/job.ts';
import { type ClaimedFollowRun, runLeaseSeconds } from './claimed-run.ts';
import { isCycleSql, isStoppedSql } from './stopped.ts';

/** Seconds until a run is tried again that something has hindered; twice as many after each further time, up to ten minutes. */
const firstDelaySeconds = 2;
const maxDelaySeconds = 600;

/** Finds the job of a run by its idempotency key. The worker of the run may have died before recording it. */
export async function findJobOfRun(db: Queryable, run: ClaimedFollowRun): Promise<Job | undefined> {
  const [row] = await db.query<JobRow>(
    `SELECT ${jobColumns} FROM jobs WHERE id = (
       SELECT k.job_id FROM follows f JOIN charts c ON c.id = f.chart_id JOIN spaces s ON s.id = c.space_id
              JOIN idempotency_keys k ON k.space = s.name AND k.author IN (coalesce($2::text, ''), '') AND k.key = $3
        WHERE f.id = $1)`,
    [run.followId, run.principalId, run.id],
  );
  return row && toJob(row);
}

/** Renews the leases of runs that are worked on. So nobody takes runs over because composing takes long. */
export async function renewLeases(db: Queryable, runIds: readonly string[]): Promise<void> {
  await db.query(
    `UPDATE follow_runs SET lease_until = now() + make_interval(secs => $2)
      WHERE id = ANY($1::uuid[]) AND state = 'running' AND job_id IS NULL`,
    [runIds, runLeaseSeconds],
  );
}

/** Releases runs that were claimed, so that another worker takes them over without delay. */
export async function releaseRuns(db: Queryable, runs: readonly ClaimedFollowRun[]): Promise<void> {
  await db.query(
    "UPDATE follow_runs SET lease_until = now() WHERE id = ANY($1::uuid[]) AND state = 'running' AND job_id IS NULL",
    [runs.map(({ id }) => id)],
  );
}

/**
 * Records what a run composes from, before its job is accepted. If that fails, these are the sources that are not
 * tried again.
 */
export async function recordRunSources(
  db: Queryable,
  run: ClaimedFollowRun,
  from: string,
  set: string,
): Promise<void> {
  await db.query(
    `UPDATE follow_runs SET from_version = $2, source_set = $3
      WHERE id = $1 AND state = 'running' AND job_id IS NULL`,
    [run.id, from, set],
  );
}

/** Records the job of a run, whose end `endRuns` looks for from then on. */
export async function recordJob(db: Queryable, run: ClaimedFollowRun, job: Job): Promise<void> {
  await db.query(
    "UPDATE follow_runs SET job_id = $2, version = $3, lease_until = NULL WHERE id = $1 AND state = 'running'",
    [run.id, job.id, job.version],
  );
}

/**
 * Deletes a run that has found nothing to compose.
 * @param hasFailed whether the same sources have failed before, so that their failure stays
 */
export async function deleteEmptyRun(db: Database, run: ClaimedFollowRun, hasFailed: boolean): Promise<void> {
  await db.query(
    `WITH dropped AS (DELETE FROM follow_runs WHERE id = $1 AND state = 'running' AND job_id IS NULL RETURNING follow_id)
     UPDATE follows f SET attempts = 0, failure = CASE WHEN $2 THEN f.failure END,
            failed_set = CASE WHEN $2 THEN f.failed_set END
       FROM dropped WHERE f.id = dropped.follow_id AND NOT ${isCycleSql('f.failure')}`,
    [run.id, hasFailed],
  );
}

/** Deletes a run that was hindered by something outside its recipe. The follow of the run is made due later. */
export async function postponeRun(db: Database, run: ClaimedFollowRun): Promise<void> {
  await db.query(
    `WITH dropped AS (DELETE FROM follow_runs WHERE id = $1 AND state = 'running' AND job_id IS NULL RETURNING follow_id, wave_at)
     UPDATE follows f SET attempts = f.attempts + 1, due_since = coalesce(f.due_since, now()),
            due_at = coalesce(f.due_at, now()), wave_at = least(f.wave_at, dropped.wave_at),
            look_at = now() + make_interval(secs => least($2::float8 * 2 ^ f.attempts, $3::float8))
       FROM dropped WHERE f.id = dropped.follow_id AND NOT ${isStoppedSql('f.failure')}`,
    [run.id, firstDelaySeconds, maxDelaySeconds],
  );
}
