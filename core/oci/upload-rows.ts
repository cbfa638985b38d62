import type { Digest } from '../blobs/port.ts';
import type { Queryable, Transaction } from '../db/port.ts';

/** Row of an upload session that has chunks, or has ended. */
export interface UploadRow {
  id: string;
  repository: string;
  /** Bytes received so far. */
  size: number;
  /** Chunks received so far. */
  parts: number;
  /** Whether the session was finished or cancelled. The row stays until the id has expired. */
  ended: boolean;
}

/** A received chunk, which is a blob in the store until the session ends. */
export interface UploadChunk {
  digest: Digest;
  size: number;
}

const uploadColumns = 'id, repository, size, parts, ended';

/** Finds the rows of upload sessions. @returns them in the order of the keys */
export async function findUploadRows(
  db: Queryable,
  keys: readonly string[],
): Promise<(UploadRow | undefined)[]> {
  const rows = await db.query<UploadRow>(
    `SELECT ${uploadColumns} FROM oci_uploads WHERE id = ANY ((SELECT $1::uuid[])::uuid[])`,
    [keys],
  );
  const byKey = new Map(rows.map((row) => [row.id, row]));
  return keys.map((key) => byKey.get(key));
}

/** Locks the row of an upload session until the transaction ends. */
export async function lockUploadRow(tx: Transaction, key: string): Promise<UploadRow | undefined> {
  const [row] = await tx.query<UploadRow>(
    `SELECT ${uploadColumns} FROM oci_uploads WHERE id = $1 FOR UPDATE`,
    [key],
  );
  return row;
}

/** Finds an upload session's row with its chunks in order, in one snapshot. */
export async function findRowAndChunks(
  db: Queryable,
  key: string,
): Promise<{ row: UploadRow | undefined; chunks: UploadChunk[] }> {
  const rows = await db.query<UploadRow & { digest: Digest | null; length: number | null }>(
    `SELECT u.*, p.digest, p.size AS length
       FROM (SELECT ${uploadColumns} FROM oci_uploads WHERE id = $1) u LEFT JOIN oci_upload_parts p ON p.upload_id = u.id
      ORDER BY p.number`,
    [key],
  );
  const chunks = rows.flatMap(({ digest, length }) => (digest && length ? [{ digest, size: length }] : []));
  return { row: rows[0], chunks };
}

/** Keeps an upload session from expiring; its first chunk makes the row. */
export async function touchUploadRow(db: Queryable, key: string, repository: string): Promise<void> {
  await db.query(
    `INSERT INTO oci_uploads (id, repository) VALUES ($1, $2)
     ON CONFLICT (id) DO UPDATE SET touched_at = clock_timestamp() WHERE NOT oci_uploads.ended`,
    [key, repository],
  );
}

/**
 * Ends an upload session, and deletes the references to its chunks.
 * @returns false when another request has ended the session
 */
export async function endUploadRow(tx: Transaction, key: string, repository: string): Promise<boolean> {
  const ended = await tx.query(
    `INSERT INTO oci_uploads (id, repository, ended) VALUES ($1, $2, true)
     ON CONFLICT (id) DO UPDATE SET ended = true, touched_at = clock_timestamp() WHERE NOT oci_uploads.ended
     RETURNING id`,
    [key, repository],
  );
  await tx.query('DELETE FROM oci_upload_parts WHERE upload_id = $1', [key]);
  return ended.length > 0;
}
