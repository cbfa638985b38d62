import type { Content, Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';
import type { BlobFault } from '../registry/blob-faults.ts';
import { ensureStored } from '../registry/blob-references.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { fromStoreSql } from './blobs.ts';
import type { OciDigest } from './digest.ts';
import type { RepositoryRef } from './names.ts';

/** A stored blob, and the repository to which it is added under a digest. */
export interface BlobLink {
  repository: RepositoryRef;
  digest: OciDigest;
  content: Content;
}

interface LinkedRow {
  /** Position in the list of links, from 1. */
  position: number;
  /** Whether the repository exists, and no deletion of the blob is under way. */
  linked: boolean;
  fault: BlobFault | null;
}

/**
 * Adds stored blobs to repositories in one transaction, and creates the repositories.
 * The shared locks on the digests keep the blobs in the store, and the key locks on the repositories and spaces keep
 * those. Rows are written in the order of their keys, so no two transactions wait for each other in a circle.
 * @returns false for each link whose space does not exist, or whose blob is being deleted: add those one by one
 */
export function linkBlobs(
  { db, blobs }: Pick<RegistryDeps, 'db' | 'blobs'>,
  links: readonly BlobLink[],
): Promise<boolean[]> {
  return db.transaction(async (tx) => {
    const rows = await insertLinks(tx, links);
    // Stored content is checked under the locks. A blob that was deleted before them is put again.
    const unchecked = new Map<Digest, { content: Content; fault: BlobFault | undefined }>();
    for (const { position, linked, fault } of rows) {
      const content = links[position - 1]?.content;
      if (linked && content) unchecked.set(content.digest, { content, fault: fault ?? undefined });
    }
    const checks = [...unchecked.values()].map(({ content, fault }) =>
      ensureStored({ db: tx, blobs }, content, fault),
    );
    await Promise.all(checks);
    return rows.map(({ linked }) => linked);
  });
}

/** Locks the blobs and adds their rows in one statement. @returns a row for each link, in their order */
function insertLinks(tx: Transaction, links: readonly BlobLink[]): Promise<LinkedRow[]> {
  return tx.query<LinkedRow>(linkStatement, [
    links.map(({ repository }) => repository.space),
    links.map(({ repository }) => repository.name),
    links.map(({ digest }) => digest),
    links.map(({ content }) => content.digest),
    links.map(({ content }) => content.size),
  ]);
}

const linkStatement = `
WITH given AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
           WITH ORDINALITY AS given (space, name, digest, blob, size, position)
), locked AS MATERIALIZED (
  SELECT blob, pg_try_advisory_xact_lock_shared(hashtextextended('blob ' || blob, 0)) AS is_locked
    FROM (SELECT DISTINCT blob FROM given) AS blobs
), wanted AS MATERIALIZED (
  SELECT DISTINCT s.id AS space_id, given.space, given.name
    FROM given JOIN locked USING (blob) JOIN spaces s ON s.name = given.space
   WHERE is_locked
), found AS MATERIALIZED (
  SELECT r.id, wanted.space, wanted.name
    FROM wanted JOIN oci_repositories r ON r.space_id = wanted.space_id AND r.name = wanted.name
   ORDER BY r.id FOR KEY SHARE OF r
), created AS (
  INSERT INTO oci_repositories (space_id, name)
  SELECT space_id, name FROM wanted
   WHERE NOT EXISTS (SELECT FROM found WHERE found.space = wanted.space AND found.name = wanted.name)
   ORDER BY space_id, name
  ON CONFLICT DO NOTHING RETURNING id, space_id, name
), repositories AS (
  SELECT id, space, name FROM found
   UNION ALL
  SELECT created.id, wanted.space, wanted.name FROM created JOIN wanted USING (space_id, name)
), linked AS (
  INSERT INTO oci_blobs (repository_id, digest, blob, size)
  SELECT DISTINCT ON (repositories.id, given.digest) repositories.id, given.digest, given.blob, given.size
    FROM given JOIN locked USING (blob) JOIN repositories USING (space, name)
   WHERE is_locked
   ORDER BY repositories.id, given.digest
  ${fromStoreSql}
)
SELECT given.position, is_locked AND repositories.id IS NOT NULL AS linked,
       (SELECT fault FROM blob_faults f WHERE f.digest = given.blob) AS fault
  FROM given JOIN locked USING (blob) LEFT JOIN repositories USING (space, name)
 ORDER BY given.position`;
