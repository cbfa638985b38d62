import type { Actor } from '../access/actor.ts';
import type { ErrorBody } from '../errors.ts';
import type { JobLinks } from '../jobs/view.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { createHiddenSourceCheck, maskedMessage } from '../registry/mask-sources.ts';
import type { Page, Paging, RegistryDeps } from '../registry/registry.ts';
import { runErrorChartsSql } from './run-error-charts.ts';

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
  /** Reason why versions could not be deleted. */
  keepError?: ErrorBody;
  /** Path of its job; absent once that is deleted. */
  job?: string;
}

/**
 * Creates the view of errors for an actor. The view masks the text of an error that may name a source which the actor
 * may not read.
 * @param charts all charts that the errors may name
 * @returns takes an error, and the charts that it may name; null where they are not known, so that they may be any
 */
export async function createErrorMask(
  actor: Actor,
  charts: readonly NamedChart[],
): Promise<(error: ErrorBody, named: readonly NamedChart[] | null) => ErrorBody> {
  if (!actor.guarded) return (error) => error;
  const isHidden = await createHiddenSourceCheck(actor, charts);
  return (error, named) => {
    if (named && !named.some(isHidden)) return error;
    return { code: error.code, reason: error.reason, message: maskedMessage };
  };
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
  /** Charts that its errors may name; the recipe of the chart may have others by now. */
  sources: NamedChart[] | null;
}

/** SQL of the columns of a `RunRow`, of the run `r`. */
const runColumnsSql = `r.state, r.from_version AS "from", r.version, r.started_at AS "startedAt",
  r.finished_at AS "finishedAt", r.error, r.deleted, r.keep_error AS "keepError", r.job_id AS job,
  CASE WHEN r.error IS NOT NULL OR r.keep_error IS NOT NULL THEN ${runErrorChartsSql} END AS sources`;

/** Lists the runs of a follow, newest first. */
export async function listFollowRuns(
  { db, actor }: RegistryDeps,
  followId: string,
  { start, limit }: Paging,
  links: JobLinks,
): Promise<Page<FollowRunView>> {
  const [[counted], rows] = await Promise.all([
    db.query<{ total: number }>(
      'SELECT count(*)::int AS total FROM (SELECT FROM follow_runs WHERE follow_id = $1 LIMIT 10000) counted',
      [followId],
    ),
    db.query<RunRow>(
      `SELECT ${runColumnsSql} FROM follow_runs r WHERE r.follow_id = $1 ORDER BY r.number DESC OFFSET $2 LIMIT $3`,
      [followId, start, limit],
    ),
  ]);
  return { total: counted?.total ?? 0, items: await viewRuns(actor, rows, links) };
}

/** Finds the newest run of each of some follows. @returns by the id of the follow; without those that have no run */
export async function findNewestRuns(
  { db, actor }: Pick<RegistryDeps, 'db' | 'actor'>,
  followIds: readonly string[],
  links: JobLinks,
): Promise<ReadonlyMap<string, FollowRunView>> {
  const rows = await db.query<RunRow & { followId: string }>(
    `SELECT wanted.id AS "followId", newest.* FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
       SELECT ${runColumnsSql} FROM follow_runs r WHERE r.follow_id = wanted.id ORDER BY r.number DESC LIMIT 1
     ) newest`,
    [followIds],
  );
  const views = await viewRuns(actor, rows, links);
  return new Map(views.map((view, index) => [rows[index]?.followId ?? '', view]));
}

async function viewRuns(actor: Actor, rows: readonly RunRow[], links: JobLinks): Promise<FollowRunView[]> {
  const view = await createErrorMask(
    actor,
    rows.flatMap(({ sources }) => sources ?? []),
  );
  return rows.map(
    ({ state, from, version, startedAt, finishedAt, error, deleted, keepError, job, sources }) => ({
      state,
      ...(from === null ? {} : { from }),
      ...(version === null ? {} : { version }),
      startedAt: startedAt.toISOString(),
      finishedAt: finishedAt?.toISOString() ?? null,
      ...(error ? { error: view(error, sources) } : {}),
      deleted,
      ...(keepError ? { keepError: view(keepError, sources) } : {}),
      ...(job === null ? {} : { job: links.job(job) }),
    }),
  );
}
