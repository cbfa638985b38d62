import type { Digest } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';

/** An entry of the table of what was let go of. */
export interface GarbageEntry {
  digest: Digest;
  /** As PostgreSQL writes it: a `Date` would lose its microseconds. */
  since: string;
  /** True when the entry means nothing any more: a row names the digest, or let go of it again later. */
  settled: boolean;
}

/**
 * What of `$1` no row names and nothing has written down yet. Asked this way, PostgreSQL looks each digest up in the
 * indexes and stops at the first hit; asked by NOT EXISTS it reads whole tables to hash them.
 */
const unnamed = `
  SELECT listed.digest FROM unnest($1::text[]) AS listed (digest)
   WHERE (SELECT true FROM named_blobs n WHERE n.digest = listed.digest LIMIT 1) IS NULL
     AND (SELECT true FROM garbage g WHERE g.digest = listed.digest LIMIT 1) IS NULL
     AND (SELECT true FROM job_sources s JOIN jobs j ON j.id = s.job_id
           WHERE s.digest = listed.digest AND j.state IN ('queued', 'running') LIMIT 1) IS NULL`;

/** Which of these blobs nothing names, neither rows that keep them nor unfinished jobs, and nobody has written down. */
export async function findUnnamed(db: Database, digests: readonly Digest[]): Promise<Digest[]> {
  const rows = await db.query<{ digest: Digest }>(unnamed, [digests]);
  return rows.map((row) => row.digest);
}

/** The same, and writes them down: their grace begins. */
export async function writeDownUnnamed(db: Database, digests: readonly Digest[]): Promise<Digest[]> {
  const rows = await db.query<{ digest: Digest }>(
    `INSERT INTO garbage (digest) ${unnamed} RETURNING digest`,
    [digests],
  );
  return rows.map((row) => row.digest);
}

/** The moment, as PostgreSQL writes it, that lies so many seconds back by its own clock. */
export async function momentBefore(db: Database, seconds: number): Promise<string> {
  const [row] = await db.query<{ moment: string }>(
    'SELECT (clock_timestamp() - $1::interval)::text AS moment',
    [`${seconds} seconds`],
  );
  if (!row) throw new Error('PostgreSQL does not know the time');
  return row.moment;
}

/**
 * Entries not younger than `until`, oldest first, those of one digest and moment as one, in pages; each page may be taken
 * away before the next is asked for.
 */
export async function* listDue(db: Database, until: string, size: number): AsyncGenerator<GarbageEntry[]> {
  let last = { since: '-infinity', digest: '' };
  for (;;) {
    const page = await db.query<GarbageEntry>(
      `SELECT digest, since::text,
              EXISTS (SELECT FROM named_blobs b WHERE b.digest = g.digest)
              OR EXISTS (SELECT FROM garbage n WHERE n.digest = g.digest AND n.since > g.since) AS settled
         FROM garbage g
        WHERE since <= $1 AND (since, digest) > ($2, $3)
        GROUP BY g.since, g.digest ORDER BY g.since, g.digest LIMIT $4`,
      [until, last.since, last.digest, size],
    );
    if (page.length > 0) yield page;
    const end = page[size - 1];
    if (!end) return;
    last = end;
  }
}

/**
 * Takes entries away that mean nothing any more. Looked at and deleted by one snapshot: a version that lets go of the
 * digest meanwhile has written an entry of its own, which stays.
 */
export async function dropSettled(db: Database, entries: readonly GarbageEntry[]): Promise<void> {
  await db.query(
    `DELETE FROM garbage g USING unnest($1::text[], $2::timestamptz[]) AS due (digest, since)
      WHERE g.digest = due.digest AND g.since = due.since
        AND (EXISTS (SELECT FROM named_blobs b WHERE b.digest = g.digest)
             OR EXISTS (SELECT FROM garbage n WHERE n.digest = g.digest AND n.since > g.since))`,
    [entries.map((entry) => entry.digest), entries.map((entry) => entry.since)],
  );
}

/** How many blobs are written down and named by nothing that keeps them. */
export async function countWaiting(db: Database): Promise<number> {
  const [row] = await db.query<{ waiting: number }>(
    `SELECT count(DISTINCT digest) AS waiting FROM garbage g
      WHERE NOT EXISTS (SELECT FROM named_blobs b WHERE b.digest = g.digest)`,
  );
  return row?.waiting ?? 0;
}
