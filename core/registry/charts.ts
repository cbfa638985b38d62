import { recordAudit } from '../audit/record.ts';
import { checkChartName, checkSpaceName } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { Page, Paging, RegistryDeps } from './registry.ts';
import { bumpRevision } from './revision.ts';

/**
 * Lists a page of the names of a space's charts, in order.
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function listCharts(
  registry: RegistryDeps,
  space: string,
  paging: Paging,
): Promise<Page<string>> {
  checkSpaceName(space);
  const [page] = await registry.db.query<Page<string>>(
    `SELECT s.chart_count AS total,
            ARRAY(SELECT name FROM charts WHERE space_id = s.id ORDER BY name OFFSET $2 LIMIT $3) AS items
       FROM spaces s WHERE s.name = $1`,
    [space, paging.start, paging.limit],
  );
  if (!page) throw await explainMissing(registry.db, { space }, registry.suggestible);
  return page;
}

/**
 * Deletes a chart with all its versions.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `chart.notFound`, `version.immutable`, `resource.locked`
 */
export async function deleteChart(registry: RegistryDeps, space: string, chart: string): Promise<void> {
  checkSpaceName(space);
  checkChartName(chart);
  await registry.locks.write([space, chart], async (tx) => {
    // The lock may have been waited for, and the right may be gone since.
    await registry.actor.confirm(tx, 'chart.delete', { space, chart });
    const [deleted] = await tx.query<{ space_id: number; version_count: number; bytes: number }>(
      `DELETE FROM charts c USING spaces s
        WHERE s.id = c.space_id AND s.name = $1 AND c.name = $2
        RETURNING c.space_id, c.version_count,
                  (SELECT coalesce(sum(v.size), 0)::bigint FROM versions v WHERE v.chart_id = c.id) AS bytes`,
      [space, chart],
    );
    if (!deleted) throw await explainMissing(tx, { space, chart }, registry.suggestible);
    await bumpRevision(
      tx,
      deleted.space_id,
      { space, chart },
      { versions: -deleted.version_count, charts: -1, bytes: -deleted.bytes, overwrites: true },
    );
    await recordAudit(tx, registry.actor, {
      action: 'chart.delete',
      right: 'chart.delete',
      ...{ space, chart },
      details: { versions: deleted.version_count },
    });
  });
}
