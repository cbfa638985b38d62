import type { Digest } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { isBlobRestorableSql } from '../deletions/kept-blobs.ts';

/** Entry of the table `garbage`: an orphan, and when it became one. */
export interface GarbageEntry {
  digest: Digest;
  /** Time as PostgreSQL writes it; a `Date` would lose its microseconds. */
  since: string;
  /** Whether the entry no longer counts: the blob is referenced again, or has a later entry. */
  obsolete: boolean;
}

/**
 * SQL of whether a row of a kind has a digest. With scalar subqueries PostgreSQL looks each digest up in the indexes
 * and stops at the first hit. With EXISTS it may read and hash whole tables.
 */
const hasRowSql = (rows: string) => `(SELECT true FROM ${rows} LIMIT 1) IS NOT NULL`;

const isReferencedByRowSql = (digest: string) => hasRowSql(`named_blobs b WHERE b.digest = ${digest}`);

/** SQL of whether the entry `g` no longer counts. */
const isObsoleteEntrySql = `(${isReferencedByRowSql('g.digest')}
              OR ${hasRowSql('garbage n WHERE n.digest = g.digest AND n.since > g.since')})`;

/** Query of the digests in `$1` that are unrecorded orphans. */
const unrecordedOrphansSql = `
  SELECT listed.digest FROM unnest($1::text[]) AS listed (digest)
   WHERE NOT (${isReferencedByRowSql('listed.digest')})
     AND NOT (${hasRowSql('garbage g WHERE g.digest = listed.digest')})
     AND NOT (${hasRowSql(`job_sources s JOIN jobs j ON j.id = s.job_id
                WHERE s.digest = listed.digest AND j.state IN ('queued', 'running')`)})`;

/** Finds the unrecorded orphans among blobs. Orphans have no reference by a row or an unfinished job. */
export async function findUnrecordedOrphans(db: Database, digests: readonly Digest[]): Promise<Digest[]> {
  const rows = await db.query<{ digest: Digest }>(unrecordedOrphansSql, [digests]);
  return rows.map((row) => row.digest);
}

/** Records the unrecorded orphans among blobs, which starts their grace period. @returns their digests */
export async function recordOrphans(db: Database, digests: readonly Digest[]): Promise<Digest[]> {
  const rows = await db.query<{ digest: Digest }>(
    `INSERT INTO garbage (digest) ${unrecordedOrphansSql} RETURNING digest`,
    [digests],
  );
  return rows.map((row) => row.digest);
}

/** Returns the time `seconds` ago by PostgreSQL's clock, as PostgreSQL writes it. */
export async function databaseTimeBefore(db: Database, seconds: number): Promise<string> {
  const [row] = await db.query<{ moment: string }>(
    'SELECT (clock_timestamp() - $1::interval)::text AS moment',
    [`${seconds} seconds`],
  );
  if (!row) throw new Error('PostgreSQL does not know the time');
  return row.moment;
}

/**
 * Lists entries up to `until` in pages, oldest first. Entries with equal digest and time as one. The caller
 * may delete each page before it requests the next.
 * @param restoreSeconds leaves out blobs of versions that were deleted since, which can be restored
 */
export async function* listDueGarbage(
  db: Database,
  until: string,
  restoreSeconds: number,
  size: number,
): AsyncGenerator<GarbageEntry[]> {
  let lastEntry = { since: '-infinity', digest: '' };
  for (;;) {
    const page = await db.query<GarbageEntry>(
      `SELECT digest, since::text,
              ${isObsoleteEntrySql} AS obsolete
         FROM garbage g
        WHERE since <= $1 AND (since, digest) > ($2, $3) AND NOT ${isBlobRestorableSql('g.digest', '$5::float8')}
        GROUP BY g.since, g.digest ORDER BY g.since, g.digest LIMIT $4`,
      [until, lastEntry.since, lastEntry.digest, size, restoreSeconds],
    );
    if (page.length > 0) yield page;
    const final = page[size - 1];
    if (!final) return;
    lastEntry = final;
  }
}

/**
 * Deletes entries that no longer count. The statement checks and deletes in one snapshot: a version that is
 * deleted meanwhile writes an entry of its own, which stays.
 */
export async function dropObsoleteEntries(db: Database, entries: readonly GarbageEntry[]): Promise<void> {
  await db.query(
    `DELETE FROM garbage g USING unnest($1::text[], $2::timestamptz[]) AS due (digest, since)
      WHERE g.digest = due.digest AND g.since = due.since
        AND ${isObsoleteEntrySql}`,
    [entries.map((entry) => entry.digest), entries.map((entry) => entry.since)],
  );
}

/** Counts the recorded blobs that no row references. */
export async function countWaitingGarbage(db: Database): Promise<number> {
  const [row] = await db.query<{ waiting: number }>(
    `SELECT count(DISTINCT digest) AS waiting FROM garbage g
      WHERE NOT (${isReferencedByRowSql('g.digest')})`,
  );
  return row?.waiting ?? 0;
}
