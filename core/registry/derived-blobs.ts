import type { BlobStore, Content, Digest } from '../blobs/port.ts';
import type { Database, Queryable } from '../db/port.ts';
import { storeBlob } from './blob-references.ts';

/**
 * Number of the prepared form of a source. Raise it with every change of the form's content or layout.
 * Stored forms with another number are not read, and collected once they are older.
 */
export const preparedFormNumber = 2;

/** Finds the blob with the prepared form of a source. */
export async function findDerivedBlob(db: Queryable, source: Digest): Promise<Digest | undefined> {
  const [row] = await db.query<{ blob: Digest }>(
    'SELECT blob FROM derived_blobs WHERE source = $1 AND form = $2',
    [source, preparedFormNumber],
  );
  return row?.blob;
}

/**
 * Stores the prepared form of a source. Of two at once the later stays, and the blob of the other becomes an orphan.
 * The blob is recorded as garbage before it is put. A client repeats an upload that was cut off, but nobody stores a
 * form again. So the garbage collection must know the blob that a dead process or a silent store has left.
 * @returns false when no version has the source; the blob is left to the garbage collection then
 */
export async function storeDerivedBlob(
  { db, blobs }: { db: Database; blobs: BlobStore },
  source: Digest,
  content: Content,
): Promise<boolean> {
  if (!(await recordAsGarbage(db, source, content.digest))) return false;
  return storeBlob({ db, blobs }, content, (blob) =>
    db.transaction(async (tx) => {
      await blob.lockStored(tx);
      const rows = await tx.query(
        `WITH stored AS (
           INSERT INTO derived_blobs (source, form, blob, size)
           SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT FROM versions WHERE digest = $1)
           ON CONFLICT (source, form) DO UPDATE SET blob = excluded.blob, size = excluded.size
           RETURNING blob
         ), wanted AS (
           DELETE FROM garbage g USING stored s WHERE g.digest = s.blob
         )
         SELECT blob FROM stored`,
        [source, preparedFormNumber, content.digest, content.size],
      );
      return rows.length > 0;
    }),
  );
}

/** Records a blob as garbage, unless it is. @returns whether a version has the source from which the blob derives */
async function recordAsGarbage(db: Database, source: Digest, blob: Digest): Promise<boolean> {
  const rows = await db.query(
    `WITH wanted AS (SELECT FROM versions WHERE digest = $1 LIMIT 1), announced AS (
       INSERT INTO garbage (digest)
       SELECT $2 FROM wanted WHERE NOT EXISTS (SELECT FROM garbage WHERE digest = $2)
     )
     SELECT FROM wanted`,
    [source, blob],
  );
  return rows.length > 0;
}

/** Deletes the rows of a derived blob that is damaged or missing. The next use of its source makes it anew. */
export async function dropDerivedBlob(db: Queryable, blob: Digest): Promise<void> {
  await db.query('DELETE FROM derived_blobs WHERE blob = $1', [blob]);
}

/**
 * Deletes the rows of derived blobs that nothing reads. Such blobs have earlier forms, or sources that no version has
 * any more.
 */
export async function dropStaleDerivedBlobs(db: Queryable): Promise<void> {
  await db.query(
    `DELETE FROM derived_blobs d
      WHERE form < $1 OR NOT EXISTS (SELECT FROM versions v WHERE v.digest = d.source)`,
    [preparedFormNumber],
  );
}

/** Archives that wait to be prepared, at most; of more uploads the earlier ones are prepared at their first use. */
const maxWaitingSources = 1_000;

/**
 * Claims the last uploaded archive that is not prepared yet. Each is claimed once, by any worker. A worker that dies
 * with one leaves it to be prepared at its first use.
 */
export async function claimSourceToPrepare(db: Queryable): Promise<Digest | undefined> {
  const [row] = await db.query<{ digest: Digest }>(
    `WITH taken AS (
       DELETE FROM sources_to_prepare WHERE id = (
         SELECT id FROM sources_to_prepare ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING id, digest
     ), dropped AS (
       DELETE FROM sources_to_prepare WHERE id <= (SELECT id FROM taken) - $1::bigint
     )
     SELECT digest FROM taken`,
    [maxWaitingSources],
  );
  return row?.digest;
}
