import { RegistryError } from '../errors.ts';
import type { Job } from '../jobs/job.ts';
import type { JobDeps } from '../jobs/jobs.ts';
import { isVersionTakenError } from '../jobs/next-target.ts';
import { recompose } from '../jobs/recompose.ts';
import { versionNameOf } from '../registry/names.ts';
import type { ClaimedFollowRun } from './claimed-run.ts';
import {
  type CurrentSource,
  digestOfSources,
  type FollowBase,
  hasRelevantChange,
  readFollowBase,
  resolveSources,
} from './current-sources.ts';
import { maskedCycleError } from './cycle-error.ts';
import { describeCycle } from './describe-cycle.ts';
import { failRun } from './fail-run.ts';
import { createFollowActor } from './follow-actor.ts';
import { openCallback } from './follow-callback.ts';
import type { FollowDeps } from './follow-deps.ts';
import { chooseNextVersion } from './next-version.ts';
import { refuseReplacedSpaces } from './refuse-replaced-spaces.ts';
import { deleteEmptyRun, findJobOfRun, postponeRun, recordJob, recordRunSources } from './run-rows.ts';

/** Errors that have nothing to do with the recipe: the run is tried again. */
const transientCodes = [
  'resource.locked',
  'lock.lost',
  'service.busy',
  'service.unavailable',
  'queue.full',
  'storage.full',
] as const;

/** Failures in a row after which a run fails. */
const maxAttempts = 20;

/**
 * Composes the chart of a claimed run anew. Sources of the chart must have changed in a way that counts. May run twice,
 * by two workers: the job has the run's id as its idempotency key, so there is one. A run that was opened to report a
 * cycle fails by it.
 * @throws errors of the database and the like; another worker goes on with the run after its lease
 */
export async function runFollow(deps: FollowDeps, run: ClaimedFollowRun): Promise<void> {
  const { db } = deps.jobs;
  const earlier = await findJobOfRun(db, run);
  if (earlier) return recordJob(db, run, earlier);
  const base = await readFollowBase(db, run.followId);
  // Its chart was deleted, and the follow with it.
  if (!base) return;
  const now = await resolveSources(db, base.sources ?? []);
  if (run.cycle) {
    const cycle = await describeCycle(deps, run, run.cycle);
    return failRun(deps, run, { base, now, error: maskedCycleError, cycle });
  }
  const isDue = base.sources === null || hasRelevantChange(run.settings, base.sources, now);
  if (!isDue || digestOfSources(now) === run.failedSet) return deleteEmptyRun(db, run, isDue);
  try {
    if (base.sources === null) throw lineageMissingError(base);
    if (run.attempts >= maxAttempts) throw attemptsExhaustedError();
    await recordRunSources(db, run, base.version, digestOfSources(now));
    await recordJob(db, run, await submitFollowJob(deps, run, base, now));
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    // Another worker may have had it accepted meanwhile, after the lease of this one.
    const accepted = await findJobOfRun(db, run);
    if (accepted) return recordJob(db, run, accepted);
    if (transientCodes.some((code) => error.code === code)) await postponeRun(db, run);
    else await failRun(deps, run, { base, now, error });
  }
}

async function submitFollowJob(
  deps: FollowDeps,
  run: ClaimedFollowRun,
  base: FollowBase,
  now: readonly CurrentSource[],
): Promise<Job> {
  const author = await createFollowActor(deps.access, deps.jobs.db, run);
  const actor = await refuseReplacedSpaces(deps.jobs.db, author, run.followId);
  const jobs: JobDeps = { ...deps.jobs, actor };
  const callback = await openCallback(jobs.sealer, run);
  const { space, chart, version } = base;
  const request = {
    from: { space, chart, version },
    changes: '{}',
    bodyText: run.id,
    idempotencyKey: run.id,
    ...(callback ? { callback } : {}),
  };
  const to = chooseNextVersion(run.settings, base, now);
  try {
    return await recompose(jobs, { ...request, to });
  } catch (error) {
    if (!isVersionTakenError(error) || 'next' in to) throw error;
    return recompose(jobs, { ...request, to: { next: 'patch' } });
  }
}

function lineageMissingError(base: FollowBase): RegistryError {
  return new RegistryError(
    'lineage.notFound',
    `${versionNameOf(base)} is the newest version and was uploaded, not composed, so there is no recipe to compose again. Send a recipe for a newer version, or delete it.`,
  );
}

function attemptsExhaustedError(): RegistryError {
  return new RegistryError(
    'internal',
    `Composing was tried ${maxAttempts} times, and each time something failed that has nothing to do with the recipe. Set the follow again once the registry is well.`,
  );
}
