import type { Database, Transaction } from '../db/port.ts';
import { versionKeyOf } from './record-outcomes.ts';

/** Sightings of versions that upstream lists no more: days for which they are kept, and how many of a mirror. */
const goneSightingLimits = { days: 30, most: 10_000 };

/** Largest number of sightings of charts that a mirror wants and could not list: as many as a run reads. */
const maxUnsureSightings = 200_000;

/** Versions of one statement. */
const batchSize = 5_000;

/**
 * Records which versions have gone from the upstream. Versions that went long ago are dropped. A version that comes
 * back before keeps its age. An upstream that lists other versions each time cannot fill the table, and neither can lists
 * that fail.
 * @param listed keys of the versions that it lists now
 * @param isUnsure whether a chart was not listed, though the mirror wants it: its versions have not gone
 */
export async function recordGoneVersions(
  tx: Transaction,
  mirrorId: string,
  listed: ReadonlySet<string>,
  isUnsure: (chart: string) => boolean,
): Promise<void> {
  const rows = await tx.query<{ chart: string; version: string; isGone: boolean }>(
    'SELECT chart, version, gone_since IS NOT NULL AS "isGone" FROM mirror_sightings WHERE mirror_id = $1',
    [mirrorId],
  );
  let unsure = 0;
  const moved = rows.filter((row) => {
    if (listed.has(versionKeyOf(row))) return row.isGone;
    if (row.isGone || !isUnsure(row.chart)) return !row.isGone;
    unsure += 1;
    return unsure > maxUnsureSightings;
  });
  for (let start = 0; start < moved.length; start += batchSize)
    await tx.query(
      `UPDATE mirror_sightings s SET gone_since = CASE WHEN s.gone_since IS NULL THEN now() END
         FROM jsonb_to_recordset($2::jsonb) AS m (chart text, version text)
        WHERE s.mirror_id = $1 AND s.chart = m.chart AND s.version = m.version`,
      [mirrorId, JSON.stringify(moved.slice(start, start + batchSize))],
    );
  await tx.query(
    `DELETE FROM mirror_sightings s USING (
       SELECT chart, version, row_number() OVER (ORDER BY gone_since DESC, chart, version) AS place, gone_since
         FROM mirror_sightings WHERE mirror_id = $1 AND gone_since IS NOT NULL) AS g
      WHERE s.mirror_id = $1 AND s.chart = g.chart AND s.version = g.version
        AND (g.place > ${goneSightingLimits.most} OR g.gone_since < now() - interval '${goneSightingLimits.days} days')`,
    [mirrorId],
  );
}

/** Forgets all sightings of a mirror without a minimum age. Its next look with one is a first look. */
export async function forgetSightings(db: Database, mirrorId: string): Promise<void> {
  await db.transaction(async (tx) => {
    const had = await tx.query(
      'UPDATE mirrors SET sighted_url = NULL WHERE id = $1 AND sighted_url IS NOT NULL RETURNING id',
      [mirrorId],
    );
    if (had.length > 0) await tx.query('DELETE FROM mirror_sightings WHERE mirror_id = $1', [mirrorId]);
  });
}
