import type { Queryable } from '../db/port.ts';
import { type ErrorBody, RegistryError } from '../errors.ts';
import type { JobLinks } from '../jobs/view.ts';
import type { FollowSettings } from '../recipe/follow-settings.ts';
import { findHidden, maskedMessage } from '../registry/mask-sources.ts';
import { checkChartName, checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { Page, Paging, RegistryDeps } from '../registry/registry.ts';
import type { NamedChart } from './find-cycle.ts';
import { chartIdSql } from './newest-composed.ts';

/** States of a follow: up to date, waiting to be composed, being composed, or failed until something changes. */
export const followStates = ['current', 'due', 'running', 'failed'] as const;
/** State of a follow. */
export type FollowState = (typeof followStates)[number];

/** Run of a follow as clients see it. */
export interface FollowRunView {
  state: 'running' | 'composed' | 'failed' | 'cancelled';
  /** Version whose recipe was composed again. */
  from?: string;
  /** Version that was made, or would have been. */
  version?: string;
  startedAt: string;
  finishedAt: string | null;
  error?: ErrorBody;
  /** Number of versions that were deleted, where the follow keeps a number of them. */
  deleted: number;
  /** Why versions could not be deleted. */
  keepError?: ErrorBody;
  /** Path of its job. */
  job?: string;
}

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
}

/**
 * Reads the follow of a chart and a page of its runs, newest first.
 * Errors may name sources: where the actor may not read one of them, their texts are masked.
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
               FROM follow_sources s WHERE s.follow_id = f.id) AS sources
       FROM follows f WHERE f.chart_id = ${chartIdSql('$1', '$2')}`,
    [space, chart],
  );
  if (!row) throw await followMissing(registry, { space, chart });
  const isHidden = await findHidden(actor, actor.guarded ? row.sources : []);
  const isMasked = row.sources.some(isHidden);
  const view = (error: ErrorBody): ErrorBody => (isMasked ? maskError(error) : error);
  return {
    space,
    chart,
    settings: row.settings,
    state: stateOf(row),
    ...(row.principal === null ? {} : { author: row.principal }),
    changedAt: row.changedAt.toISOString(),
    ...(row.dueAt === null ? {} : { dueAt: row.dueAt.toISOString() }),
    ...(row.failure ? { failure: view(row.failure) } : {}),
    hasCallback: row.hasCallback,
    runs: await listRuns(db, row.id, paging, links, view),
  };
}

function stateOf({ isRunning, dueAt, failure }: FollowRow): FollowState {
  if (isRunning) return 'running';
  if (dueAt) return 'due';
  return failure ? 'failed' : 'current';
}

function maskError({ code, reason }: ErrorBody): ErrorBody {
  return { code, reason, message: maskedMessage };
}

interface RunRow {
  state: FollowRunView['state'];
  from: string | null;
  version: string | null;
  startedAt: Date;
  finishedAt: Date | null;
  error: ErrorBody | null;
  deleted: number;
  keepError: ErrorBody | null;
  job: string | null;
}

async function listRuns(
  db: Queryable,
  followId: string,
  { start, limit }: Paging,
  links: JobLinks,
  view: (error: ErrorBody) => ErrorBody,
): Promise<Page<FollowRunView>> {
  const [[counted], rows] = await Promise.all([
    db.query<{ total: number }>(
      'SELECT count(*)::int AS total FROM (SELECT FROM follow_runs WHERE follow_id = $1 LIMIT 10000) counted',
      [followId],
    ),
    db.query<RunRow>(
      `SELECT state, from_version AS "from", version, started_at AS "startedAt", finished_at AS "finishedAt", error,
              deleted, keep_error AS "keepError", job_id AS job
         FROM follow_runs WHERE follow_id = $1 ORDER BY number DESC OFFSET $2 LIMIT $3`,
      [followId, start, limit],
    ),
  ]);
  const items = rows.map(
    ({ state, from, version, startedAt, finishedAt, error, deleted, keepError, job }) => ({
      state,
      ...(from === null ? {} : { from }),
      ...(version === null ? {} : { version }),
      startedAt: startedAt.toISOString(),
      finishedAt: finishedAt?.toISOString() ?? null,
      ...(error ? { error: view(error) } : {}),
      deleted,
      ...(keepError ? { keepError: view(keepError) } : {}),
      ...(job === null ? {} : { job: links.job(job) }),
    }),
  );
  return { total: counted?.total ?? 0, items };
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
