import type { Digest } from '../blobs/port.ts';
import type { Queryable } from '../db/port.ts';
import type { VersionRef } from './registry.ts';

/**
 * SQL expression for the id of a chart by its names. Absent charts are NULL. The lookups are nested, not joined.
 * PostgreSQL may start a join at the wrong end, and then reads whole tables until the tables have been analyzed.
 * @param space an SQL expression, like `chart`
 */
export const chartIdSql = (space: string, chart: string) =>
  `(SELECT c.id FROM charts c WHERE c.name = ${chart} AND c.space_id =
     (SELECT s.id FROM spaces s WHERE s.name = ${space}))`;

/** SQL expression for the id of a version by its names, as `chartIdSql`. */
export const versionIdSql = (space: string, chart: string, version: string) =>
  `(SELECT v.id FROM versions v WHERE v.version = ${version} AND v.chart_id = ${chartIdSql(space, chart)})`;

/** Id of a version, and digests of its archive and provenance file. */
export interface StoredVersion {
  id: number;
  archive: Digest;
  provenance: Digest | null;
}

/** Finds a version by its names. @returns undefined when it does not exist */
export async function findVersion(
  db: Queryable,
  { space, chart, version }: VersionRef,
): Promise<StoredVersion | undefined> {
  const [found] = await db.query<StoredVersion>(
    `SELECT v.id, v.digest AS archive, v.provenance
       FROM versions v WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [space, chart, version],
  );
  return found;
}

/** Whether a version exists. */
export async function hasVersion(db: Queryable, ref: VersionRef): Promise<boolean> {
  return (await findVersion(db, ref)) !== undefined;
}
