import { type ErrorBody, RegistryError } from '../errors.ts';
import type { JobLinks } from '../jobs/view.ts';
import type { FollowSettings } from '../recipe/follow-settings.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { checkChartName, checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { Page, Paging, RegistryDeps } from '../registry/registry.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import { createErrorView, type FollowRunView, listFollowRuns } from './list-runs.ts';
import { runNamesSql } from './run-names.ts';

/** States of a follow: up to date, waiting to be composed, being composed, or failed until something changes. */
export const followStates = ['current', 'due', 'running', 'failed'] as const;
/** State of a follow. */
export type FollowState = (typeof followStates)[number];

/** Follow of a chart as clients see it, with a page of its runs. */
export interface FollowView {
  space: string;
  chart: string;
  settings: FollowSettings;
  state: FollowState;
  /** With whose rights it runs; absent where it was set with open access. */
  author?: string;
  changedAt: string;
  /** When its chart is composed at the earliest; absent where nothing has changed. */
  dueAt?: string;
  /** Why the last run has failed. */
  failure?: ErrorBody;
  /** Whether a callback is called at the end of each job. */
  hasCallback: boolean;
  runs: Page<FollowRunView>;
}

interface FollowRow {
  id: string;
  settings: FollowSettings;
  principal: string | null;
  changedAt: Date;
  dueAt: Date | null;
  failure: ErrorBody | null;
  hasCallback: boolean;
  isRunning: boolean;
  sources: NamedChart[];
  /** Charts that the errors of the run that failed last may name; null where none did. */
  failed: NamedChart[] | null;
}

/**
 * Reads the follow of a chart and a page of its runs, newest first.
 * Errors may name sources: where the actor may not read one of those that the run had, their texts are masked.
 * @throws {RegistryError} `follow.notFound`; `chart.notFound` and its kin
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
    `SELECT f.id, f.settings, f.principal, f.changed_at AS "changedAt", f.due_at AS "dueAt", f.failure,
            f.callback_url IS NOT NULL AS "hasCallback",
            EXISTS (SELECT FROM follow_runs r WHERE r.follow_id = f.id AND r.state = 'running') AS "isRunning",
            (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('space', s.space, 'chart', s.chart)), '[]')
               FROM follow_sources s WHERE s.follow_id = f.id) AS sources,
            (SELECT ${runNamesSql} FROM follow_runs r
              WHERE r.follow_id = f.id AND r.state IN ('failed', 'cancelled') ORDER BY r.number DESC LIMIT 1) AS failed
       FROM follows f WHERE f.chart_id = ${chartIdSql('$1', '$2')}`,
    [space, chart],
  );
  if (!row) throw await followMissing(registry, { space, chart });
  const failedBy = [...row.sources, ...(row.failed ?? [])];
  const failure = row.failure && (await createErrorView(actor, failedBy))(row.failure, failedBy);
  return {
    space,
    chart,
    settings: row.settings,
    state: stateOf(row),
    ...(row.principal === null ? {} : { author: row.principal }),
    changedAt: row.changedAt.toISOString(),
    ...(row.dueAt === null ? {} : { dueAt: row.dueAt.toISOString() }),
    ...(failure ? { failure } : {}),
    hasCallback: row.hasCallback,
    runs: await listFollowRuns(registry, row.id, paging, links),
  };
}

function stateOf({ isRunning, dueAt, failure }: FollowRow): FollowState {
  if (isRunning) return 'running';
  if (dueAt) return 'due';
  return failure ? 'failed' : 'current';
}

/** Makes the error for a chart that is not followed, or does not exist. */
export async function followMissing(
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
