import type { Actor, RightPlace } from '../access/actor.ts';
import { absentSpace, isWithinNarrowing } from '../access/decide.ts';
import { loginRequiredError, markRefusal } from '../access/refusals.ts';
import type { SpaceRight } from '../access/rights.ts';
import { isRegistryError } from '../errors.ts';
import type { Job } from './job.ts';
import type { JobDeps } from './jobs.ts';
import { jobNotFound, readJob } from './read.ts';

/** Returns the place that rights to a job are asked for: the space that its recipe was accepted for, and no later one. */
function rightPlaceOfJob({ space, chart, spaceId }: Job): RightPlace & { spaceId: number } {
  return { space, chart, spaceId: spaceId ?? absentSpace.id };
}

/** Whether an actor sent the recipe of a job. The job must be within the bounds of the actor's credential. */
async function isAuthor(actor: Actor, job: Job): Promise<boolean> {
  const { caller } = await actor.subject();
  if (caller.kind !== 'principal' || caller.principal.id !== job.authorId) return false;
  const { spaceId, chart } = rightPlaceOfJob(job);
  return isWithinNarrowing(caller.narrowing, spaceId, chart);
}

/**
 * Whether an actor knows all that a job names, because it sent the recipe. A token for some charts may be of the author,
 * and tells nothing of other charts.
 */
export async function knowsSources(actor: Actor, job: Job): Promise<boolean> {
  const { caller } = await actor.subject();
  const isForSome = caller.kind === 'principal' && caller.narrowing?.charts !== undefined;
  return !isForSome && (await isAuthor(actor, job));
}

/** Whether an actor may see a job. The author and the readers of its target may. */
export async function mayReadJob(actor: Actor, job: Job): Promise<boolean> {
  return (
    !actor.guarded || (await actor.may('job.read', rightPlaceOfJob(job))) || (await isAuthor(actor, job))
  );
}

/**
 * Reads a job for an actor. One that it may not see does not exist for it.
 * @throws {RegistryError} `job.notFound`; `access.unauthenticated` for anonymous actors, whether there is one or not
 */
export async function readVisibleJob(jobs: JobDeps, id: string): Promise<Job> {
  const { actor } = jobs;
  if (!actor.guarded) return readJob(jobs, id);
  const job = await readJob(jobs, id).catch((error: unknown) => {
    if (isRegistryError(error, 'job.notFound')) return undefined;
    throw error;
  });
  if (job && (await mayReadJob(actor, job))) return job;
  const { caller } = await actor.subject();
  if (caller.kind === 'anonymous') throw loginRequiredError();
  const error = jobNotFound(jobs, id);
  throw job ? markRefusal(error, { right: 'job.read', space: job.space, chart: job.chart }) : error;
}

/**
 * Checks whether an actor may cancel a job. The author may as a publisher, others by a right of their own.
 * @throws {RegistryError} as `readVisibleJob`; `access.denied`
 */
export async function requireCancelRight(jobs: JobDeps, id: string): Promise<void> {
  await requireAuthorOrRight(jobs, id, 'job.cancel');
}

/**
 * Checks whether an actor may have the callback of a job called again. The author may as a publisher, and so may who
 * manages the webhooks of the job's space.
 * @returns the job, and the right by which the actor may, for the transaction to confirm
 * @throws {RegistryError} as `readVisibleJob`; `access.denied`
 */
export function requireReplayRight(jobs: JobDeps, id: string): Promise<PermittedJob> {
  return requireAuthorOrRight(jobs, id, 'webhook.manage');
}

/**
 * Whether an actor may know the address of a job's callback. Its author has sent it, and who manages the webhooks of the
 * job's space may have it called again.
 */
export async function mayKnowCallback(actor: Actor, job: Job): Promise<boolean> {
  return (
    !actor.guarded ||
    (await isAuthor(actor, job)) ||
    (await actor.may('webhook.manage', rightPlaceOfJob(job)))
  );
}

/** A job, and the right by which an actor may do something with it. */
export interface PermittedJob {
  job: Job;
  right: SpaceRight;
  /** Where the right was checked. */
  place: RightPlace;
}

async function requireAuthorOrRight(jobs: JobDeps, id: string, right: SpaceRight): Promise<PermittedJob> {
  const { actor } = jobs;
  const job = await readVisibleJob(jobs, id);
  const place = rightPlaceOfJob(job);
  if (actor.guarded && (await isAuthor(actor, job)) && (await actor.may('chart.publish', place)))
    return { job, right: 'chart.publish', place };
  await actor.require(right, place);
  return { job, right, place };
}
