import type { ReadScope } from '../access/decide.ts';
import { createSqlParameters, type SqlParameters } from '../db/sql-parameters.ts';
import type { Paging } from './registry.ts';
import { writeFacets } from './search-facets.ts';
import { type ChartQuery, searchScopeSql, writeFacetTests, writeFilters } from './search-query.ts';
import { splitWords, toPossibleChartName, toPrefixQuery } from './search-words.ts';

/** Statement with its parameters. */
export interface SearchStatement {
  sql: string;
  params: readonly unknown[];
}

/** Search whose space is known, with the text that was meant where errors are forgiven. */
export interface PreparedQuery {
  query: ChartQuery;
  spaceId: number | undefined;
  corrected: string | undefined;
}

/** Kinds of match of each text. Those of the corrected text come after those of the text itself. */
export const tiersPerText = 5;

/**
 * Largest description in characters, cut there, and largest keywords in bytes, left out above; the metadata has both
 * whole.
 */
const maxShownFieldLength = 4096;

/**
 * Writes the statement of a page of found charts. Every row also has the total, the best kind of match, and whether
 * writes are not yet in the search table. The first row has the facets. A page past the end is one row with these
 * alone. Matching reads the search tables only; versions are read for the charts of the page.
 */
export function writeSearch(
  { query, spaceId, corrected }: PreparedQuery,
  paging: Paging,
  scope: ReadScope,
): SearchStatement {
  const parameters = createSqlParameters();
  const texts = [query.text, corrected].flatMap((text) =>
    text === undefined ? [] : [writeTextMatch(parameters, text)],
  );
  const chosen = query.facets ? writeFacetTests(parameters, query) : new Map<never, never>();
  const inSpace = spaceId !== undefined && !query.facets;
  const conditions = [
    texts.length > 0 ? `(${texts.map(({ match }) => match).join(' OR ')})` : undefined,
    inSpace ? undefined : searchScopeSql(parameters, scope),
    ...(query.facets ? [] : writeFilters(parameters, query, spaceId)),
    query.since && `updated_at > ${parameters.add(query.since.toISOString())}::timestamptz`,
  ].filter((condition) => condition !== undefined);
  const tier = texts.map((text, index) => text.tiers(index * tiersPerText)).join(' ');
  const columns = [
    'chart_id, space, chart',
    tier ? `CASE ${tier} END AS tier` : 'NULL::integer AS tier',
    ...(needsTime(query) ? ['updated_at'] : []),
    ...(query.facets ? ['keywords, type, deprecated, signed'] : []),
    ...[...chosen].map(([name, test]) => `${test} AS in_${name}`),
  ];
  const names = [...chosen.keys()];
  const onPage = names.length > 0 ? `WHERE ${names.map((name) => `in_${name}`).join(' AND ')}` : '';
  const sql = `
  WITH found AS MATERIALIZED (
    SELECT ${columns.join(', ')}
      FROM chart_search ${needsTime(query) ? 'JOIN search_updates USING (chart_id)' : ''}
     WHERE ${conditions.join(' AND ') || 'true'}
  ), page AS MATERIALIZED (
    SELECT *, row_number() OVER () AS position
      FROM (SELECT chart_id, space, chart, tier FROM found ${onPage}
             ORDER BY ${writeOrderBy(query)} OFFSET ${parameters.add(paging.start)} LIMIT ${parameters.add(paging.limit)}) ordered
  )
  SELECT t.total, t.best, EXISTS (SELECT FROM search_pending) AS behind, p.position IS NOT NULL AS shown, p.tier, p.space, p.chart, v.*,
         ${query.facets ? `CASE WHEN coalesce(p.position, 1) = 1 THEN ${writeFacets(names)} END` : 'NULL'} AS facets
    FROM (SELECT count(*) AS total, min(tier) AS best FROM found ${onPage}) t
         LEFT JOIN (page p CROSS JOIN LATERAL (${latestStatement}) v) ON true
   ORDER BY p.position`;
  return { sql, params: parameters.values };
}

function needsTime({ since, sort }: ChartQuery): boolean {
  return since !== undefined || sort === 'updated';
}

function writeOrderBy({ sort = 'relevance', order }: ChartQuery): string {
  if (sort === 'name') return order === 'desc' ? 'chart DESC, space DESC' : 'chart, space';
  if (sort === 'updated') return `updated_at ${order === 'asc' ? 'ASC' : 'DESC'}, chart, space`;
  return order === 'asc' ? 'tier DESC, chart DESC, space DESC' : 'tier, chart, space';
}

/** Writes SQL that finds a text, and that tells the kinds of match. `~` sorts after every character of a name. */
function writeTextMatch(
  { add }: SqlParameters,
  text: string,
): { match: string; tiers(first: number): string } {
  const words = splitWords(text);
  if (words.length === 0) return { match: 'false', tiers: (first) => `WHEN false THEN ${first}` };
  const [all, inNames, inKeywords] = ['', 'A', 'AB'].map(
    (weights) => `(SELECT to_tsquery('simple', ${add(toPrefixQuery(words, weights))}))`,
  );
  const name = toPossibleChartName(text);
  const named = name === undefined ? undefined : add(name);
  const begins = named && `lower(chart) >= ${named} AND lower(chart) < ${named} || '~'`;
  return {
    match: begins ? `document @@ ${all} OR ${begins}` : `document @@ ${all}`,
    tiers: (first) => `
      ${begins ? `WHEN lower(chart) = ${named} THEN ${first} WHEN ${begins} THEN ${first + 1}` : ''}
      WHEN document @@ ${inNames} THEN ${first + 2} WHEN document @@ ${inKeywords} THEN ${first + 3}
      WHEN document @@ ${all} THEN ${first + 4}`,
  };
}

/** SQL of the latest version of a chart on the page `p`, as it is shown. */
const latestStatement = `
  SELECT latest.version, created_at AS "createdAt",
         (SELECT max(updated_at) FROM versions WHERE chart_id = p.chart_id) AS "updatedAt",
         (SELECT version_count FROM charts WHERE id = p.chart_id) AS versions,
         left(metadata ->> 'description', ${maxShownFieldLength}) AS description,
         left(metadata ->> 'appVersion', ${maxShownFieldLength}) AS "appVersion",
         coalesce(nullif(left(metadata ->> 'type', 100), ''), 'application') AS type,
         CASE WHEN octet_length((metadata -> 'keywords')::text) <= ${maxShownFieldLength} THEN metadata -> 'keywords' END AS keywords,
         coalesce(metadata -> 'deprecated' = 'true', false) AS deprecated,
         search_signed(latest.id) AS signed,
         EXISTS (SELECT FROM lineage WHERE version_id = latest.id) AS composed,
         coalesce(metadata ->> 'icon', '') <> '' AS icon
    FROM (SELECT * FROM versions WHERE chart_id = p.chart_id ORDER BY sort_key DESC, version DESC LIMIT 1) latest`;
