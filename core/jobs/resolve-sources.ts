import type { Digest } from '../blobs/port.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import type { FindSource, Plan } from '../recipe/plan.ts';
import type { Configuration, Recipe } from '../recipe/recipe.ts';
import { listRecipeSources, type RecipeSource, storedSources } from '../recipe/sources.ts';
import { lockBlobsShared } from '../registry/blob-references.ts';
import { toColumnArrays, versionNameOf } from '../registry/names.ts';
import { pickVersion } from '../registry/pick-version.ts';
import type { VersionRef } from '../registry/registry.ts';
import { hasVersion, versionIdSql } from '../registry/version-lookup.ts';
import type { JsonObject } from '../yaml/json.ts';
import type { RecipeRights } from './recipe-rights.ts';
import type { ResolvedSourceCache } from './resolved-sources.ts';

/** A source of a recipe, resolved to the exact version that it means now. */
interface ResolvedRef extends VersionRef {
  source: RecipeSource;
}

interface VersionRow extends VersionRef {
  digest: Digest;
  metadata: JsonObject;
}

/**
 * Looks up the stored versions that a recipe means, as they are now. Nothing is looked up of what its author may not read.
 * @param cache receives the versions found
 */
export async function findSources(
  db: Queryable,
  recipe: Recipe<Configuration>,
  { isReadable }: Pick<RecipeRights, 'isReadable'>,
  cache?: ResolvedSourceCache,
): Promise<FindSource> {
  const resolved = await resolveVersions(db, listRecipeSources(recipe).filter(isReadable));
  const rows = await selectVersions<VersionRow>(db, resolved, 'v.digest, v.metadata');
  for (const row of rows) cache?.add(row, row);
  return createFinder(resolved, rows);
}

/**
 * Locks the blobs of the sources of plans and checks that the sources are unchanged.
 * The locks end with the transaction.
 * @param items.composed digest of the archive composed from them, locked too
 * @returns for each plan false when a source was deleted or has another archive than the plan says
 */
export async function lockSources(
  tx: Transaction,
  items: readonly { job: { plan: Plan<Configuration> }; composed?: Digest }[],
): Promise<boolean[]> {
  const sources = items.map(({ job }) => storedSources(job.plan.root));
  const digests = sources.flat().map(({ digest }) => digest);
  for (const { composed } of items) if (composed) digests.push(composed);
  const [, rows] = await Promise.all([
    lockBlobsShared(tx, digests),
    selectVersions<Omit<VersionRow, 'metadata'>>(tx, sources.flat(), 'v.digest'),
  ]);
  const found = new Map(rows.map((row) => [versionNameOf(row), row.digest]));
  return sources.map((own) => own.every((source) => found.get(versionNameOf(source)) === source.digest));
}

async function resolveVersion(db: Queryable, source: RecipeSource): Promise<string | undefined> {
  const { pick, orExact, version } = source;
  if (!pick || (orExact && (await hasVersion(db, source)))) return version;
  return pickVersion(db, source, pick);
}

/** Resolves ranges and `latest`; exact versions are not looked up, and ranges without a version are left out. */
async function resolveVersions(db: Queryable, sources: readonly RecipeSource[]): Promise<ResolvedRef[]> {
  const resolved: ResolvedRef[] = [];
  for (const source of sources) {
    const { space, chart } = source;
    const version = await resolveVersion(db, source);
    if (version !== undefined) resolved.push({ source, space, chart, version });
  }
  return resolved;
}

function createFinder(resolved: readonly ResolvedRef[], rows: readonly VersionRow[]): FindSource {
  const stored = new Map(rows.map((row) => [versionNameOf(row), row]));
  const found = new Map(
    resolved.map(({ source, ...exact }) => [versionNameOf(source), stored.get(versionNameOf(exact))]),
  );
  return (space, chart, version) => found.get(versionNameOf({ space, chart, version }));
}

/**
 * Selects columns of several versions by their names. The arrays are wrapped in subqueries to hide their length from
 * PostgreSQL. Otherwise it would plan the statement anew at each call, and planning takes longer than execution.
 */
export function selectVersions<T extends VersionRef>(
  db: Queryable,
  refs: readonly VersionRef[],
  columns: string,
): Promise<T[]> {
  return db.query<T>(
    `SELECT w.space, w.chart, w.version, ${columns}
       FROM (SELECT DISTINCT * FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[])))
            AS w (space, chart, version)
       CROSS JOIN LATERAL (
         SELECT * FROM versions WHERE id = ${versionIdSql('w.space', 'w.chart', 'w.version')} OFFSET 0
       ) v`,
    toColumnArrays(refs),
  );
}
