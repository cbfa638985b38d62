import { markRefusal } from '../access/refusals.ts';
import { type SpaceRight, spaceRights } from '../access/rights.ts';
import type { Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { VersionRef } from './registry.ts';

/** Effects of a write on a space's counts, and whether it overwrites. */
export interface SpaceChange {
  /** Versions added; negative for deleted ones. */
  versions?: number;
  /** Charts added; negative for deleted ones. */
  charts?: number;
  /** Bytes of archives added; negative for deleted ones. */
  bytes?: number;
  /** Whether the write replaces or deletes something that existed. */
  overwrites?: boolean;
  /** Whether the actor may replace what existed; true for a use case that has checked that before. */
  mayReplace?: boolean;
}

/**
 * Revisions of a space whose changes are kept: at least so many, and up to 100 more, since old ones are deleted by the
 * hundred. An index that is further behind is read anew.
 */
const minKeptChanges = 1000;

/** A change below a space, which gets a revision. */
export interface RevisedChange extends SpaceChange {
  spaceId: number;
  chart: string;
  /** The version; absent for a change of the whole chart. */
  version?: string;
}

/**
 * Raises a space's revision and records the change, as the last statement of a transaction.
 * @throws {RegistryError} `version.immutable`; `access.denied` for a write that turns out to replace something
 */
export async function bumpRevision(
  tx: Transaction,
  spaceId: number,
  changed: { space: string; chart: string; version?: string },
  change: SpaceChange,
): Promise<void> {
  checkMayReplace(changed, change);
  const bumped = await tx.query(bumpStatement, toChangeArrays([{ ...changed, ...change, spaceId }]));
  if (bumped.length === 0) throw immutableError(changed);
}

/**
 * Raises a space's revision for deleted versions of a chart. The revision is raised once for each, as the last
 * statement of a transaction. The chart itself stays.
 * @throws {RegistryError} `version.immutable`
 */
export async function bumpRevisionForDeleted(
  tx: Transaction,
  spaceId: number,
  { space, chart }: { space: string; chart: string },
  deleted: readonly { version: string; size: number }[],
): Promise<void> {
  const changes = deleted.map(({ version, size }) => ({
    ...{ spaceId, chart, version, overwrites: true },
    ...{ versions: -1, bytes: -size },
  }));
  const bumped = await tx.query(bumpStatement, toChangeArrays(changes));
  if (bumped.length === 0) throw immutableError({ space, chart });
}

/** Checks that a write that overwrites something may do so. @throws {RegistryError} `access.denied` */
export function checkMayReplace(
  { space, chart }: { space: string; chart: string },
  { overwrites = false, mayReplace = true }: Pick<SpaceChange, 'overwrites' | 'mayReplace'>,
): void {
  if (!overwrites || mayReplace) return;
  const right: SpaceRight = 'chart.replace';
  const refusal = new RegistryError(
    'access.denied',
    `This would replace what ${space}/${chart} has, which needs the right ${right} in space ${space}: the role ${spaceRights[right]}. Use another version or tag.`,
    { right },
  );
  throw markRefusal(refusal, { right, space, chart });
}

/**
 * Raises the revisions of spaces when the transaction commits, once for each change.
 * So other writers of the spaces wait for the commit alone, not for statements before it. A transaction calls this
 * once: spaces are locked in one order only within a statement.
 * @param changes additions, which an immutable space allows
 */
export function bumpAtCommit(tx: Transaction, changes: readonly Omit<RevisedChange, 'overwrites'>[]): void {
  if (changes.length === 0) return;
  const spaceIds = new Set(changes.map(({ spaceId }) => spaceId));
  if (spaceIds.size > 1) tx.atCommit(lockSpacesSql, [[...spaceIds]]);
  tx.atCommit(bumpStatement, toChangeArrays(changes));
}

/**
 * Locks spaces in one order, so that no two transactions wait for each other in a circle. Locking is a statement of its
 * own. A statement that locks a row and updates it reads an old snapshot of the row twice. Then PostgreSQL may let two
 * of them wait for each other: one keeps the lock on the old tuple while it waits for the new.
 */
const lockSpacesSql = `SELECT FROM spaces WHERE id = ANY((SELECT $1::bigint[])::bigint[]) ORDER BY id FOR NO KEY UPDATE`;

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

/**
 * Raises the revision of each space by its number of changes, and records each change with a revision of its own.
 * Every write below a space ends with this. A space's row is updated and stays locked until the commit. So revisions
 * are committed in order, and a reader of one sees the changes of all earlier ones. The statement has no row for an
 * immutable space in which something is overwritten.
 */
const bumpStatement = `
  WITH change AS (
    SELECT * FROM unnest((SELECT $1::bigint[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::bigint[]),
                         (SELECT $5::bigint[]), (SELECT $6::boolean[]), (SELECT $7::bigint[]))
      WITH ORDINALITY AS c (space_id, chart, version, versions, charts, overwrites, bytes, position)
  ), total AS (
    SELECT space_id, count(*) AS changes, sum(versions) AS versions, sum(charts) AS charts, sum(bytes) AS bytes,
           bool_or(overwrites) AS overwrites
      FROM change GROUP BY space_id
  ), bumped AS (
    UPDATE spaces s SET revision = s.revision + t.changes, changed_at = clock_timestamp(),
           version_count = s.version_count + t.versions, chart_count = s.chart_count + t.charts,
           bytes = s.bytes + t.bytes
      FROM total t
     WHERE s.id = t.space_id AND (s.overwriting = 'mutable' OR NOT t.overwrites)
    RETURNING s.id, s.revision, s.revision - t.changes AS before
  ), dropped AS (
    DELETE FROM changes c USING bumped b
     WHERE b.revision / 100 > b.before / 100 AND c.space_id = b.id AND c.revision <= b.revision - ${minKeptChanges}
  ), recorded AS (
    INSERT INTO changes (space_id, revision, chart, version)
    SELECT b.id, b.before + row_number() OVER (PARTITION BY b.id ORDER BY c.position), c.chart, c.version
      FROM bumped b JOIN change c ON c.space_id = b.id
  )
  SELECT revision FROM bumped`;

/** Makes one array for each column of the statement's changes. */
function toChangeArrays(changes: readonly RevisedChange[]): unknown[][] {
  return [
    changes.map(({ spaceId }) => spaceId),
    changes.map(({ chart }) => chart),
    changes.map(({ version }) => version ?? null),
    changes.map(({ versions = 0 }) => versions),
    changes.map(({ charts = 0 }) => charts),
    changes.map(({ overwrites = false }) => overwrites),
    changes.map(({ bytes = 0 }) => bytes),
  ];
}

/** Makes the error for a change that an immutable space forbids. */
export function immutableError({
  space,
  chart,
  version,
}: {
  space: string;
  chart: string;
  version?: string;
}) {
  const name = version === undefined ? `${space}/${chart}` : `${space}/${chart}/${version}`;
  return new RegistryError(
    'version.immutable',
    `Versions in space ${space} are immutable, so ${name} stays as it is. Set "overwriting" of the space to "mutable" to allow the change.`,
  );
}
