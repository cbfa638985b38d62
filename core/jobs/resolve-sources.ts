import type { Digest } from '../blobs/port.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import type { FindSource, Plan } from '../recipe/plan.ts';
import type { Config, Recipe } from '../recipe/recipe.ts';
import { type RecipeSource, sourcesOf, storedSources } from '../recipe/sources.ts';
import { lockBlobsShared } from '../registry/blob-references.ts';
import { nameOf } from '../registry/names.ts';
import { pickVersion } from '../registry/pick-version.ts';
import type { VersionRef } from '../registry/registry.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import type { JsonObject } from '../yaml/json.ts';
import type { ResolvedSourceCache } from './resolved-sources.ts';

/** A stored version that a recipe asks for: what it says, and which one that is now. */
interface Wanted extends VersionRef {
  asked: RecipeSource;
}

interface Row extends VersionRef {
  digest: Digest;
  metadata: JsonObject;
}

/**
 * Looks up every stored version that a recipe asks for, as it is at this moment.
 * @param known what is to remember them
 */
export async function findSources(
  db: Queryable,
  recipe: Recipe<Config>,
  known?: ResolvedSourceCache,
): Promise<FindSource> {
  const wanted = await resolveVersions(db, sourcesOf(recipe));
  const rows = await selectVersions<Row>(db, wanted, 'v.digest, v.metadata');
  for (const row of rows) known?.note(row, row);
  return finderOf(wanted, rows);
}

/**
 * Keeps the bytes of a plan's sources from being taken away until the transaction ends.
 * @param made the digest of what was made of them already, if it was: kept as they are
 * @returns whether the sources are still what the plan says: a version may have gone, or got other bytes
 */
export async function claimSources(tx: Transaction, plan: Plan<Config>, made?: Digest): Promise<boolean> {
  const sources = storedSources(plan.root);
  const digests = [...sources.map(({ digest }) => digest), ...(made ? [made] : [])];
  const [, rows] = await Promise.all([
    lockBlobsShared(tx, digests),
    selectVersions<Omit<Row, 'metadata'>>(tx, sources, 'v.digest'),
  ]);
  const found = new Map(rows.map((row) => [nameOf(row), row.digest]));
  return sources.every((source) => found.get(nameOf(source)) === source.digest);
}

/** Exact versions are taken at their word; a range that nothing meets is left out. */
async function resolveVersions(db: Queryable, sources: readonly RecipeSource[]): Promise<Wanted[]> {
  const wanted: Wanted[] = [];
  for (const asked of sources) {
    const version = asked.pick ? await pickVersion(db, asked, asked.pick) : asked.version;
    if (version !== undefined) wanted.push({ asked, space: asked.space, chart: asked.chart, version });
  }
  return wanted;
}

function finderOf(wanted: readonly Wanted[], rows: readonly Row[]): FindSource {
  const stored = new Map(rows.map((row) => [nameOf(row), row]));
  const found = new Map(wanted.map(({ asked, ...exact }) => [nameOf(asked), stored.get(nameOf(exact))]));
  return (space, chart, version) => found.get(nameOf({ space, chart, version }));
}

/**
 * @param columns beside the names
 *
 * The lists are asked for by a query of their own: knowing how long they are, PostgreSQL would plan this anew each time, which
 * takes longer than to run it.
 */
function selectVersions<T extends VersionRef>(
  db: Queryable,
  wanted: readonly VersionRef[],
  columns: string,
): Promise<T[]> {
  return db.query<T>(
    `SELECT w.space, w.chart, w.version, ${columns}
       FROM (SELECT DISTINCT * FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[])))
            AS w (space, chart, version)
       CROSS JOIN LATERAL (
         SELECT * FROM versions WHERE id = ${versionIdSql('w.space', 'w.chart', 'w.version')} OFFSET 0
       ) v`,
    [
      wanted.map(({ space }) => space),
      wanted.map(({ chart }) => chart),
      wanted.map(({ version }) => version),
    ],
  );
}
