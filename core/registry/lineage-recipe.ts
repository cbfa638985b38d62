import type { Actor } from '../access/actor.ts';
import { markRefusal } from '../access/refusals.ts';
import { someChartPlaceholder } from '../access/rights.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { ValuesMode } from '../recipe/recipe.ts';
import type { JsonText } from './documents.ts';
import { createHiddenSourceCheck, listNameableCharts } from './mask-sources.ts';
import { versionNameOf } from './names.ts';
import { explainMissing } from './not-found.ts';
import { recipeTextSql } from './recipe-text.ts';
import type { VersionRef } from './registry.ts';
import { hasVersion, versionIdSql } from './version-lookup.ts';

/** Recipe that a version was composed from. */
export interface LineageRecipe {
  /** Recipe as it was sent, without its callback. */
  recipe: JsonText;
  /** Mode of its values, also where the recipe left it to the settings. */
  values: ValuesMode;
  /** Whether the version's values or metadata were rewritten since. */
  isModified: boolean;
}

/**
 * Reads the recipe of a version's lineage, which an actor must have whole. The actor may read each of the sources,
 * and each space of `save.from`.
 * @throws {RegistryError} `lineage.notFound` for a version that was not composed, or was replaced by an upload;
 *   `version.notFound`, or that of its chart or space; `access.denied` where it may not read one of them
 */
export async function readLineageRecipe(
  { db, actor }: { db: Queryable; actor: Actor },
  ref: VersionRef,
): Promise<LineageRecipe> {
  const [row] = await db.query<
    LineageRecipe & { sources: { space: string; chart: string }[]; from: string[] | null }
  >(
    `SELECT ${recipeTextSql('l')} AS recipe, l.plan ->> 'values' AS values, l.digest <> v.digest AS "isModified", l.sources,
            l.recipe #> '{save,from}' AS "from"
       FROM lineage l JOIN versions v ON v.id = l.version_id
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version],
  );
  if (!row) {
    if (!(await hasVersion(db, ref))) throw await explainMissing(db, ref, await actor.scope());
    throw new RegistryError(
      'lineage.notFound',
      `${versionNameOf(ref)} was uploaded, not composed, so there is no recipe to compose again. Send a recipe.`,
    );
  }
  const { sources, from, ...found } = row;
  if (!actor.guarded) return found;
  const named = listNameableCharts(sources, from);
  const hidden = named.find(await createHiddenSourceCheck(actor, named));
  if (!hidden) return found;
  const right = 'chart.read';
  const refusal = new RegistryError(
    'access.denied',
    `The recipe of ${versionNameOf(ref)} is for those who may read all its sources and the spaces of its save.from, and you may not read one of them. Ask for the right ${right} to it, or send a recipe of your own.`,
    { right },
  );
  throw markRefusal(refusal, {
    ...{ right, space: hidden.space },
    chart: hidden.chart === someChartPlaceholder ? undefined : hidden.chart,
  });
}
