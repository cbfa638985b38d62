import { inArrayScopeSql, isUnboundedScope, toScopeArrays } from '../access/read-scope.ts';
import type { JobLinks } from '../jobs/view.ts';
import { checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { findSpaceId } from '../registry/space-rows.ts';
import type { FollowCursor } from './list-cursor.ts';
import { createErrorMask, type FollowRunView, findNewestRuns } from './list-runs.ts';
import {
  type FollowRow,
  type FollowState,
  type FollowSummary,
  followColumnsSql,
  isRunningSql,
  viewFollow,
} from './view-follow.ts';

/** Follow of a list, with its newest run. */
export interface ListedFollow extends FollowSummary {
  /** Absent where there was none yet. */
  lastRun?: FollowRunView;
}

/** Follows of a list. */
export interface FollowFilter {
  /** The only space; the caller has checked the right to it. */
  space?: string | undefined;
  /** The only state; all without. */
  state?: FollowState | undefined;
}

/** SQL of the group of a list in which a follow is: failed, due, all others. The index `follows_in_order` has it. */
const followRankSql = 'CASE WHEN f.due_at IS NOT NULL THEN 1 WHEN f.failure IS NOT NULL THEN 0 ELSE 2 END';

/** Groups in which follows of a state are. A follow that is being composed may have changed again, or failed before. */
const ranksByState: Record<FollowState, readonly number[]> = {
  failed: [0],
  due: [1],
  current: [2],
  running: [0, 1, 2],
};

/**
 * Lists follows that the actor may read, those that have failed first. Then come those that are due, then all others,
 * each group by space and chart. Errors are masked as where a follow is read by itself.
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function listFollows(
  { db, actor, suggestible }: Pick<RegistryDeps, 'db' | 'actor' | 'suggestible'>,
  links: JobLinks,
  { space, state }: FollowFilter,
  { limit, after }: { limit: number; after?: FollowCursor | undefined },
): Promise<{ items: ListedFollow[]; next: FollowCursor | undefined }> {
  if (space !== undefined) checkSpaceName(space);
  const { sql, params } = writeFollowPageSql(
    { space, state },
    space === undefined ? await actor.scope() : undefined,
    { limit: limit + 1, after },
  );
  const found = await db.query<FollowRow & FollowCursor>(sql, params);
  if (space !== undefined && found.length === 0 && (await findSpaceId(db, space)) === undefined)
    throw await explainMissing(db, { space }, suggestible);
  const rows = found.slice(0, limit);
  const runs = await findNewestRuns(
    { db, actor },
    rows.map(({ id }) => id),
    links,
  );
  const viewError = await createErrorMask(
    actor,
    rows.flatMap(({ failedBy }) => failedBy ?? []),
  );
  const items = rows.map((row) => {
    const lastRun = runs.get(row.id);
    return { ...viewFollow(row, row, viewError), ...(lastRun ? { lastRun } : {}) };
  });
  return { items, next: found.length > limit ? rows.at(-1) : undefined };
}

/** Writes the query of a page. Each group is read from the index in its order, no further than the page. */
function writeFollowPageSql(
  { space, state }: FollowFilter,
  scope: Parameters<typeof isUnboundedScope>[0] | undefined,
  { limit, after = { rank: 0, space: '', chart: '' } }: { limit: number; after?: FollowCursor | undefined },
): { sql: string; params: unknown[] } {
  const params: unknown[] = [after.rank, after.space, after.chart, state ? ranksByState[state] : [0, 1, 2]];
  const add = (...values: unknown[]) => params.push(...values) - values.length + 1;
  const conditions = [
    `${followRankSql} = ranks.rank`,
    "(f.space, f.chart) > (CASE WHEN ranks.rank = $1::int THEN $2::text ELSE '' END, CASE WHEN ranks.rank = $1::int THEN $3::text ELSE '' END)",
  ];
  if (space !== undefined) conditions.push(`f.space = $${add(space)}::text`);
  if (state === 'running')
    conditions.push("f.id IN (SELECT follow_id FROM follow_runs WHERE state = 'running')");
  else if (state !== undefined) conditions.push(`NOT ${isRunningSql}`);
  if (scope && !isUnboundedScope(scope)) {
    const first = add(...toScopeArrays(scope));
    conditions.push(
      `EXISTS (SELECT FROM spaces s WHERE s.name = f.space AND ${inArrayScopeSql('s', first)})`,
    );
  }
  const sql = `SELECT page.rank, f.space, f.chart, ${followColumnsSql} FROM (
       SELECT ranks.rank, chosen.id, chosen.space, chosen.chart
         FROM unnest($4::int[]) AS ranks (rank) CROSS JOIN LATERAL (
           SELECT f.id, f.space, f.chart FROM follows f WHERE ${conditions.join(' AND ')}
            ORDER BY f.space, f.chart LIMIT ${limit}
         ) chosen
        WHERE ranks.rank >= $1::int ORDER BY ranks.rank, chosen.space, chosen.chart LIMIT ${limit}
     ) page JOIN follows f ON f.id = page.id ORDER BY page.rank, f.space, f.chart`;
  return { sql, params };
}
