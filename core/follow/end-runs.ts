import type { Transaction } from '../db/port.ts';
import type { ErrorBody } from '../errors.ts';
import type { JobLinks } from '../jobs/view.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import { announceFollow } from './announce-follow.ts';
import { type ClaimedFollowRun, followRunColumns } from './claimed-run.ts';
import { type CurrentSource, digestOfSources } from './current-sources.ts';
import { deleteOldVersions } from './delete-old-versions.ts';
import type { FollowDeps } from './follow-deps.ts';
import { lockFollows } from './lock-follows.ts';
import { makeAffectedFollowsDue } from './make-affected-follows-due.ts';
import { purgeRuns } from './purge-runs.ts';
import { recordFailure } from './record-failure.ts';
import { failOrFreeCycles, refreshSources } from './refresh-sources.ts';
import { isCycleSql } from './stopped.ts';

/** Open run whose job is over. */
interface EndedRun extends ClaimedFollowRun {
  space: string;
  chart: string;
  version: string;
  from: string | null;
  jobId: string;
  state: 'succeeded' | 'failed' | 'cancelled';
  error: ErrorBody | null;
  sources: CurrentSource[] | null;
  /** Digest of the sources as the run has found them. */
  sourceSet: string | null;
}

/** Largest number of runs that are looked for at once. */
const batchSize = 100;

/**
 * Ends the runs whose jobs are over, in whatever way and by whichever process.
 * @param onError gets the error of a run that could not be ended now
 * @returns how many were ended
 */
export async function endRuns(
  deps: FollowDeps,
  onError: (run: ClaimedFollowRun, error: unknown) => void,
): Promise<number> {
  const { db } = deps.jobs;
  const ended = await db.query<EndedRun>(
    `SELECT ${followRunColumns}, j.id AS "jobId", r.from_version AS "from", j.space, j.chart, j.version, j.state, j.error, j.sources,
            r.source_set AS "sourceSet"
       FROM follow_runs r JOIN follows f ON f.id = r.follow_id JOIN jobs j ON j.id = r.job_id
      WHERE r.state = 'running' AND j.state IN ('succeeded', 'failed', 'cancelled')
      ORDER BY r.number LIMIT ${batchSize}`,
  );
  let count = 0;
  for (const run of ended) {
    // A run that breaks off holds up no other.
    await endRunAndDeleteOld(deps, run).then(
      () => (count += 1),
      (error: unknown) => onError(run, error),
    );
  }
  return count;
}

async function endRunAndDeleteOld(deps: FollowDeps, run: EndedRun): Promise<void> {
  if (!(await deps.jobs.db.transaction((tx) => endRun(tx, run, deps.jobs.links)))) return;
  if (run.state === 'succeeded' && run.settings.keep !== undefined)
    await deleteOldVersions(deps, run, run.settings.keep);
  await purgeRuns(deps.jobs.db, run.followId);
}

/**
 * Ends a run: reads the sources of the new version, and makes the follows due that are above its chart. Both happen at
 * once, so that a chart above never sees this one as neither composed nor a reason to be composed itself.
 * @returns false when another worker has ended it
 */
async function endRun(tx: Transaction, run: EndedRun, links: JobLinks): Promise<boolean> {
  const { id, followId, space, chart, version, from, jobId } = run;
  const announced = { space, chart, from: from ?? undefined, version, job: links.job(jobId) };
  const isComposed = run.state === 'succeeded';
  const error = isComposed ? null : (run.error ?? cancelledJobError);
  const rows = await tx.query(
    `UPDATE follow_runs SET state = $2::follow_run_state, finished_at = now(), error = $3,
            digest = CASE WHEN $2::follow_run_state = 'composed' THEN
              (SELECT l.digest FROM lineage l WHERE l.version_id = ${versionIdSql('$4', '$5', '$6')} AND l.job_id = follow_runs.job_id) END
      WHERE id = $1 AND state = 'running' RETURNING id`,
    [id, isComposed ? 'composed' : run.state, error && JSON.stringify(error), space, chart, version],
  );
  if (rows.length === 0) return false;
  if (error) {
    await recordFailure(tx, id, error, run.sourceSet ?? digestOfSources(run.sources ?? []));
    await announceFollow(tx, 'follow.failed', { ...announced, error: error.code });
    return true;
  }
  await lockFollows(tx, [followId], [{ space, chart }]);
  // A cycle that was closed while the run was open stays one.
  await tx.query(
    `UPDATE follows SET failure = NULL, failed_set = NULL, attempts = 0 WHERE id = $1 AND NOT ${isCycleSql('failure')}`,
    [followId],
  );
  const changed = await refreshSources(tx, [followId], { waveAt: run.waveAt });
  await makeAffectedFollowsDue(tx, [{ kind: 'published', space, chart, version, waveAt: run.waveAt }]);
  await announceFollow(tx, 'follow.composed', announced);
  await failOrFreeCycles(tx, changed);
  return true;
}

const cancelledJobError: ErrorBody = {
  code: 'job.cancelled',
  reason: 'ReasonInternal',
  message:
    'The job was cancelled before it was done. It is composed again when a source has another version.',
};
