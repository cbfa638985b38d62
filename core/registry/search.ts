import { type ReadScope, readsAll } from '../access/decide.ts';
import { inScopeSql, isUnbounded, scopeParameters } from '../access/read-scope.ts';
import type { Queryable } from '../db/port.ts';
import { checkSpaceName } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { Page, Paging, VersionRef } from './registry.ts';
import { catchUpSearch } from './search-catch-up.ts';
import { findSpace } from './space-rows.ts';

/**
 * Kinds of match, the best first: the whole name, its beginning, words of the name, of the keywords, of the
 * description.
 */
export const searchMatches = ['name', 'prefix', 'word', 'keyword', 'description'] as const;

/** The worst place in which a word of the search was found. */
export type SearchMatch = (typeof searchMatches)[number];

/** A found chart, as its latest version. */
export type FoundChart = VersionRef & {
  match: SearchMatch;
  description: string | null;
  keywords: unknown;
  appVersion: string | null;
};

/**
 * Searches names, keywords and descriptions of the latest version of every chart.
 * Any word of the text may be the beginning of a found word. The best matches come first, then the order is by chart
 * name and space name. Case is ignored; beyond ASCII only if the locale of the database knows the letters.
 *
 * The search sees everything committed before it, unless so much was written since the last search and sweep that
 * catching up takes over three seconds.
 * @param space the only space to search in; all if undefined
 * @param scope bounds of the spaces to search in; the caller has checked the right to the only one
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function searchCharts(
  db: Queryable,
  text: string,
  space: string | undefined,
  paging: Paging,
  scope: ReadScope = readsAll,
): Promise<Page<FoundChart>> {
  const spaceId = space === undefined ? undefined : await requireSpaceId(db, space, scope);
  const words = splitWords(text);
  if (words.length === 0) return { total: 0, items: [] };
  const params = searchParams(words, parseName(text, words), spaceId, paging);
  const isBounded = spaceId === undefined && !isUnbounded(scope);
  if (isBounded) params.push(...scopeParameters(scope));
  const statement = isBounded ? boundedSearchStatement : searchStatement;
  let rows = await db.query<FoundRow>(statement, params);
  if (rows[0]?.behind) {
    await catchUpSearch(db, catchUpTimeoutMs);
    rows = await db.query<FoundRow>(statement, params);
  }
  const total = rows[0]?.total ?? 0;
  const items = rows.flatMap(({ total: _total, behind: _behind, tier, space, chart, version, ...more }) => {
    const match = tier === null ? undefined : searchMatches[tier];
    return match ? [{ space, chart, version, match, ...more }] : [];
  });
  return { total, items };
}

/** Milliseconds for which a search catches up with writes; the rest is left to the next search. */
const catchUpTimeoutMs = 3_000;

type FoundRow = Omit<FoundChart, 'match'> & { total: number; behind: boolean; tier: number | null };

/** Finds the id of a space. @throws {RegistryError} `name.invalid`, `space.notFound` */
async function requireSpaceId(db: Queryable, space: string, scope: ReadScope): Promise<number> {
  checkSpaceName(space);
  const id = await findSpace(db, space);
  if (id === undefined) throw await explainMissing(db, { space }, scope);
  return id;
}

/** Splits a text into words as migration 0008 does for the search table: words end at ASCII punctuation. */
function splitWords(text: string): string[] {
  return text.split(/[\0-/:-@[-`{-\x7f]+/).filter((word) => word !== '');
}

/**
 * Makes a possible chart name of the text, in lower case: the text itself, or its words joined by dashes.
 * @returns undefined when neither could be a name
 */
function parseName(text: string, words: readonly string[]): string | undefined {
  const names = [text.trim(), words.join('-')].map((name) => name.toLowerCase());
  return names.find((name) => /^[a-z0-9._-]+$/.test(name));
}

/**
 * Largest description in characters, cut there, and largest keywords in bytes, left out above; the metadata has both
 * whole.
 */
const maxShown = 4096;

/** Makes the parameters of {@link searchStatement}. */
export function searchParams(
  words: readonly string[],
  name: string | undefined,
  spaceId: number | undefined,
  { start, limit }: Paging,
): unknown[] {
  const query = (weights: string) => words.map((word) => `'${word}':*${weights}`).join(' & ');
  const within = spaceId === undefined ? null : `'/${spaceId}'`;
  return [query(''), query('A'), query('AB'), name ?? null, within, start, limit];
}

/**
 * SQL of a page of found charts; every row also has the total, and whether writes are not yet in the search table.
 * A page past the end is one row with these two alone. Matching reads the search table only; metadata is read for the
 * charts of the page. `~` sorts after every character of a name.
 */
export const searchStatement = writeSearchStatement('true');

/** SQL of a page in the spaces of a scope, whose parameters follow those of {@link searchParams}. */
export const boundedSearchStatement = writeSearchStatement(
  `space IN (SELECT s.name FROM spaces s WHERE ${inScopeSql('s', 8)})`,
);

function writeSearchStatement(within: string): string {
  return `
  WITH found AS MATERIALIZED (
    SELECT chart_id, space, chart,
           CASE WHEN lower(chart) = $4 THEN 0
                WHEN lower(chart) >= $4 AND lower(chart) < $4 || '~' THEN 1
                WHEN document @@ (SELECT to_tsquery('simple', $2)) THEN 2
                WHEN document @@ (SELECT to_tsquery('simple', $3)) THEN 3
                ELSE 4 END AS tier
      FROM chart_search
     WHERE (document @@ (CASE WHEN $5::text IS NULL THEN to_tsquery('simple', $1)
                              ELSE to_tsquery('simple', $1) && $5::tsquery END)
        OR lower(chart) >= $4 AND lower(chart) < $4 || '~' AND ($5::text IS NULL OR document @@ $5::tsquery))
       AND ${within}
  ), page AS (
    SELECT * FROM found ORDER BY tier, chart, space OFFSET $6 LIMIT $7
  )
  SELECT t.total, EXISTS (SELECT FROM search_pending) AS behind, p.tier, p.space, p.chart, v.version, left(v.metadata ->> 'description', ${maxShown}) AS description,
         CASE WHEN octet_length((v.metadata -> 'keywords')::text) <= ${maxShown} THEN v.metadata -> 'keywords' END AS keywords,
         left(v.metadata ->> 'appVersion', ${maxShown}) AS "appVersion"
    FROM (SELECT count(*) AS total FROM found) t
         LEFT JOIN (page p CROSS JOIN LATERAL (
           SELECT version, metadata FROM versions WHERE chart_id = p.chart_id ORDER BY sort_key DESC, version DESC LIMIT 1
         ) v) ON true
   ORDER BY p.tier, p.chart, p.space`;
}
