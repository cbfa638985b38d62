import type { Digest } from '../blobs/port.ts';
import type { JsonObject } from '../chart/json.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { type FindSource, type RecipeSource, sourcesOf } from '../recipe/plan.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { claimStoredBlobs } from '../registry/blob-claims.ts';
import { pickVersion } from './pick-version.ts';

/** A stored version that a recipe asks for, and which one that is now. */
interface Wanted {
  asked: RecipeSource;
  version: string;
}

interface Row {
  space: string;
  chart: string;
  version: string;
  digest: Digest;
  metadata: JsonObject;
}

/** Rounds until what is resolved stands still while it is being claimed; more than one is rare. */
const mostRounds = 10;

/**
 * Looks up every stored version that a recipe asks for, and keeps their bytes from being taken away until the transaction
 * ends. What is found is what was claimed: when a version goes or gets other bytes in between, it is looked up again.
 * @throws {RegistryError} `resource.locked` when the sources are rewritten faster than they can be claimed
 */
export async function claimSources(tx: Transaction, recipe: Recipe): Promise<FindSource> {
  const sources = sourcesOf(recipe);
  for (let round = 0; round < mostRounds; round += 1) {
    const wanted = await resolveVersions(tx, sources);
    const before = await selectVersions<Pick<Row, 'digest'>>(tx, wanted, 'v.digest');
    const claimed = new Set(before.map(({ digest }) => digest));
    await claimStoredBlobs(tx, [...claimed]);
    const rows = await selectVersions<Row>(tx, wanted, 'w.space, w.chart, w.version, v.digest, v.metadata');
    const steady = rows.length === before.length && rows.every(({ digest }) => claimed.has(digest));
    if (steady) return finderOf(wanted, rows);
  }
  throw new RegistryError(
    'resource.locked',
    'The sources are being rewritten by somebody else. Try again in a moment.',
  );
}

/** The same without claiming anything, for a look at what is there. */
export async function findSources(db: Queryable, recipe: Recipe): Promise<FindSource> {
  const wanted = await resolveVersions(db, sourcesOf(recipe));
  return finderOf(
    wanted,
    await selectVersions<Row>(db, wanted, 'w.space, w.chart, w.version, v.digest, v.metadata'),
  );
}

/** Exact versions are taken at their word; a range that nothing meets is left out. */
async function resolveVersions(db: Queryable, sources: readonly RecipeSource[]): Promise<Wanted[]> {
  const wanted: Wanted[] = [];
  for (const asked of sources) {
    const version = asked.pick ? await pickVersion(db, asked, asked.pick) : asked.version;
    if (version !== undefined) wanted.push({ asked, version });
  }
  return wanted;
}

function finderOf(wanted: readonly Wanted[], rows: readonly Row[]): FindSource {
  const stored = new Map(rows.map((row) => [`${row.space}/${row.chart}/${row.version}`, row]));
  const found = new Map(
    wanted.map(({ asked, version }) => [
      `${asked.space}/${asked.chart}/${asked.version}`,
      stored.get(`${asked.space}/${asked.chart}/${version}`),
    ]),
  );
  return (space, chart, version) => found.get(`${space}/${chart}/${version}`);
}

function selectVersions<T extends object>(
  db: Queryable,
  wanted: readonly Wanted[],
  columns: string,
): Promise<T[]> {
  return db.query<T>(
    `SELECT ${columns}
       FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[])) AS w (space, chart, version)
       JOIN spaces s ON s.name = w.space
       JOIN charts c ON c.space_id = s.id AND c.name = w.chart
       JOIN versions v ON v.chart_id = c.id AND v.version = w.version`,
    [
      wanted.map(({ asked }) => asked.space),
      wanted.map(({ asked }) => asked.chart),
      wanted.map(({ version }) => version),
    ],
  );
}
