import type { Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { VersionRef } from './registry.ts';

/** Effects of a write on a space's counts, and whether it overwrites. */
export interface SpaceChange {
  /** Versions added; negative for deleted ones. */
  versions?: number;
  /** Charts added; negative for deleted ones. */
  charts?: number;
  /** Whether the write replaces or deletes something that existed. */
  overwrites?: boolean;
}

/**
 * Revisions of a space whose changes are kept: at least so many, and up to 100 more, since old ones are deleted by the
 * hundred. An index that is further behind is read anew.
 */
const minKeptChanges = 1000;

/** The parameters of {@link bumpRevisionSql}, as SQL expressions. */
interface BumpExpressions {
  space: string;
  versions: string;
  charts: string;
  overwrites: string;
  chart: string;
  version: string;
}

/**
 * SQL that raises a space's revision and records the change; every write below a space ends with it.
 * The space's row is updated and stays locked until the commit. So revisions are committed in order, and a reader of
 * one sees the changes of all earlier ones.
 *
 * The text is a list of common table expressions. `bumped` has no row when the write overwrites and the space is
 * immutable.
 */
export const bumpRevisionSql = ({ space, versions, charts, overwrites, chart, version }: BumpExpressions) =>
  `bumped AS (
     UPDATE spaces SET revision = revision + 1, changed_at = clock_timestamp(),
            version_count = spaces.version_count + ${versions}, chart_count = chart_count + ${charts}
      WHERE spaces.id = ${space} AND (overwriting = 'mutable' OR NOT ${overwrites})
      RETURNING spaces.id, revision
   ), dropped AS (
     DELETE FROM changes c USING bumped b
      WHERE b.revision % 100 = 0 AND c.space_id = b.id AND c.revision <= b.revision - ${minKeptChanges}
   ), recorded AS (
     INSERT INTO changes (space_id, revision, chart, version) SELECT id, revision, ${chart}, ${version} FROM bumped
   )`;

/**
 * Raises a space's revision and records the change, as the last statement of a transaction.
 * See {@link bumpRevisionSql}.
 * @throws {RegistryError} `version.immutable`
 */
export async function bumpRevision(
  tx: Transaction,
  spaceId: number,
  changed: { space: string; chart: string; version?: string },
  { versions = 0, charts = 0, overwrites = false }: SpaceChange,
): Promise<void> {
  const bumped = await tx.query(bumpStatement, [
    spaceId,
    versions,
    charts,
    overwrites,
    changed.chart,
    changed.version ?? null,
  ]);
  if (bumped.length === 0) throw immutableError(changed);
}

/**
 * Checks that a space is mutable, for a write that raises no revision.
 * Such a write changes nothing that the space lists.
 * The check is the last statement of its transaction, since other writers of the space wait for the same row.
 * @throws {RegistryError} `version.immutable`
 */
export async function checkMutable(tx: Transaction, ref: VersionRef): Promise<void> {
  const mutable = await tx.query(`SELECT FROM spaces WHERE name = $1 AND overwriting = 'mutable' FOR SHARE`, [
    ref.space,
  ]);
  if (mutable.length === 0) throw immutableError(ref);
}

const bumpStatement = `WITH ${bumpRevisionSql({
  space: '$1',
  versions: '$2',
  charts: '$3',
  overwrites: '$4::boolean',
  chart: '$5',
  version: '$6',
})} SELECT revision FROM bumped`;

function immutableError({ space, chart, version }: { space: string; chart: string; version?: string }) {
  const name = version === undefined ? `${space}/${chart}` : `${space}/${chart}/${version}`;
  return new RegistryError(
    'version.immutable',
    `Versions in space ${space} are immutable, so ${name} stays as it is. Set "overwriting" of the space to "mutable" to allow the change.`,
  );
}
