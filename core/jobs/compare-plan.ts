import { buffer } from 'node:stream/consumers';
import { loadPlanArchives } from '../chart-work/load-plan-archives.ts';
import { defaultCompareLimit } from '../compare/comparison.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { findCompared, loadSide } from '../registry/compare-versions.ts';
import type { JsonText } from '../registry/documents.ts';
import { explainMissing } from '../registry/not-found.ts';
import { pickVersion } from '../registry/pick-version.ts';
import type { JobDeps } from './jobs.ts';
import type { RecipeRights } from './recipe-rights.ts';

/**
 * Compares a stored version of a plan's chart with the plan's result. The plan is composed in a thread and not stored.
 * The caller has previewed the plan, so its sources are within the limits.
 * @param against a version, or `latest`
 * @param options.admit checks that there is room in memory, once a thread is free
 * @returns a `Comparison`, as JSON; undefined when a source or the version was deleted or replaced meanwhile
 * @throws {RegistryError} `version.notFound`, or that of its chart or space, `version.invalid`, `blob.damaged`,
 *   `blob.missing`, `service.busy`, and as `composePrepared`
 */
export async function comparePlan(
  { db, actor, blobs, charts }: Pick<JobDeps, 'db' | 'actor' | 'blobs' | 'charts'>,
  plan: Plan<Configuration>,
  against: string,
  { scope, admit }: Pick<RecipeRights, 'scope'> & { admit: () => Promise<void> },
): Promise<JsonText | undefined> {
  const { space, chart, version } = plan;
  const stored = against === 'latest' ? await pickVersion(db, { space, chart }, 'latest') : against;
  if (stored === undefined) throw await explainMissing(db, { space, chart }, scope);
  const from = await findCompared({ db, actor, suggestible: scope }, { space, chart, version: stored });
  let isGone = false;
  const gone = (digest: string) => {
    isGone = true;
    return new Error(`the archive ${digest} is gone`);
  };
  const loadSource = async (digest: typeof from.digest) => {
    const source = await blobs.open(digest);
    if (!source) throw gone(digest);
    return buffer(source);
  };
  const loadSides = async () => {
    await admit();
    const side = await loadSide(blobs, from);
    if (!side) throw gone(from.digest);
    return {
      from: side,
      to: { target: { space, chart, version }, ...(await loadPlanArchives(plan, loadSource)) },
    };
  };
  try {
    const { json } = await charts.compare(space, loadSides, { start: 0, limit: defaultCompareLimit });
    return new TextDecoder().decode(json);
  } catch (error) {
    if (isGone) return undefined;
    throw error;
  }
}
