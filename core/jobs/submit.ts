import { createHash, randomUUID } from 'node:crypto';
import { isRegistryError, RegistryError } from '../errors.ts';
import { type FindSource, planRecipe } from '../recipe/plan.ts';
import { hasData } from '../recipe/plan-text.ts';
import { limitWarnings } from '../recipe/warning.ts';
import { checkCallback } from '../webhooks/callback.ts';
import { acceptJob } from './accept.ts';
import { composeInline, storeInline } from './compose-inline.ts';
import { explainSource } from './explain-source.ts';
import { findByKey } from './idempotency.ts';
import { isFinal, type Job } from './job.ts';
import type { JobDeps } from './jobs.ts';
import { findSources } from './resolve-sources.ts';
import { namingSources } from './source-fault.ts';
import type { NewJob, Submission } from './submission.ts';
import { checkTarget, explainTaken } from './target.ts';
import { tryEnqueue } from './try-queue.ts';

/**
 * Accepts an orchestration: its sources are resolved to what they are at this moment, the target is reserved, and the job
 * is committed before it is put on the queue. If it does not get there, the sweep puts it there.
 *
 * One that is waited for, and can be composed out of what this process has in memory, is: then the job that is committed has
 * succeeded.
 * @throws {RegistryError} `source.notFound`, `space.notFound`, `version.exists`, `version.composing`, `resource.locked`, `callback.invalid`,
 *   `idempotency.mismatch`, `queue.full`; `values.invalid`, `schema.invalid` and `recipe.invalid` where the composed chart would not do
 */
export async function submitJob(jobs: JobDeps, given: Submission): Promise<Job> {
  const bodyDigest = createHash('sha256').update(given.bodyText).digest('hex');
  const earlier = await findByKey(jobs.db, given, bodyDigest);
  if (earlier) return earlier;
  const { callback } = given.recipe;
  const recipe = callback ? { ...given.recipe, callback: checkCallback(callback, jobs.guard) } : given.recipe;
  const job = await submitWithRetry(jobs, { ...given, recipe }, bodyDigest);
  if (!isFinal(job.state)) await tryEnqueue(jobs, 'orchestrations', [job.id]);
  return job;
}

/** Rounds until the sources stand still between being looked at and being claimed; more than one are rare. */
const maxRounds = 10;

async function submitWithRetry(jobs: JobDeps, submission: Submission, bodyDigest: string): Promise<Job> {
  for (let round = 0; round < maxRounds; round += 1) {
    // Outside the transaction, which others wait for: it takes time, and may end here already.
    // What is remembered of the sources is worth a guess, but only one.
    const validated = await planAndValidate(
      jobs,
      submission,
      round === 0 ? jobs.knownSources.find(submission.recipe) : undefined,
    );
    const job = await commitJob(jobs, {
      ...submission,
      id: randomUUID(),
      bodyDigest,
      ...validated,
      warnings: limitWarnings([...validated.warnings, ...submission.ignored]),
    });
    if (job) return job;
  }
  throw new RegistryError(
    'resource.locked',
    'The sources are being rewritten by somebody else. Try again in a moment.',
  );
}

/**
 * The plan as things are now, and nothing wrong with it, with its warnings.
 * @param known what the sources were a while ago, if the plan is to be made of that
 */
async function planAndValidate(
  jobs: JobDeps,
  submission: Submission,
  known?: FindSource,
): Promise<Pick<NewJob, 'plan' | 'warnings'>> {
  const { space, recipe } = submission;
  try {
    const plan = planRecipe(recipe, space, known ?? (await findSources(jobs.db, recipe, jobs.knownSources)));
    const recalled = jobs.checker.recall(plan);
    const warnings = recalled ?? (await namingSources(plan, () => jobs.checker.check(plan)));
    return { plan, warnings };
  } catch (error) {
    if (known) return planAndValidate(jobs, submission);
    // That there is no place for the result is said first.
    await checkTarget(jobs.db, { space, chart: recipe.chart, version: recipe.version });
    throw await explainSource(jobs.db, recipe, error);
  }
}

/** @returns nothing where the sources are not any more what they were when the plan was made */
async function commitJob(jobs: JobDeps, job: NewJob): Promise<Job | undefined> {
  // Where a call is owed, somebody counts on the job also when this process ends now.
  const inline = job.waited && !job.recipe.callback;
  const staged = inline && hasData(job.plan) ? await composeInline(jobs, job.plan) : undefined;
  try {
    return await (staged ? storeInline(jobs, job, staged) : acceptJob(jobs, job));
  } catch (error) {
    // Two requests with one key at once: the one that came second is told of the job of the first.
    const winner = await findByKey(jobs.db, job, job.bodyDigest);
    if (winner) return winner;
    if (isRegistryError(error, 'resource.locked')) throw (await explainTaken(jobs.db, job.plan)) ?? error;
    throw error;
  } finally {
    staged?.release();
  }
}
