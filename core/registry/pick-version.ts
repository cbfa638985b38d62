import type { Queryable } from '../db/port.ts';
import { isPickable, type VersionPick } from '../recipe/version-pick.ts';
import { boundsOf } from '../semver/bounds.ts';
import { parseVersion } from '../semver/version.ts';

/** Rows of the first page. Later pages grow, since a range without a match is read to its end. */
const firstPageSize = 20;

/** Rows of the largest page. */
const maxPageSize = 5_000;

/** Sorts after every sort key and every version, which begin with a digit or a `v`. */
const pastAll = '~';

/**
 * Finds the highest version of a chart that a pick allows.
 * The index is read in pages, downwards from the upper bound of the range. So the cost depends only on the versions in
 * the range that lie above the picked one.
 * @returns undefined when no version matches, or the chart does not exist
 */
export async function pickVersion(
  db: Queryable,
  { space, chart }: { space: string; chart: string },
  pick: VersionPick,
): Promise<string | undefined> {
  const { from = '', to = pastAll } = pick === 'latest' ? {} : boundsOf(pick);
  let before = { sortKey: to, version: pastAll };
  for (let size = firstPageSize; ; size = Math.min(size * 4, maxPageSize)) {
    const rows = await db.query<{ sortKey: string; version: string }>(
      `SELECT sort_key AS "sortKey", version FROM versions
        WHERE chart_id = (SELECT c.id FROM charts c JOIN spaces s ON s.id = c.space_id
                           WHERE s.name = $1 AND c.name = $2)
          AND sort_key >= $3 AND (sort_key, version) < ($4, $5)
        ORDER BY sort_key DESC, version DESC LIMIT $6`,
      [space, chart, from, before.sortKey, before.version, size],
    );
    const picked = rows.find(({ version }) => {
      const parsed = parseVersion(version);
      return parsed !== undefined && isPickable(pick, parsed);
    });
    if (picked) return picked.version;
    const last = rows.at(-1);
    if (!last || rows.length < size) return undefined;
    before = last;
  }
}
