import type { Digest } from '../blobs/port.ts';
import type { JsonObject } from '../chart/json.ts';
import type { Queryable } from '../db/port.ts';
import { type FindSource, sourcesOf } from '../recipe/plan.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { VersionRef } from '../registry/registry.ts';

/** Looks up, in one query, every stored version that a recipe names. */
export async function findSources(db: Queryable, recipe: Recipe): Promise<FindSource> {
  const wanted = sourcesOf(recipe);
  const rows = await db.query<VersionRef & { digest: Digest; metadata: JsonObject }>(
    `SELECT w.space, w.chart, w.version, v.digest, v.metadata
       FROM unnest($1::text[], $2::text[], $3::text[]) AS w (space, chart, version)
       JOIN spaces s ON s.name = w.space
       JOIN charts c ON c.space_id = s.id AND c.name = w.chart
       JOIN versions v ON v.chart_id = c.id AND v.version = w.version`,
    [
      wanted.map((source) => source.space),
      wanted.map((source) => source.chart),
      wanted.map((source) => source.version),
    ],
  );
  const found = new Map(
    rows.map((row) => [
      `${row.space}/${row.chart}/${row.version}`,
      { digest: row.digest, metadata: row.metadata },
    ]),
  );
  return (space, chart, version) => found.get(`${space}/${chart}/${version}`);
}
