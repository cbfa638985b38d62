import { boundsOf } from '../chart/constraint-bounds.ts';
import { parseVersion } from '../chart/version.ts';
import type { Queryable } from '../db/port.ts';
import { isPickable, type VersionPick } from '../recipe/version-pick.ts';

/** Rows of the first page; each that follows is larger, for a range that nothing meets has to be read to its end. */
const firstPageSize = 20;
const maxPageSize = 5_000;

/** After every sort key, and every version of one sort key: both begin with a digit or a `v`. */
const pastAll = '~';

/**
 * The highest version of a chart that may be picked, read from the index from the top of what the range allows, a page
 * at a time. So the cost is that of the versions that lie above the picked one within the range.
 * @returns undefined when there is none, or no such chart
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
