import { RegistryError } from '../errors.ts';
import type { JobLinks } from '../jobs/view.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { checkChartName, checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { Page, Paging, RegistryDeps } from '../registry/registry.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import { createErrorMask, type FollowRunView, listFollowRuns } from './list-runs.ts';
import { type FollowRow, type FollowSummary, followColumnsSql, viewFollow } from './view-follow.ts';

/** Follow of a chart as clients see it, with a page of its runs. */
export interface FollowView extends FollowSummary {
  runs: Page<FollowRunView>;
}

/**
 * Reads the follow of a chart and a page of its runs, newest first.
 * Errors may name sources: where the actor may not read one of those that the run had, their texts are masked.
 * @throws {RegistryError} `follow.notFound`; `chart.notFound`, `space.notFound`
 */
export async function readFollow(
  registry: RegistryDeps,
  links: JobLinks,
  { space, chart }: NamedChart,
  paging: Paging,
): Promise<FollowView> {
  checkSpaceName(space);
  checkChartName(chart);
  const { db, actor } = registry;
  const [row] = await db.query<FollowRow>(
    `SELECT ${followColumnsSql} FROM follows f WHERE f.chart_id = ${chartIdSql('$1', '$2')}`,
    [space, chart],
  );
  if (!row) throw await createFollowMissingError(registry, { space, chart });
  return {
    ...viewFollow({ space, chart }, row, await createErrorMask(actor, row.failedBy ?? [])),
    runs: await listFollowRuns(registry, row.id, paging, links),
  };
}

/** Makes the error for a chart that is not followed, or does not exist. */
export async function createFollowMissingError(
  registry: RegistryDeps,
  { space, chart }: NamedChart,
): Promise<RegistryError> {
  const [found] = await registry.db.query<{ id: number | null }>(`SELECT ${chartIdSql('$1', '$2')} AS id`, [
    space,
    chart,
  ]);
  if (found?.id == null) return explainMissing(registry.db, { space, chart }, registry.suggestible);
  return new RegistryError(
    'follow.notFound',
    `${space}/${chart} is not followed. Send a recipe for it with save.follow, or set one with PUT.`,
  );
}
