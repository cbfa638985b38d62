import { createHash } from 'node:crypto';
import type { JsonObject } from '../chart/json.ts';
import { RegistryError } from '../errors.ts';
import { type Plan, planRecipe } from '../recipe/plan.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { checkCallback } from '../webhooks/sign.ts';
import { checkCapacity } from './capacity.ts';
import { findByKey } from './idempotency.ts';
import { insertJob } from './insert.ts';
import type { Job } from './job.ts';
import type { Jobs } from './jobs.ts';
import { claimSources } from './sources.ts';
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

/** Rounds until the sources stand still between being checked and being claimed; more than two are rare. */
const mostRounds = 10;

async function acceptJob(jobs: Jobs, submission: Submission, bodyDigest: string): Promise<Job> {
  for (let round = 1; ; round += 1) {
    try {
      return await tryToAccept(jobs, submission, bodyDigest);
    } catch (error) {
      if (!(error instanceof Unchecked)) throw error;
      if (round === mostRounds) throw error.toRegistryError();
      // Not within the transaction: it takes time, and reads from the database itself.
      await jobs.checker.check(error.plan);
    }
  }
}

/** Thrown to leave the transaction: what it would accept has to be checked first. */
class Unchecked extends Error {
  override name = 'Unchecked';
  readonly plan: Plan;

  constructor(plan: Plan) {
    super('the values of a plan have not been checked');
    this.plan = plan;
  }

  toRegistryError(): RegistryError {
    return new RegistryError(
      'resource.locked',
      'The sources are being rewritten by somebody else. Try again in a moment.',
    );
  }
}

async function tryToAccept(jobs: Jobs, submission: Submission, bodyDigest: string): Promise<Job> {
  const { space, recipe } = submission;
  const target = { space, chart: recipe.chart, version: recipe.version };
  try {
    return await jobs.locks.write([space, recipe.chart, recipe.version], async (tx) => {
      // Here, where few are at a time: requests that come at once would all find room before the first has taken it.
      await checkCapacity(tx, jobs.queueLimit);
      await checkTarget(tx, target);
      const plan = planRecipe(recipe, space, await claimSources(tx, recipe));
      if (!jobs.checker.hasPassed(plan)) throw new Unchecked(plan);
      return insertJob(tx, submission, bodyDigest, plan);
    });
  } catch (error) {
    if (error instanceof Unchecked) throw error;
    // Two requests with one key at once: the one that came second is told of the job of the first.
    const winner = await findByKey(jobs.db, submission, bodyDigest);
    if (winner) return winner;
    throw error;
  }
}
