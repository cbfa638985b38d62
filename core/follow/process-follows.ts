import { startRepeating } from '../runtime/repeat.ts';
import { claimRuns } from './claim-runs.ts';
import { type ClaimedFollowRun, runLeaseSeconds } from './claimed-run.ts';
import { endRuns } from './end-runs.ts';
import type { FollowDeps } from './follow-deps.ts';
import { freeFollowsOfBrokenCycles } from './free-follows-of-broken-cycles.ts';
import { runFollow } from './run-follow.ts';
import { releaseRuns, renewLeases } from './run-rows.ts';

/** Largest number of runs that a process prepares at once. */
const maxConcurrentRuns = 4;

/** Milliseconds between two renewals of the leases of runs that are prepared. */
const renewalMs = (runLeaseSeconds * 1_000) / 3;

/** Options of the work on follows. */
export interface ProcessFollowsOptions {
  /** Largest number of open runs in the registry. */
  maxOpen: number;
  /** Told of a run that broke off; another worker goes on with it. */
  onError: (run: ClaimedFollowRun, error: unknown) => void;
  /** Ends the work before the next runs. */
  signal?: AbortSignal;
}

/**
 * Does all the work on follows that there is.
 * It frees those whose cycles are broken, ends runs whose jobs are over, opens runs for follows that are due, and composes
 * their charts.
 * @throws when the database cannot be reached; nothing is lost
 */
export async function processFollows(deps: FollowDeps, options: ProcessFollowsOptions): Promise<void> {
  const { maxOpen, signal } = options;
  await freeFollowsOfBrokenCycles(deps.jobs.db);
  for (;;) {
    const ended = await endRuns(deps, options.onError);
    if (signal?.aborted) return;
    const runs = await claimRuns(deps.jobs.db, maxOpen);
    await prepareRuns(deps, runs, options);
    if (signal?.aborted || (ended === 0 && runs.length === 0)) return;
  }
}

async function prepareRuns(
  deps: FollowDeps,
  runs: readonly ClaimedFollowRun[],
  { onError, signal }: ProcessFollowsOptions,
): Promise<void> {
  if (runs.length === 0) return;
  const waiting = [...runs];
  const unfinished = new Set(runs.map(({ id }) => id));
  // A lease that could not be renewed ends: the key of the job holds then.
  const renewing = startRepeating(
    () => renewLeases(deps.jobs.db, [...unfinished]),
    renewalMs,
    () => undefined,
  );
  const prepareNext = async (): Promise<void> => {
    for (let run = waiting.shift(); run; run = signal?.aborted ? undefined : waiting.shift()) {
      const current = run;
      await runFollow(deps, current).catch((error: unknown) => onError(current, error));
      unfinished.delete(current.id);
    }
  };
  await Promise.all(Array.from({ length: maxConcurrentRuns }, prepareNext));
  await renewing.stop();
  if (waiting.length > 0) await releaseRuns(deps.jobs.db, waiting);
}
