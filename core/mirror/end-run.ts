import type { Database } from '../db/port.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import type { IndexValidators } from './fetch-index.ts';
import type { MirrorFault, MirrorOutcome, MirrorRunState } from './settings.ts';

/** Versions of a run: those in the index, those that the filters choose, and what came of them. */
export type RunCounts = { [What in 'listed' | 'chosen' | 'tooYoung' | 'unchanged' | MirrorOutcome]?: number };

/** Counts a version. */
export function countOutcome(counts: RunCounts, what: keyof RunCounts): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

/** Result of a run. */
export interface RunResult {
  state: Exclude<MirrorRunState, 'running' | 'cancelled'>;
  counts: RunCounts;
  /** Validators of an index that need not be read again unless it changes. */
  validators?: IndexValidators | undefined;
  error?: MirrorFault | undefined;
  /** Milliseconds since 1970 before which the upstream wants no request. */
  retryAt?: number | undefined;
}

/** Minutes after which a run is tried again that was not complete, by the number of those before it. */
const retryMinutes = [1, 5, 15, 60] as const;

/** Runs of a mirror that are kept. */
const keptRuns = 100;

/** Ends a run and schedules the next. Nothing is done where the run was cancelled or is another process's. */
export async function endMirrorRun(
  db: Database,
  run: ClaimedMirrorRun,
  { state, counts, validators, error, retryAt }: RunResult,
): Promise<void> {
  const isComplete = state === 'complete';
  const attempts = isComplete ? 0 : run.attempts + 1;
  await db.query(
    `WITH ended AS (
       UPDATE mirror_runs SET state = $3, counts = $4, error = $5, finished_at = now(), holder = NULL, lease_until = NULL
        WHERE id = $1 AND holder = $2 AND state = 'running' RETURNING mirror_id
     )
     UPDATE mirrors m SET attempts = $6, etag = $7, last_modified = $8,
            succeeded_at = CASE WHEN $9 THEN now() ELSE m.succeeded_at END,
            due_at = CASE WHEN $10::double precision IS NOT NULL THEN to_timestamp($10)
                          WHEN m.every IS NOT NULL THEN now() + least(make_interval(mins => m.every), make_interval(mins => $11))
                          ELSE m.due_at END
       FROM ended WHERE m.id = ended.mirror_id`,
    [
      ...[run.id, run.holder, state, JSON.stringify(counts)],
      error ? JSON.stringify(error) : null,
      ...[attempts, validators?.etag ?? null, validators?.lastModified ?? null, isComplete],
      retryAt === undefined ? null : retryAt / 1_000,
      isComplete ? (run.every ?? 0) : (retryMinutes[Math.min(attempts, retryMinutes.length) - 1] ?? 60),
    ],
  );
  await db.query(
    `DELETE FROM mirror_runs WHERE mirror_id = $1 AND number <= (
       SELECT number FROM mirror_runs WHERE mirror_id = $1 ORDER BY number DESC OFFSET ${keptRuns} LIMIT 1)`,
    [run.mirrorId],
  );
}
