import type { Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { VersionRef } from './registry.ts';

/** What a write does to a space, beside the version (or, without one, the whole chart) that it concerns. */
export interface SpaceChange {
  /** By how many there are more of them. */
  versions?: number;
  charts?: number;
  /** Whether what was there is not there any more as it was. */
  overwrites?: boolean;
}

/**
 * Revisions of a space of which it is kept what they changed: at least so many, and a few more, since they are dropped by
 * the hundred. Whoever is further behind reads everything again.
 */
const minKeptChanges = 1000;

/** What a write changes, as SQL expressions. */
interface Bump {
  space: string;
  versions: string;
  charts: string;
  overwrites: string;
  chart: string;
  version: string;
}

/**
 * SQL that every write below a space ends with: its revision goes up, and what changed is noted. From here on the
 * transaction holds the space's row, so revisions are committed in their order, and whoever sees one sees all before it.
 * The same row decides whether anything may be overwritten: common table expressions, of which `bumped` has no row then.
 */
export const bumpRevisionSql = ({ space, versions, charts, overwrites, chart, version }: Bump) =>
  `bumped AS (
     UPDATE spaces SET revision = revision + 1, changed_at = clock_timestamp(),
            version_count = spaces.version_count + ${versions}, chart_count = chart_count + ${charts}
      WHERE spaces.id = ${space} AND (overwriting = 'mutable' OR NOT ${overwrites})
      RETURNING spaces.id, revision
   ), dropped AS (
     DELETE FROM changes c USING bumped b
      WHERE b.revision % 100 = 0 AND c.space_id = b.id AND c.revision <= b.revision - ${minKeptChanges}
   ), noted AS (
     INSERT INTO changes (space_id, revision, chart, version) SELECT id, revision, ${chart}, ${version} FROM bumped
   )`;

/**
 * Ends a write below a space, as {@link bumpRevisionSql} says; the last statement of its transaction.
 * @throws {RegistryError} `version.immutable`
 */
export async function bumpRevision(
  tx: Transaction,
  spaceId: number,
  of: { space: string; chart: string; version?: string },
  { versions = 0, charts = 0, overwrites = false }: SpaceChange,
): Promise<void> {
  const bumped = await tx.query(bumpStatement, [
    spaceId,
    versions,
    charts,
    overwrites,
    of.chart,
    of.version ?? null,
  ]);
  if (bumped.length === 0) throw immutable(of);
}

/**
 * Ends a write that changes nothing of what the space lists, so that its revision stays; the last statement of its
 * transaction, since other writers of the space wait for the same row.
 * @throws {RegistryError} `version.immutable`
 */
export async function checkMutable(tx: Transaction, ref: VersionRef): Promise<void> {
  const mutable = await tx.query(`SELECT FROM spaces WHERE name = $1 AND overwriting = 'mutable' FOR SHARE`, [
    ref.space,
  ]);
  if (mutable.length === 0) throw immutable(ref);
}

const bumpStatement = `WITH ${bumpRevisionSql({
  space: '$1',
  versions: '$2',
  charts: '$3',
  overwrites: '$4::boolean',
  chart: '$5',
  version: '$6',
})} SELECT revision FROM bumped`;

function immutable({ space, chart, version }: { space: string; chart: string; version?: string }) {
  const what = version === undefined ? `${space}/${chart}` : `${space}/${chart}/${version}`;
  return new RegistryError(
    'version.immutable',
    `Versions in space ${space} are immutable: ${what} stays as it is. PATCH /api/v1/spaces/${space} with {"overwriting":"mutable"} lifts that.`,
  );
}
