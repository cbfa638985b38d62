import type { Database, Transaction } from '../db/port.ts';
import { parseVersion } from '../semver/version.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import { forgetSightings, recordGoneVersions } from './drop-sightings.ts';
import type { IndexEntry } from './read-index.ts';
import { versionKeyOf } from './record-outcomes.ts';

/** Versions of one statement. */
const batchSize = 5_000;

/**
 * Records which versions the upstream has now, and finds those that are too young. The age of a version counts from the
 * time when the mirror first saw its bytes. So the upstream cannot make a version older than it is. For the versions of
 * the first look the upstream's own date counts, or a new mirror would be empty for days.
 * @param isUnsure whether a chart was not listed, though the mirror wants it: its versions have not gone
 * @returns the keys of those that are too young; none where the mirror has no minimum age
 */
export async function recordSightingsAndFindYoung(
  db: Database,
  { mirrorId, url, settings }: Pick<ClaimedMirrorRun, 'mirrorId' | 'url' | 'settings'>,
  entries: readonly IndexEntry[],
  isUnsure: (chart: string) => boolean,
): Promise<ReadonlySet<string>> {
  const { minAgeDays } = settings;
  if (minAgeDays === 0) {
    await forgetSightings(db, mirrorId);
    return new Set();
  }
  return db.transaction(async (tx) => {
    const isFirst = await forgetOtherUpstream(tx, mirrorId, url);
    // Versions that Helm cannot read are never chosen.
    const readable = entries.filter(({ version }) => parseVersion(version) !== undefined);
    for (let start = 0; start < readable.length; start += batchSize)
      await writeSightings(tx, mirrorId, readable.slice(start, start + batchSize), isFirst);
    await recordGoneVersions(tx, mirrorId, new Set(readable.map(versionKeyOf)), isUnsure);
    const young = await tx.query<{ chart: string; version: string }>(
      'SELECT chart, version FROM mirror_sightings WHERE mirror_id = $1 AND seen_at > now() - make_interval(days => $2)',
      [mirrorId, minAgeDays],
    );
    return new Set(young.map(versionKeyOf));
  });
}

/**
 * Finds the versions that wait: those that are new, and those that are young.
 * @returns each by its key, with the digest that it had; none before the first look, at which all of them count as seen
 */
export async function findWaitingVersions(
  db: Database,
  { mirrorId, url, settings }: Pick<ClaimedMirrorRun, 'mirrorId' | 'url' | 'settings'>,
  entries: readonly IndexEntry[],
): Promise<Map<string, { entry: IndexEntry; seen?: string | undefined }>> {
  const looked = await db.query('SELECT 1 FROM mirrors WHERE id = $1 AND sighted_url = $2', [mirrorId, url]);
  if (looked.length === 0) return new Map();
  const rows = await db.query<{ chart: string; version: string; digest: string | null; isYoung: boolean }>(
    `SELECT chart, version, digest, seen_at > now() - make_interval(days => $2) AS "isYoung"
       FROM mirror_sightings WHERE mirror_id = $1`,
    [mirrorId, settings.minAgeDays],
  );
  const known = new Map(rows.map((row) => [versionKeyOf(row), row]));
  const waiting = new Map<string, { entry: IndexEntry; seen?: string | undefined }>();
  for (const entry of entries) {
    const row = known.get(versionKeyOf(entry));
    if (!row || row.isYoung) waiting.set(versionKeyOf(entry), { entry, seen: row?.digest ?? undefined });
  }
  return waiting;
}

/**
 * Decides whether bytes have been seen for too short a time to be copied. Bytes other than those that were seen begin
 * to wait anew. Only a version of the first look has no digest yet; its bytes are trusted once.
 * @param isMoved whether other bytes were copied before
 */
export async function isTooYoung(
  db: Database,
  { mirrorId, settings }: Pick<ClaimedMirrorRun, 'mirrorId' | 'settings'>,
  { chart, version, digest }: { chart: string; version: string; digest: string },
  isMoved: boolean,
): Promise<boolean> {
  if (settings.minAgeDays === 0) return false;
  const [seen] = await db.query<{ isYoung: boolean }>(
    `UPDATE mirror_sightings SET digest = $4,
            seen_at = CASE WHEN digest = $4 OR (digest IS NULL AND NOT $5 AND seen_at = to_timestamp(0)) THEN seen_at ELSE now() END
      WHERE mirror_id = $1 AND chart = $2 AND version = $3
      RETURNING seen_at > now() - make_interval(days => $6) AS "isYoung"`,
    [mirrorId, chart, version, digest, isMoved, settings.minAgeDays],
  );
  return seen?.isYoung ?? true;
}

/** Forgets what was seen at another upstream. @returns whether this upstream is looked at for the first time */
async function forgetOtherUpstream(tx: Transaction, mirrorId: string, url: string): Promise<boolean> {
  const changed = await tx.query(
    'UPDATE mirrors SET sighted_url = $2 WHERE id = $1 AND sighted_url IS DISTINCT FROM $2 RETURNING id',
    [mirrorId, url],
  );
  if (changed.length === 0) return false;
  await tx.query('DELETE FROM mirror_sightings WHERE mirror_id = $1', [mirrorId]);
  return true;
}

/** Writes sightings of new versions, and of those whose bytes are new: they are as young as a new version. */
async function writeSightings(
  tx: Transaction,
  mirrorId: string,
  entries: readonly IndexEntry[],
  isFirst: boolean,
): Promise<void> {
  const seen = entries.map(({ chart, version, digest, createdAt = 0 }) => ({
    ...{ chart, version, digest },
    createdAt: createdAt / 1_000,
  }));
  await tx.query(
    `INSERT INTO mirror_sightings AS s (mirror_id, chart, version, digest, seen_at)
     SELECT $1, e.chart, e.version, e.digest, CASE WHEN $3 THEN least(to_timestamp(e."createdAt"), now()) ELSE now() END
       FROM jsonb_to_recordset($2::jsonb) AS e (chart text, version text, digest text, "createdAt" float8)
            LEFT JOIN mirror_sightings k ON k.mirror_id = $1 AND k.chart = e.chart AND k.version = e.version
      WHERE k.mirror_id IS NULL OR (e.digest IS NOT NULL AND k.digest IS DISTINCT FROM e.digest)
     ON CONFLICT (mirror_id, chart, version) DO UPDATE
        SET seen_at = CASE WHEN s.digest IS NULL THEN s.seen_at ELSE excluded.seen_at END, digest = excluded.digest`,
    [mirrorId, JSON.stringify(seen), isFirst],
  );
}
