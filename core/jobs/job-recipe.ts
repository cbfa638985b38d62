import { markRefusal } from '../access/refusals.ts';
import { someChartPlaceholder } from '../access/rights.ts';
import { RegistryError } from '../errors.ts';
import type { JsonText } from '../registry/documents.ts';
import { createHiddenSourceCheck } from '../registry/mask-sources.ts';
import { recipeTextSql } from '../registry/recipe-text.ts';
import { chartsNamedByJob } from './hide-sources.ts';
import { knowsSources, readVisibleJob } from './job-access.ts';
import type { JobDeps } from './jobs.ts';
import { jobNotFound } from './read.ts';

/**
 * Reads the recipe of a job, as it was sent but for its callback. Its author has it whole, as have readers who may read each
 * source and each space of `save.from`.
 * @throws {RegistryError} as `readVisibleJob`; `access.denied` where the actor may not read one of them
 */
export async function readJobRecipe(jobs: JobDeps, id: string): Promise<JsonText> {
  const { db, actor } = jobs;
  const job = await readVisibleJob(jobs, id);
  if (actor.guarded && !(await knowsSources(actor, job))) {
    const named = chartsNamedByJob(job);
    const hidden = named.find(await createHiddenSourceCheck(actor, named));
    // A job of an old release has no list of its sources, so they may be any.
    if (hidden || !job.sources) {
      const right = 'chart.read';
      const refusal = new RegistryError(
        'access.denied',
        `The recipe of job ${id} is for its author and for those who may read all its sources and the spaces of its save.from, and you may not read one of them. Ask for the right ${right} to it.`,
        { right },
      );
      throw markRefusal(refusal, {
        ...{ right, space: hidden?.space ?? job.space },
        chart: hidden?.chart === someChartPlaceholder ? undefined : hidden?.chart,
      });
    }
  }
  const [row] = await db.query<{ recipe: JsonText }>(
    `SELECT ${recipeTextSql('jobs')} AS recipe FROM jobs WHERE id = $1`,
    [job.id],
  );
  // It was deleted meanwhile.
  if (!row) throw jobNotFound(jobs, id);
  return row.recipe;
}
