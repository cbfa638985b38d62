import type { Queryable } from '../db/port.ts';
import { checkSpaceName } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { Page, Paging, VersionRef } from './registry.ts';
import { catchUpSearch } from './search-catch-up.ts';
import { findSpace } from './space-rows.ts';

/** Where all words that were searched for were found, the best first: it is called so, or begins so; then among which words. */
export const searchMatches = ['name', 'prefix', 'word', 'keyword', 'description'] as const;
export type SearchMatch = (typeof searchMatches)[number];

/** A chart that was found: its latest version. */
export type FoundChart = VersionRef & {
  match: SearchMatch;
  description: string | null;
  keywords: unknown;
  appVersion: string | null;
};

/**
 * Searches the latest version of every chart for words, each of which may be the beginning of one: in names, keywords and
 * descriptions. The best matches come first, then it goes by the chart's name and the space's. The case of letters does not
 * count, that of letters beyond ASCII only where the database has a locale that knows them. What was committed before is
 * seen, but where so much was written since the last search and the last sweep that it takes more than seconds to read.
 * @param space the only one to search in, if there is one
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function searchCharts(
  db: Queryable,
  text: string,
  space: string | undefined,
  paging: Paging,
): Promise<Page<FoundChart>> {
  const spaceId = space === undefined ? undefined : await requireSpaceId(db, space);
  const words = splitWords(text);
  if (words.length === 0) return { total: 0, items: [] };
  const params = searchParams(words, parseName(text, words), spaceId, paging);
  let rows = await db.query<FoundRow>(searchStatement, params);
  if (rows[0]?.behind) {
    await catchUpSearch(db, catchUpTimeoutMs);
    rows = await db.query<FoundRow>(searchStatement, params);
  }
  const total = rows[0]?.total ?? 0;
  const items = rows.flatMap(({ total: _total, behind: _behind, tier, space, chart, version, ...more }) => {
    const match = tier === null ? undefined : searchMatches[tier];
    return match ? [{ space, chart, version, match, ...more }] : [];
  });
  return { total, items };
}

/** Milliseconds after which a search answers as it is, with what was not read yet left to the next one. */
const catchUpTimeoutMs = 3_000;

type FoundRow = Omit<FoundChart, 'match'> & { total: number; behind: boolean; tier: number | null };

async function requireSpaceId(db: Queryable, space: string): Promise<number> {
  checkSpaceName(space);
  const id = await findSpace(db, space);
  if (id === undefined) throw await explainMissing(db, { space });
  return id;
}

/** As migration 0008 reads what is searched: words end at ASCII punctuation. */
function splitWords(text: string): string[] {
  return text.split(/[\0-/:-@[-`{-\x7f]+/).filter((word) => word !== '');
}

/** What the name may be, or begin with, in lower case: the text, or its words with dashes; undefined for what is in none. */
function parseName(text: string, words: readonly string[]): string | undefined {
  const names = [text.trim(), words.join('-')].map((name) => name.toLowerCase());
  return names.find((name) => /^[a-z0-9._-]+$/.test(name));
}

/** Characters of a description that are shown, and of all keywords: the metadata has them whole. */
const maxShown = 4096;

/** The parameters of {@link searchStatement}. */
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
 * A page of what is found, with the total in each row, and whether something is still to be read; a page past the end is a row
 * of these alone. All but the page itself is read from the table of what is searched. `~` is after every character that a
 * name may have.
 */
export const searchStatement = `
  WITH found AS MATERIALIZED (
    SELECT chart_id, space, chart,
           CASE WHEN lower(chart) = $4 THEN 0
                WHEN lower(chart) >= $4 AND lower(chart) < $4 || '~' THEN 1
                WHEN document @@ (SELECT to_tsquery('simple', $2)) THEN 2
                WHEN document @@ (SELECT to_tsquery('simple', $3)) THEN 3
                ELSE 4 END AS tier
      FROM chart_search
     WHERE document @@ (CASE WHEN $5::text IS NULL THEN to_tsquery('simple', $1)
                             ELSE to_tsquery('simple', $1) && $5::tsquery END)
        OR lower(chart) >= $4 AND lower(chart) < $4 || '~' AND ($5::text IS NULL OR document @@ $5::tsquery)
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
