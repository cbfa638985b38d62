import type { ErrorBody } from '../errors.ts';
import type { FollowSettings } from '../recipe/follow-settings.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import type { createErrorMask } from './list-runs.ts';
import { runErrorChartsSql } from './run-error-charts.ts';

/** States of a follow: up to date, waiting to be composed, being composed, or failed until something changes. */
export const followStates = ['current', 'due', 'running', 'failed'] as const;
/** State of a follow. */
export type FollowState = (typeof followStates)[number];

/** Follow of a chart as clients see it, without its runs. */
export interface FollowSummary {
  space: string;
  chart: string;
  settings: FollowSettings;
  state: FollowState;
  /** With whose rights it runs; absent where it was set with open access. */
  author?: string;
  changedAt: string;
  /** When its chart is composed at the earliest; absent where nothing has changed. */
  dueAt?: string;
  /** Reason why the last run has failed. */
  failure?: ErrorBody;
  /** Whether a callback is called at the end of each job. */
  hasCallback: boolean;
}

/** Row of a follow, with what its view needs. */
export interface FollowRow {
  id: string;
  settings: FollowSettings;
  principal: string | null;
  changedAt: Date;
  dueAt: Date | null;
  failure: ErrorBody | null;
  hasCallback: boolean;
  isRunning: boolean;
  /** Charts that the failure may name; null where there is none. */
  failedBy: NamedChart[] | null;
}

/** SQL that is true for a follow `f` that is being composed. */
export const isRunningSql =
  "EXISTS (SELECT FROM follow_runs r WHERE r.follow_id = f.id AND r.state = 'running')";

/** SQL of the columns of a `FollowRow`, of the follow `f`. */
export const followColumnsSql = `f.id, f.settings, f.principal, f.changed_at AS "changedAt", f.due_at AS "dueAt", f.failure,
  f.callback_url IS NOT NULL AS "hasCallback", ${isRunningSql} AS "isRunning",
  CASE WHEN f.failure IS NOT NULL THEN
    (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('space', s.space, 'chart', s.chart)), '[]')
       FROM follow_sources s WHERE s.follow_id = f.id)
    || coalesce((SELECT ${runErrorChartsSql} FROM follow_runs r
                  WHERE r.follow_id = f.id AND r.state IN ('failed', 'cancelled') ORDER BY r.number DESC LIMIT 1), '[]')
  END AS "failedBy"`;

/**
 * Makes the view of a follow from its row.
 * @param viewError view of errors for the reader, which knows all charts that the failure may name
 */
export function viewFollow(
  { space, chart }: NamedChart,
  row: FollowRow,
  viewError: Awaited<ReturnType<typeof createErrorMask>>,
): FollowSummary {
  const { settings, principal, changedAt, dueAt, failure, failedBy, hasCallback } = row;
  return {
    space,
    chart,
    settings,
    state: stateOf(row),
    ...(principal === null ? {} : { author: principal }),
    changedAt: changedAt.toISOString(),
    ...(dueAt === null ? {} : { dueAt: dueAt.toISOString() }),
    ...(failure ? { failure: viewError(failure, failedBy) } : {}),
    hasCallback,
  };
}

function stateOf({ isRunning, dueAt, failure }: FollowRow): FollowState {
  if (isRunning) return 'running';
  if (dueAt) return 'due';
  return failure ? 'failed' : 'current';
}
