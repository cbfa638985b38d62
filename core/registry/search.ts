import { fullReadScope, type ReadScope } from '../access/decide.ts';
import type { Queryable } from '../db/port.ts';
import { correctSearch } from './correct-search.ts';
import { checkSpaceName } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { Page, Paging, VersionRef } from './registry.ts';
import { catchUpSearch } from './search-catch-up.ts';
import type { Facets } from './search-facets.ts';
import type { ChartQuery } from './search-query.ts';
import { tiersPerText, writeSearch } from './search-statement.ts';
import { findSpaceId } from './space-rows.ts';

/**
 * Kinds of match, the best first: the whole name, its beginning, words of the name, of the keywords, of the
 * description.
 */
export const searchMatchKinds = ['name', 'prefix', 'word', 'keyword', 'description'] as const;

/** The worst place in which a word of the search was found. */
export type SearchMatch = (typeof searchMatchKinds)[number];

/** A found chart, as its latest version. */
export interface FoundChart extends VersionRef {
  /** Absent where no text was searched for. */
  match?: SearchMatch;
  /** When the latest version was first stored. */
  createdAt: Date;
  /** When any version of the chart was last stored. */
  updatedAt: Date;
  /** Number of versions of the chart. */
  versions: number;
  description: string | null;
  appVersion: string | null;
  type: string;
  keywords: unknown;
  deprecated: boolean;
  /** Whether it has a provenance file, or a signature of cosign. */
  signed: boolean;
  composed: boolean;
  /** Whether it names an icon. */
  icon: boolean;
}

/** Page of found charts. */
export interface FoundCharts extends Page<FoundChart> {
  /** Absent unless they were asked for. */
  facets?: Facets;
  /** Text that was also searched for, where typing errors were forgiven. */
  corrected?: string;
}

/**
 * Searches names, keywords and descriptions of the latest version of every chart.
 * Any word of the text may be the beginning of a found word. The best matches come first, then the order is by chart
 * name and space name. Case is ignored; beyond ASCII only if the locale of the database knows the letters. Where no
 * name and no keyword matches, what is found with typing errors forgiven follows.
 *
 * The search sees everything committed before it, unless so much was written since the last search and sweep that
 * catching up takes over three seconds.
 * @param query.space the only space to search in; the caller has checked the right to it
 * @param scope bounds of the spaces to search in
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function searchCharts(
  db: Queryable,
  query: ChartQuery,
  paging: Paging,
  scope: ReadScope = fullReadScope,
): Promise<FoundCharts> {
  const { text, space } = query;
  const spaceId = space === undefined ? undefined : await requireSpaceId(db, space, scope);
  const search = async (corrected?: string) => {
    const { sql, params } = writeSearch({ query, spaceId, corrected }, paging, scope);
    return db.query<FoundRow>(sql, params);
  };
  let rows = await search();
  if (rows[0]?.behind) {
    await catchUpSearch(db, catchUpTimeoutMs);
    rows = await search();
  }
  if (text === undefined || matchesNameOrKeyword(rows)) return toFound(rows);
  const corrected = await correctSearch(db, text, space, scope);
  if (corrected === undefined) return toFound(rows);
  return { ...toFound(await search(corrected)), corrected };
}

/** Milliseconds for which a search catches up with writes; the rest is left to the next search. */
const catchUpTimeoutMs = 3_000;

type FoundRow = Omit<FoundChart, 'match'> & {
  total: number;
  best: number | null;
  behind: boolean;
  /** False for a page without charts. */
  shown: boolean;
  tier: number | null;
  facets: Facets | null;
};

/** Finds the id of a space. @throws {RegistryError} `name.invalid`, `space.notFound` */
async function requireSpaceId(db: Queryable, space: string, scope: ReadScope): Promise<number> {
  checkSpaceName(space);
  const id = await findSpaceId(db, space);
  if (id === undefined) throw await explainMissing(db, { space }, scope);
  return id;
}

/** Whether a name or a keyword of a found chart matches, so that nothing needs to be forgiven. */
function matchesNameOrKeyword([row]: readonly FoundRow[]): boolean {
  const best = row?.best ?? null;
  return best !== null && searchMatchKinds[best] !== 'description';
}

function toFound(rows: readonly FoundRow[]): FoundCharts {
  const [first] = rows;
  const items = rows.flatMap(({ total, best, behind, facets, shown, tier, ...item }) => {
    if (!shown) return [];
    const match = tier === null ? undefined : searchMatchKinds[tier % tiersPerText];
    return [match ? { ...item, match } : item];
  });
  return { total: first?.total ?? 0, items, ...(first?.facets ? { facets: first.facets } : {}) };
}
