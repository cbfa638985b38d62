import type { Queryable } from '../db/port.ts';
import { quotaExceededError } from './quota-errors.ts';
import type { SpaceQuota } from './usage.ts';
import { quotaColumnSql } from './usage.ts';

/**
 * Checks before a recipe is queued that its space has room for the version. The versions of all unfinished jobs there
 * count too. The check takes no lock: the commit that adds the version decides, and the job fails then. An ended job
 * needs no room.
 * @param spaceIds space of each version to add
 * @throws {RegistryError} `quota.exceeded`
 */
export async function checkQuotas(db: Queryable, spaceIds: readonly number[]): Promise<void> {
  const rows = await db.query<{ name: string; quota: SpaceQuota; unfinished: number; added: number }>(
    `SELECT s.name, ${quotaColumnSql('s')}, new.versions AS added,
            CASE WHEN quota_of(s.quota_versions, 'versions') > 0 THEN (
              SELECT count(*) FROM jobs j
               WHERE j.space = s.name AND j.state IN ('queued', 'running') AND j.replaces IS NULL) ELSE 0 END AS unfinished
       FROM (SELECT id, count(*) AS versions FROM unnest($1::bigint[]) AS given (id) GROUP BY id) new
            JOIN spaces s ON s.id = new.id
      WHERE quota_of(s.quota_bytes, 'bytes') > 0 OR quota_of(s.quota_versions, 'versions') > 0`,
    [spaceIds],
  );
  for (const { name: space, quota, unfinished, added } of rows) {
    const { bytes, versions } = quota;
    const used = versions.used + unfinished;
    if (versions.limit !== null && used + added > versions.limit)
      throw quotaExceededError({ space, quota: 'versions', limit: versions.limit, used, added });
    // The size is known once the chart is composed; it is some bytes at least.
    if (bytes.limit !== null && bytes.used >= bytes.limit)
      throw quotaExceededError({ space, quota: 'bytes', limit: bytes.limit, used: bytes.used, added: 1 });
  }
}
