import { randomUUID } from 'node:crypto';
import { isRegistryError, RegistryError } from '../errors.ts';
import { checkFollow, checkPlannedFollow } from '../follow/check-follow.ts';
import { type FindSource, planRecipe } from '../recipe/plan.ts';
import { isPlanParsed } from '../recipe/plan-text.ts';
import { listRecipeSources } from '../recipe/sources.ts';
import { limitWarnings } from '../recipe/warning.ts';
import { type Callback, checkCallback } from '../webhooks/callback.ts';
import { sealCallback } from '../webhooks/callback-secrets.ts';
import { addMissingParts } from './add-missing-parts.ts';
import { composeInline } from './compose-inline.ts';
import { explainSourceNotFound } from './explain-source-not-found.ts';
import { digestOfBody, findJobByIdempotencyKey } from './idempotency.ts';
import { isFinal, type Job } from './job.ts';
import { recipeAuditRecord } from './job-audit.ts';
import type { JobDeps } from './jobs.ts';
import { locateWarnings } from './locate-warnings.ts';
import { checkRecipeRights } from './recipe-rights.ts';
import { findSources } from './resolve-sources.ts';
import { withFaultySourceNamed } from './source-fault.ts';
import { storeInline } from './store-inline.ts';
import type { NewJob, Submission } from './submission.ts';
import { checkTarget, explainTargetLock } from './target.ts';
import { tryEnqueue } from './try-queue.ts';

/**
 * Accepts a recipe. Composes it here if there is room, and commits the job as `succeeded`.
 * Otherwise commits the job as `queued`, with a reservation of its target, and enqueues it. A job that cannot be enqueued
 * after its commit is enqueued by the sweep.
 * @throws {RegistryError} `source.notFound`, `dependency.notFound`, `dependency.cycle`, `space.notFound`, `version.exists`,
 *   `version.immutable`, `version.composing`,
 *   `resource.locked`, `callback.invalid`, `idempotency.mismatch`, `queue.full`; `values.invalid`, `schema.invalid` and
 *   `recipe.invalid` where the composed chart would not do; `access.denied`, also where rights go while it is composed
 */
export async function submitJob(jobs: JobDeps, submission: Submission): Promise<Job> {
  const bodyDigest = digestOfBody(submission.bodyText);
  const rights = await checkRecipeRights(jobs.actor, submission.space, submission.recipe);
  const earlier = await findJobByIdempotencyKey(jobs.db, submission, bodyDigest, rights.author);
  if (earlier) return earlier;
  const { callback, ...recipe } = submission.recipe;
  const checked = callback && checkCallback(callback, jobs.guard);
  await checkFollow(jobs, submission.space, submission.recipe, rights.isReadable);
  const audit = await recipeAuditRecord(jobs.actor, { space: submission.space, ...recipe });
  const traceparent = jobs.tracing.traceparent();
  const allowed = { ...submission, recipe, bodyDigest, rights, audit, traceparent };
  const job = await submitWithRetry(jobs, allowed, checked);
  if (!isFinal(job.state)) await tryEnqueue(jobs, 'orchestrations', [job.id]);
  return job;
}

/** Attempts before the answer is 423; a second is needed only when a source changes between planning and commit. */
const maxAttempts = 10;

/** Submission whose author may compose it. */
type AllowedSubmission = Submission & Pick<NewJob, 'bodyDigest' | 'rights' | 'audit' | 'traceparent'>;

async function submitWithRetry(
  jobs: JobDeps,
  submission: AllowedSubmission,
  callback: Callback | undefined,
): Promise<Job> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    // Planning and validation take time, so they run before the transaction, for whose lock others wait. The cached
    // sources are tried once only: if they were out of date, the second attempt reads the database.
    const validated = await planAndValidate(
      jobs,
      submission,
      attempt === 0 ? createCachedSourceFinder(jobs, submission) : undefined,
    );
    const warnings = await locateWarnings(jobs.charts, submission, validated.warnings);
    const id = randomUUID();
    const job = await commitJob(jobs, {
      ...submission,
      id,
      callback: callback && (await sealCallback(jobs, id, callback)),
      plan: validated.plan,
      warnings: limitWarnings([...warnings, ...submission.ignored]),
    });
    if (job) return job;
  }
  throw new RegistryError(
    'resource.locked',
    'The sources are being rewritten by another request. Try again in a moment.',
  );
}

/** Creates the finder of sources in memory, if the author may read each. */
function createCachedSourceFinder(
  jobs: JobDeps,
  { recipe, rights }: AllowedSubmission,
): FindSource | undefined {
  return listRecipeSources(recipe).every(rights.isReadable) ? jobs.resolvedSources.find(recipe) : undefined;
}

/**
 * Plans a recipe and validates its values.
 * @param cachedSources sources as they were a while ago; after any error they are read anew
 */
async function planAndValidate(
  jobs: JobDeps,
  submission: AllowedSubmission,
  cachedSources?: FindSource,
): Promise<Pick<NewJob, 'plan' | 'warnings'>> {
  const { space, recipe, rights } = submission;
  try {
    const find = cachedSources ?? (await findSources(jobs.db, recipe, rights, jobs.resolvedSources));
    const plan = await addMissingParts(jobs.db, recipe, planRecipe(recipe, space, find), rights);
    await checkPlannedFollow(jobs, recipe, plan);
    const passed = jobs.validator.findPassed(plan);
    const warnings = passed ?? (await withFaultySourceNamed(plan, () => jobs.validator.check(plan)));
    return { plan, warnings };
  } catch (error) {
    if (cachedSources) return planAndValidate(jobs, submission);
    // An error about the target is reported before one about the recipe.
    const target = { space, chart: recipe.chart, version: recipe.version };
    await checkTarget(jobs.db, target, { replaces: recipe.replace === true, rights, links: jobs.links });
    throw await explainSourceNotFound(jobs.db, recipe, rights, error);
  }
}

async function writeQueued(jobs: JobDeps, job: NewJob): Promise<Job | undefined> {
  const written = await jobs.writeQueued({ job });
  if (written) jobs.notifyAdded();
  return written;
}

/**
 * Inserts the job, composed inline where possible.
 * @returns undefined when the sources have changed since the plan was made
 */
async function commitJob(jobs: JobDeps, job: NewJob): Promise<Job | undefined> {
  const staged = isPlanParsed(job.plan) ? await composeInline(jobs, job.plan) : undefined;
  try {
    const written = await (staged ? storeInline(jobs, job, staged) : writeQueued(jobs, job));
    return written ?? (await findJobByIdempotencyKey(jobs.db, job, job.bodyDigest, job.rights.author));
  } catch (error) {
    // The second of two simultaneous requests with one idempotency key gets the job of the first.
    const winner = await findJobByIdempotencyKey(jobs.db, job, job.bodyDigest, job.rights.author);
    if (winner) return winner;
    if (isRegistryError(error, 'resource.locked'))
      throw (
        (await explainTargetLock(jobs.db, job.plan, { ...jobs, replaces: job.recipe.replace === true })) ??
        error
      );
    throw error;
  } finally {
    staged?.release();
  }
}
