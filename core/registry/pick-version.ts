import type { Queryable } from '../db/port.ts';
import { isPickable, type VersionPick } from '../recipe/version-pick.ts';
import { boundsOfConstraint } from '../semver/bounds.ts';
import { parseVersion } from '../semver/version.ts';
import { chartIdSql } from './version-lookup.ts';

/** Chart, and which of its versions is wanted. */
export interface WantedVersion {
  space: string;
  chart: string;
  pick: VersionPick;
}

/** Rows of the first page for each chart. Later pages grow, since a range without a match is read to its end. */
const firstPageSize = 20;

/** Rows of the largest page for each chart. */
const maxPageSize = 5_000;

/** Sorts after every sort key and every version, which begin with a digit or a `v`. */
const afterEverySortKey = '~';

/** Search for one version, downwards from the upper bound of its range. */
interface VersionSearch extends WantedVersion {
  index: number;
  from: string;
  before: { sortKey: string; version: string };
}

interface Candidate {
  index: number;
  sortKey: string;
  version: string;
}

/**
 * Finds the highest version of a chart that a pick allows.
 * @returns undefined when no version matches, or the chart does not exist
 */
export async function pickVersion(
  db: Queryable,
  { space, chart }: { space: string; chart: string },
  pick: VersionPick,
): Promise<string | undefined> {
  const [picked] = await pickVersions(db, [{ space, chart, pick }]);
  return picked;
}

/**
 * Finds the highest versions of several charts that their picks allow. One query a page serves all. The index is read
 * in pages, downwards from the upper bound of each range. So the cost depends only on the versions in the ranges that
 * lie above the picked ones.
 * @returns versions in the order of `wanted`; undefined where none matches, or the chart does not exist
 */
export async function pickVersions(
  db: Queryable,
  wanted: readonly WantedVersion[],
): Promise<(string | undefined)[]> {
  const picked = new Map<number, string>();
  let open = wanted.map((item, index): VersionSearch => {
    const { from = '', to = afterEverySortKey } = item.pick === 'latest' ? {} : boundsOfConstraint(item.pick);
    return { ...item, index, from, before: { sortKey: to, version: afterEverySortKey } };
  });
  for (let size = firstPageSize; open.length > 0; size = Math.min(size * 4, maxPageSize)) {
    const pages = groupByIndex(await selectPage(db, open, size));
    open = open.flatMap((search) => {
      const rows = pages.get(search.index) ?? [];
      const found = rows.find(({ version }) => isMatch(search.pick, version));
      if (found) picked.set(search.index, found.version);
      const last = rows.at(-1);
      return found || !last || rows.length < size ? [] : [{ ...search, before: last }];
    });
  }
  return wanted.map((_, index) => picked.get(index));
}

function groupByIndex(candidates: readonly Candidate[]): Map<number, Candidate[]> {
  const groups = new Map<number, Candidate[]>();
  for (const candidate of candidates) {
    const group = groups.get(candidate.index);
    if (group) group.push(candidate);
    else groups.set(candidate.index, [candidate]);
  }
  return groups;
}

function isMatch(pick: VersionPick, version: string): boolean {
  const parsed = parseVersion(version);
  return parsed !== undefined && isPickable(pick, parsed);
}

/** Selects the next versions of each search, highest first; subqueries hide the arrays' lengths, or each call would be planned anew. */
function selectPage(db: Queryable, open: readonly VersionSearch[], size: number): Promise<Candidate[]> {
  return db.query<Candidate>(
    `SELECT w.index, v.sort_key AS "sortKey", v.version
       FROM unnest((SELECT $1::int[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::text[]), (SELECT $5::text[]),
                   (SELECT $6::text[])) AS w (index, space, chart, lowest, sort_key, version)
       CROSS JOIN LATERAL (
         SELECT sort_key, version FROM versions
          WHERE chart_id = ${chartIdSql('w.space', 'w.chart')}
            AND sort_key >= w.lowest AND (sort_key, version) < (w.sort_key, w.version)
          ORDER BY sort_key DESC, version DESC LIMIT $7
       ) v
      ORDER BY w.index, v.sort_key DESC, v.version DESC`,
    [
      open.map(({ index }) => index),
      open.map(({ space }) => space),
      open.map(({ chart }) => chart),
      open.map(({ from }) => from),
      open.map(({ before }) => before.sortKey),
      open.map(({ before }) => before.version),
      size,
    ],
  );
}
