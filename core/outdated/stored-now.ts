import type { Digest } from '../blobs/port.ts';
import type { Queryable } from '../db/port.ts';
import { toColumnArrays, versionNameOf } from '../registry/names.ts';
import type { VersionRef } from '../registry/registry.ts';
import { versionIdSql } from '../registry/version-lookup.ts';

/** Stored version, as it is now. */
export interface StoredVersionNow {
  version: string;
  digest: Digest;
  /** Whether its Chart.yaml says `deprecated`. */
  deprecated: boolean;
}

/** SQL of whether the Chart.yaml of the version `v` says `deprecated`. */
export const deprecatedSql = `(v.metadata -> 'deprecated' = 'true'::jsonb) IS TRUE`;

/**
 * Selects stored versions by their names, in one query.
 * The arrays are wrapped in subqueries, so that PostgreSQL keeps the plan of the statement.
 * @returns versions by `versionNameOf`; those that do not exist are left out
 */
export async function selectStoredVersions(
  db: Queryable,
  refs: readonly VersionRef[],
): Promise<Map<string, StoredVersionNow>> {
  if (refs.length === 0) return new Map();
  const rows = await db.query<VersionRef & StoredVersionNow>(
    `SELECT w.space, w.chart, w.version, v.digest, v.deprecated
       FROM (SELECT DISTINCT * FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[])))
            AS w (space, chart, version)
       CROSS JOIN LATERAL (
         SELECT v.digest, ${deprecatedSql} AS deprecated
           FROM versions v WHERE v.id = ${versionIdSql('w.space', 'w.chart', 'w.version')} OFFSET 0
       ) v`,
    toColumnArrays(refs),
  );
  return new Map(
    rows.map(({ space, chart, ...stored }) => [
      versionNameOf({ space, chart, version: stored.version }),
      stored,
    ]),
  );
}
