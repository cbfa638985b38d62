import type { Transaction } from '../db/port.ts';
import type { VersionRef } from '../registry/registry.ts';
import { versionIdSql } from '../registry/version-lookup.ts';

/**
 * Records that a version was replaced although its archive is the same. The new version has another lineage. Triggers
 * record every other change.
 */
export async function recordReplaced(tx: Transaction, ref: VersionRef): Promise<void> {
  await tx.query(
    `INSERT INTO version_events (kind, space_id, space, chart, version, digest, digest_before, author)
     SELECT 'replaced', s.id, s.name, c.name, v.version, v.digest, v.digest, v.author
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version],
  );
}
