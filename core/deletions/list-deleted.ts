import type { Queryable } from '../db/port.ts';
import { checkChartName, checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { Page, Paging, RegistryDeps } from '../registry/registry.ts';
import { findSpaceId } from '../registry/space-rows.ts';
import { isNameFreeSql, keepsFilesSql } from './kept-blobs.ts';

/** Version that was deleted, and can be restored. */
export interface DeletedVersion {
  chart: string;
  version: string;
  digest: string;
  /** Bytes of the archive. */
  size: number;
  hasProvenance: boolean;
  isComposed: boolean;
  /** Name of the principal that published it; null where nobody is known. */
  author: string | null;
  storedAt: Date;
  deletedAt: Date;
  /** Time from which on nobody can restore it, and the garbage collection deletes its archive. */
  restorableUntil: Date;
  /** Run of retention that has deleted it; null where somebody has. */
  run: string | null;
}

/** Deleted versions that are counted at the most. */
const maxCounted = 10_000;

/**
 * Lists the versions of a space that can be restored, those deleted last first.
 * @param options.chart the only chart
 * @param options.restoreSeconds time for which a deleted version can be restored
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function listDeleted(
  { db, suggestible }: Pick<RegistryDeps, 'db' | 'suggestible'>,
  space: string,
  { chart, restoreSeconds, ...paging }: Paging & { chart?: string | undefined; restoreSeconds: number },
): Promise<Page<DeletedVersion>> {
  checkSpaceName(space);
  if (chart !== undefined) checkChartName(chart);
  const spaceId = await findSpaceId(db, space);
  if (spaceId === undefined) throw await explainMissing(db, { space }, suggestible);
  const chosen = chart === undefined ? 'space_id = $1' : 'space_id = $1 AND chart = $3';
  const parameters = [spaceId, restoreSeconds, ...(chart === undefined ? [] : [chart])];
  const [items, total] = await Promise.all([
    selectDeletedVersions(db, chosen, parameters, paging),
    countDeletedVersions(db, chosen, parameters),
  ]);
  return { total, items };
}

/** SQL of whether a deleted version can be restored, by the time that has passed. `$2` is that time in seconds. */
export const isWithinRestoreTimeSql = 'deleted_at > now() - make_interval(secs => $2)';

function selectDeletedVersions(
  db: Queryable,
  chosen: string,
  parameters: readonly unknown[],
  { start, limit }: Paging,
) {
  return db.query<DeletedVersion>(
    `SELECT chart, version, digest, size, provenance IS NOT NULL AS "hasProvenance", lineage IS NOT NULL AS "isComposed",
            author, updated_at AS "storedAt", deleted_at AS "deletedAt",
            deleted_at + make_interval(secs => $2) AS "restorableUntil", run_id AS run
       FROM deleted_versions d WHERE ${chosen} AND ${isWithinRestoreTimeSql} AND ${isNameFreeSql} AND ${keepsFilesSql}
      ORDER BY deleted_at DESC, id DESC OFFSET $${parameters.length + 1} LIMIT $${parameters.length + 2}`,
    [...parameters, start, limit],
  );
}

async function countDeletedVersions(
  db: Queryable,
  chosen: string,
  parameters: readonly unknown[],
): Promise<number> {
  const [row] = await db.query<{ total: number }>(
    `SELECT count(*) AS total FROM (
       SELECT FROM deleted_versions d
        WHERE ${chosen} AND ${isWithinRestoreTimeSql} AND ${isNameFreeSql} AND ${keepsFilesSql} LIMIT ${maxCounted}) AS counted`,
    parameters,
  );
  return row?.total ?? 0;
}
