import { readableOf } from '../blobs/content.ts';
import type { Queryable } from '../db/port.ts';
import type { OciDigest } from '../oci/digest.ts';
import { keptWholeSql } from '../oci/kept-content.ts';
import type { CopyLocation } from './copies.ts';
import type { BlobReference } from './references.ts';

/** Row whose content PostgreSQL keeps itself: a manifest, or a configuration that was made here. */
export interface KeptContentRow {
  repository: number;
  digest: OciDigest;
  isWhole: boolean;
}

/** Kind of such rows: their table, their word in an OCI address, and for people. */
export interface KeptContentKind {
  table: 'oci_manifests' | 'oci_blobs';
  role: 'manifest' | 'blob';
  word: string;
}

export const keptContentKinds: readonly KeptContentKind[] = [
  { table: 'oci_manifests', role: 'manifest', word: 'manifest' },
  { table: 'oci_blobs', role: 'blob', word: 'configuration' },
];

/** Rows in a page: one of the longest manifests takes PostgreSQL some 10 ms to hash. */
const pageSize = 200;

/** Checks all content of a kind against its digests, in pages. PostgreSQL holds the bytes of one row at a time. */
export async function* listKeptContent(
  db: Queryable,
  { table }: KeptContentKind,
): AsyncGenerator<KeptContentRow[]> {
  let last: Pick<KeptContentRow, 'repository' | 'digest'> | undefined;
  for (;;) {
    const rows: KeptContentRow[] = await db.query<KeptContentRow>(
      `SELECT k.repository_id AS repository, k.digest, ${keptWholeSql('k')} AS "isWhole"
         FROM ${table} k
        WHERE k.content IS NOT NULL AND (k.repository_id, k.digest) > ($1, $2)
        ORDER BY k.repository_id, k.digest LIMIT $3`,
      [last?.repository ?? 0, last?.digest ?? '', pageSize],
    );
    if (rows.length > 0) yield rows;
    last = rows[pageSize - 1];
    if (!last) return;
  }
}

/**
 * Checks the content of one row again. @returns whose it is where it is damaged, undefined where it is whole or has
 * gone
 */
export async function recheckKeptContent(
  db: Queryable,
  { table, role, word }: KeptContentKind,
  { repository, digest }: KeptContentRow,
): Promise<BlobReference | undefined> {
  const [found] = await db.query<{ space: string; name: string }>(
    `SELECT s.name AS space, r.name
       FROM ${table} k JOIN oci_repositories r ON r.id = k.repository_id JOIN spaces s ON s.id = r.space_id
      WHERE k.repository_id = $1 AND k.digest = $2 AND k.content IS NOT NULL AND NOT ${keptWholeSql('k')}`,
    [repository, digest],
  );
  if (!found) return undefined;
  const place = { ...found, version: digest };
  return { name: `${found.space}/${found.name} (${word} ${digest})`, size: null, role, place, archive: null };
}

/** Puts good content in the place of damaged content. */
export async function repairKeptContent(
  db: Queryable,
  { table }: KeptContentKind,
  { repository, digest }: KeptContentRow,
  content: Buffer,
): Promise<void> {
  await db.query(
    `UPDATE ${table} SET content = $3 WHERE repository_id = $1 AND digest = $2 AND content IS NOT NULL`,
    [repository, digest, content],
  );
}

/** Finds the content in another repository, which may have been pushed the same. */
export async function* findContentElsewhere(
  db: Queryable,
  { table }: KeptContentKind,
  digest: OciDigest,
): AsyncGenerator<CopyLocation> {
  const [found] = await db.query<{ name: string; content: Buffer }>(
    `SELECT s.name || '/' || r.name AS name, k.content
       FROM ${table} k JOIN oci_repositories r ON r.id = k.repository_id JOIN spaces s ON s.id = r.space_id
      WHERE k.digest = $1 AND k.content IS NOT NULL AND ${keptWholeSql('k')} LIMIT 1`,
    [digest],
  );
  if (found) yield { name: found.name, open: async () => readableOf(found.content) };
}
