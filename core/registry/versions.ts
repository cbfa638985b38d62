import { recordAudit } from '../audit/record.ts';
import type { Digest } from '../blobs/port.ts';
import { checkChartName, checkSpaceName, checkVersionRef } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { Page, Paging, RegistryDeps, VersionRef } from './registry.ts';
import { versionIdSql } from './version-lookup.ts';
import { deleteVersionRow } from './version-rows.ts';

/** A stored archive, with the facts that a download sends before its first byte. */
export interface StoredArchive {
  digest: Digest;
  /** Bytes. */
  size: number;
  updatedAt: Date;
}

/**
 * Lists a chart's versions, ascending by SemVer precedence.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `chart.notFound`
 */
export async function listVersions(
  registry: RegistryDeps,
  space: string,
  chart: string,
  paging: Paging,
): Promise<Page<string>> {
  checkSpaceName(space);
  checkChartName(chart);
  const [page] = await registry.db.query<Page<string>>(
    `SELECT c.version_count AS total,
            ARRAY(SELECT version FROM versions WHERE chart_id = c.id
                   ORDER BY sort_key, version OFFSET $3 LIMIT $4) AS items
       FROM charts c JOIN spaces s ON s.id = c.space_id
      WHERE s.name = $1 AND c.name = $2`,
    [space, chart, paging.start, paging.limit],
  );
  if (!page) throw await explainMissing(registry.db, { space, chart }, registry.suggestible);
  return page;
}

/**
 * Finds the archive of a version; its bytes are `registry.blobs.open(digest)`.
 * @throws {RegistryError} `name.invalid`, `version.invalid`, `space.notFound`, `chart.notFound`, `version.notFound`
 */
export async function findArchive(
  registry: Pick<RegistryDeps, 'db' | 'suggestible'>,
  ref: VersionRef,
): Promise<StoredArchive> {
  checkVersionRef(ref);
  const [archive] = await registry.db.query<StoredArchive>(
    `SELECT v.digest, v.size, v.updated_at AS "updatedAt"
       FROM versions v
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version],
  );
  if (!archive) throw await explainMissing(registry.db, ref, registry.suggestible);
  return archive;
}

/**
 * Deletes a version, and the chart with its last version.
 * @throws {RegistryError} `name.invalid`, `version.invalid`, `version.notFound`, or that of its chart or space,
 *   `version.immutable`, `resource.locked`
 */
export async function deleteVersion(registry: RegistryDeps, ref: VersionRef): Promise<void> {
  checkVersionRef(ref);
  await registry.locks.write([ref.space, ref.chart, ref.version], async (tx) => {
    // The lock may have been waited for, and the right may be gone since.
    await registry.actor.confirm(tx, 'chart.delete', ref);
    const before = await deleteVersionRow(tx, ref);
    if (before === undefined) throw await explainMissing(tx, ref, registry.suggestible);
    await recordAudit(tx, registry.actor, {
      action: 'version.delete',
      right: 'chart.delete',
      ...ref,
      digests: { before },
    });
  });
}
