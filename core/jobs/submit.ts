import { createHash } from 'node:crypto';
import type { JsonObject } from '../chart/json.ts';
import { RegistryError } from '../errors.ts';
import { type Plan, planRecipe } from '../recipe/plan.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { VersionRef } from '../registry/registry.ts';
import { checkCallback } from '../webhooks/sign.ts';
import { checkCapacity } from './capacity.ts';
import { findByKey } from './idempotency.ts';
import { insertJob } from './insert.ts';
import type { Job } from './job.ts';
import type { Jobs } from './jobs.ts';
import { claimSources, findSources } from './sources.ts';
import { checkTarget } from './target.ts';
import { tryEnqueue } from './try-queue.ts';

/** A recipe that is well-formed, and how it was sent. */
export interface Submission {
  space: string;
  recipe: Recipe;
  /** The body as it was sent, which is what an idempotency key stands for. */
  bodyText: string;
  /** What is kept of the body: all but the callback. */
  kept: JsonObject;
  idempotencyKey?: string;
}

/**
 * Accepts an orchestration: its sources are resolved to what they are at this moment, the target is reserved, and the job
 * is committed before it is put on the queue. If it does not get there, the sweep puts it there.
 * @throws {RegistryError} `source.notFound`, `space.notFound`, `version.exists`, `resource.locked`, `callback.invalid`,
 *   `idempotency.mismatch`, `queue.full`; `values.invalid`, `schema.invalid` and `recipe.invalid` where the composed chart would not do
 */
export async function submitJob(jobs: Jobs, given: Submission): Promise<Job> {
  const bodyDigest = createHash('sha256').update(given.bodyText).digest('hex');
  const known = await findByKey(jobs.db, given, bodyDigest);
  if (known) return known;
  const { callback } = given.recipe;
  const recipe = callback ? { ...given.recipe, callback: checkCallback(callback) } : given.recipe;
  const job = await acceptJob(jobs, { ...given, recipe }, bodyDigest);
  await tryEnqueue(jobs, 'orchestrations', [job.id]);
  return job;
}

/** Rounds until the sources stand still between being looked at and being claimed; more than one are rare. */
const mostRounds = 10;

async function acceptJob(jobs: Jobs, submission: Submission, bodyDigest: string): Promise<Job> {
  for (let round = 0; round < mostRounds; round += 1) {
    // Outside the transaction, which others wait for: it takes time, and may end here already.
    const plan = await foresee(jobs, submission);
    const job = await tryToAccept(jobs, submission, bodyDigest, plan);
    if (job) return job;
  }
  throw new RegistryError(
    'resource.locked',
    'The sources are being rewritten by somebody else. Try again in a moment.',
  );
}

/** The plan as things are now, and nothing wrong with it. */
async function foresee(jobs: Jobs, { space, recipe }: Submission): Promise<Plan> {
  try {
    const plan = planRecipe(recipe, space, await findSources(jobs.db, recipe));
    if (!jobs.checker.hasPassed(plan)) await jobs.checker.check(plan);
    return plan;
  } catch (error) {
    // That there is no place for the result is said first.
    await checkTarget(jobs.db, targetOf(space, recipe));
    throw error;
  }
}

/** @returns nothing where the sources are not any more what they were when the plan was made */
async function tryToAccept(
  jobs: Jobs,
  submission: Submission,
  bodyDigest: string,
  plan: Plan,
): Promise<Job | undefined> {
  const { space, recipe } = submission;
  const target = targetOf(space, recipe);
  try {
    const job = await jobs.locks.lookAndWrite(
      [space, recipe.chart, recipe.version],
      async (tx) => {
        // The limit is looked at here, where few are at a time: requests that come at once would all find room before the
        // first has taken it.
        const looks = [checkCapacity(tx, jobs.queueLimit), checkTarget(tx, target)];
        const [steady] = await Promise.all([claimSources(tx, plan), ...looks]);
        return steady;
      },
      async (tx, steady) => (steady ? insertJob(tx, submission, bodyDigest, plan) : undefined),
    );
    // Only of a job that this plan was written down for: that of another request has a plan of its own.
    if (job) jobs.fresh.add(job.id, plan, submission.bodyText.length);
    return job;
  } catch (error) {
    // Two requests with one key at once: the one that came second is told of the job of the first.
    const winner = await findByKey(jobs.db, submission, bodyDigest);
    if (winner) return winner;
    throw error;
  }
}

function targetOf(space: string, { chart, version }: Recipe): VersionRef {
  return { space, chart, version };
}
