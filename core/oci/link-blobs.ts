import type { Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';
import type { BlobFault } from '../registry/blob-faults.ts';
import type { StagedBlob } from '../registry/blob-references.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { restartStoredExpirySql } from './blobs.ts';
import type { OciDigest } from './digest.ts';
import type { RepositoryRef } from './names.ts';

/** A stored blob, and the repository to which it is added under a digest. */
export interface BlobLink {
  repository: RepositoryRef;
  digest: OciDigest;
  size: number;
  blob: StagedBlob;
  /** Id of the space in which the right to push was checked; absent where nothing is checked. */
  spaceId?: number | undefined;
  /** Key of the upload session that the blob finishes. Absent where it is known to have no row. */
  session?: string | undefined;
}

interface LinkedRow {
  blob: Digest;
  /** Whether the repository exists, no deletion of the blob is under way, and the session has no row. */
  linked: boolean;
  fault: BlobFault | null;
}

/**
 * Adds stored blobs to repositories in one transaction, and creates the repositories.
 * The shared locks on the digests keep the blobs in the store, and the key locks on the repositories and spaces keep
 * those. Rows are written in the order of their keys, so no two transactions wait for each other in a circle.
 * @returns false for each link whose space does not exist or is not the checked one, whose blob is being deleted, or whose
 *   upload session has a row: add those one by one
 */
export function linkBlobs({ db }: Pick<RegistryDeps, 'db'>, links: readonly BlobLink[]): Promise<boolean[]> {
  return db.transaction(async (tx) => {
    const rows = await insertLinks(tx, links);
    const faults = new Map(rows.flatMap(({ blob, fault }) => (fault ? [[blob, fault]] : [])));
    // Blobs are checked under their locks. A blob that was deleted before is put again, once for all its links.
    const linked = new Map<Digest, StagedBlob>();
    for (const [index, { blob }] of links.entries()) if (rows[index]?.linked) linked.set(blob.digest, blob);
    await Promise.all([...linked.values()].map((blob) => blob.ensureStored(tx, faults)));
    return rows.map((row) => row.linked);
  });
}

/** Locks the blobs and adds their rows in one statement. @returns a row for each link, in their order */
function insertLinks(tx: Transaction, links: readonly BlobLink[]): Promise<LinkedRow[]> {
  return tx.query<LinkedRow>(linkStatement, [
    links.map(({ repository }) => repository.space),
    links.map(({ repository }) => repository.name),
    links.map(({ digest }) => digest),
    links.map(({ blob }) => blob.digest),
    links.map(({ size }) => size),
    links.map(({ spaceId }) => spaceId ?? null),
    links.map(({ session }) => session ?? null),
  ]);
}

const linkStatement = `
WITH given AS MATERIALIZED (
  SELECT given.*, (SELECT true FROM oci_uploads u WHERE u.id = session LIMIT 1) IS NULL AS is_open
    FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::text[]), (SELECT $5::bigint[]),
                (SELECT $6::bigint[]), (SELECT $7::uuid[]))
         WITH ORDINALITY AS given (space, name, digest, blob, size, checked, session, position)
), locked AS MATERIALIZED (
  SELECT blob, pg_try_advisory_xact_lock_shared(hashtextextended('blob ' || blob, 0)) AS is_locked
    FROM (SELECT DISTINCT blob FROM given) AS blobs
), kept AS MATERIALIZED (
  SELECT s.id, s.name FROM spaces s
   WHERE s.name IN (SELECT space FROM given JOIN locked USING (blob) WHERE is_locked AND is_open)
   ORDER BY s.id FOR KEY SHARE OF s
), wanted AS MATERIALIZED (
  SELECT DISTINCT kept.id AS space_id, given.space, given.name
    FROM given JOIN locked USING (blob)
         JOIN kept ON kept.name = given.space AND kept.id = coalesce(given.checked, kept.id)
   WHERE is_locked AND is_open
), found AS MATERIALIZED (
  SELECT r.id, r.space_id, wanted.space, wanted.name
    FROM wanted JOIN oci_repositories r ON r.space_id = wanted.space_id AND r.name = wanted.name
   ORDER BY r.id FOR KEY SHARE OF r
), created AS (
  INSERT INTO oci_repositories (space_id, name)
  SELECT space_id, name FROM wanted
   WHERE NOT EXISTS (SELECT FROM found WHERE found.space = wanted.space AND found.name = wanted.name)
   ORDER BY space_id, name
  ON CONFLICT DO NOTHING RETURNING id, space_id, name
), repositories AS (
  SELECT id, space_id, space, name FROM found
   UNION ALL
  SELECT created.id, space_id, wanted.space, wanted.name FROM created JOIN wanted USING (space_id, name)
), linked AS (
  INSERT INTO oci_blobs (repository_id, digest, blob, size)
  SELECT DISTINCT ON (repositories.id, given.digest) repositories.id, given.digest, given.blob, given.size
    FROM given JOIN locked USING (blob) JOIN repositories USING (space, name)
   WHERE is_locked AND is_open AND repositories.space_id = coalesce(given.checked, repositories.space_id)
   ORDER BY repositories.id, given.digest
  ${restartStoredExpirySql}
)
SELECT given.blob, is_locked AND is_open AND repositories.space_id IS NOT DISTINCT FROM coalesce(given.checked, repositories.space_id)
         AND repositories.id IS NOT NULL AS linked,
       (SELECT fault FROM blob_faults f WHERE f.digest = given.blob) AS fault
  FROM given JOIN locked USING (blob) LEFT JOIN repositories USING (space, name)
 ORDER BY given.position`;
