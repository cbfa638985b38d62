import type { ReadScope } from '../access/decide.ts';
import { inArrayScopeSql, isUnboundedScope, toScopeArrays } from '../access/read-scope.ts';
import type { Queryable } from '../db/port.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { findSpaceId } from '../registry/space-rows.ts';
import { type ComposedCursor, cursorBehindSpace } from './cursor.ts';
import {
  type ComposedFilter,
  type ComposedListSql,
  composedOrderSql,
  maxExamined,
  writeComposedSql,
} from './list-sql.ts';
import { type ComposedVersion, type ComposedView, viewComposed } from './view.ts';

/** Page of composed versions with their states. */
export interface ComposedPage {
  items: ComposedView[];
  /** Cursor of the next page; undefined after the last. A page may be short, or empty, and have a next. */
  next: ComposedCursor | undefined;
}

/** Sources of a page, after which it takes no further version. */
const maxSources = 2_000;

/**
 * Lists composed versions that the actor may read, with their states now. The order is space, chart and precedence.
 * The kept states choose the page, so a change shows in the choice once a worker has acted on it. Versions whose
 * state has changed meanwhile are left out of a page that is filtered.
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function listOutdated(
  { db, actor, suggestible }: Pick<RegistryDeps, 'db' | 'actor' | 'suggestible'>,
  filter: ComposedFilter,
  { limit, after }: { limit: number; after?: ComposedCursor | undefined },
): Promise<ComposedPage> {
  const { space, state } = filter;
  if (space !== undefined) checkSpaceName(space);
  const scope = await actor.scope();
  const sql = writeComposedSql(filter, scope, { limit, after });
  const rows = await selectPage(db, sql, limit);
  if (space !== undefined && rows.length === 0 && (await findSpaceId(db, space)) === undefined)
    throw await explainMissing(db, { space }, suggestible);
  const there = rows.flatMap(({ sources, ...ref }) => (sources ? [{ ...ref, sources }] : []));
  const views = await viewComposed(db, there, await createUnreadableCheck(db, scope, there));
  const items = state === undefined ? views : views.filter((view) => view.state === state);
  return { items, next: await findNextCursor(db, sql, rows, limit) };
}

/** Row of a page; without sources where the version is gone and its state not deleted yet. */
type PageRow = ComposedCursor & { sources: ResolvedSource[] | null; chosen: number };

/** Selects a page; a version after more than the largest number of sources is left to the next page. */
function selectPage(
  db: Queryable,
  { examined, matches }: ComposedListSql,
  limit: number,
): Promise<PageRow[]> {
  const params = [...examined.params, ...matches.params, limit];
  return db.query<PageRow>(
    `SELECT space, chart, version, sources, chosen FROM (
       SELECT p.space, p.chart, p.sort_key, p.version, l.sources, count(*) OVER () AS chosen,
              sum(coalesce(jsonb_array_length(l.sources), 0)) OVER (${composedOrderSql}) - coalesce(jsonb_array_length(l.sources), 0) AS before
         FROM (SELECT * FROM (${examined.sql}) e WHERE ${matches.sql} ${composedOrderSql} LIMIT $${params.length}) p
              LEFT JOIN lineage l ON l.version_id = p.version_id
     ) page WHERE before < ${maxSources} ${composedOrderSql}`,
    params,
  );
}

/** Finds the cursor at which a page ended, if more may follow. */
async function findNextCursor(
  db: Queryable,
  { examined, lastSpace, isExamining }: ComposedListSql,
  rows: readonly PageRow[],
  limit: number,
): Promise<ComposedCursor | undefined> {
  const last = rows.at(-1);
  if (last && (last.chosen === limit || rows.length < last.chosen)) return last;
  if (isExamining) {
    const [end] = await db.query<ComposedCursor>(
      `SELECT space, chart, version FROM (${examined.sql}) e ${composedOrderSql} OFFSET ${maxExamined - 1} LIMIT 1`,
      examined.params,
    );
    if (end) return end;
  }
  const [space] = lastSpace ? await db.query<{ space: string }>(lastSpace.sql, lastSpace.params) : [];
  return space && cursorBehindSpace(space.space);
}

/** Creates a check for sources that are in spaces outside of a scope. @returns whether a source is in one of them */
async function createUnreadableCheck(
  db: Queryable,
  scope: ReadScope,
  composed: readonly ComposedVersion[],
): Promise<(source: NamedChart) => boolean> {
  if (isUnboundedScope(scope)) return () => false;
  const spaces = new Set(composed.flatMap(({ sources }) => sources.map(({ space }) => space)));
  const rows = await db.query<{ name: string }>(
    `SELECT name FROM spaces s WHERE name = ANY($4::text[]) AND ${inArrayScopeSql('s', 1)}`,
    [...toScopeArrays(scope), [...spaces]],
  );
  const readable = new Set(rows.map(({ name }) => name));
  return ({ space }) => !readable.has(space);
}
