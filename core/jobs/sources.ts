import type { Digest } from '../blobs/port.ts';
import type { JsonObject } from '../chart/json.ts';
import type { Queryable } from '../db/port.ts';
import { type FindSource, sourcesOf } from '../recipe/plan.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { VersionRef } from '../registry/registry.ts';

/** Looks up, in one query, every stored version that a recipe names. */
export async function findSources(db: Queryable, recipe: Recipe): Promise<FindSource> {
  const rows = await selectSources<VersionRef & { digest: Digest; metadata: JsonObject }>(
    db,
    recipe,
    'w.space, w.chart, w.version, v.digest, v.metadata',
  );
  const found = new Map(
    rows.map(({ space, chart, version, digest, metadata }) => [
      `${space}/${chart}/${version}`,
      { digest, metadata },
    ]),
  );
  return (space, chart, version) => found.get(`${space}/${chart}/${version}`);
}

/** The digests of the stored versions that a recipe names, as far as they are there. */
export async function sourceDigests(db: Queryable, recipe: Recipe): Promise<Digest[]> {
  const rows = await selectSources<{ digest: Digest }>(db, recipe, 'v.digest');
  return rows.map((row) => row.digest);
}

function selectSources<T extends object>(db: Queryable, recipe: Recipe, columns: string): Promise<T[]> {
  const wanted = sourcesOf(recipe);
  return db.query<T>(
    `SELECT ${columns}
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
}
