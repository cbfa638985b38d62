import type { Transaction } from '../db/port.ts';
import { isStoredWhole } from '../registry/blob-faults.ts';
import { lockBlobsShared } from '../registry/blob-references.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { type RepositoryBlob, restartExpirySql } from './blobs.ts';
import type { OciDigest } from './digest.ts';
import { isKeptWhole } from './kept-content.ts';
import type { RepositoryRef } from './names.ts';
import { checkMayPush, ensureRepository } from './repositories.ts';

/**
 * Mounts a blob of another repository, without moving bytes.
 * @param from the other repository; any that has the blob if undefined
 * @returns false when the blob does not exist, or is not whole: the client then uploads the blob, which repairs it
 * @throws {RegistryError} `space.notFound` where uploads may not create spaces
 */
export async function mountBlob(
  registry: RegistryDeps,
  repository: RepositoryRef,
  digest: OciDigest,
  from: RepositoryRef | undefined,
): Promise<boolean> {
  await checkMayPush(registry, repository);
  return registry.locks.write([repository.space, repository.name, digest], async (tx) => {
    const source = await lockSource(tx, digest, from);
    if (!source || (source.content && !isKeptWhole(digest, source.content))) return false;
    if (source.blob) {
      await lockBlobsShared(tx, [source.blob]);
      const content = { digest: source.blob, size: source.size };
      if (!(await isStoredWhole({ db: tx, blobs: registry.blobs }, content))) return false;
    }
    const id = await ensureRepository(tx, registry, repository);
    await tx.query(
      `INSERT INTO oci_blobs (repository_id, digest, blob, content, size) VALUES ($1, $2, $3, $4, $5) ${restartExpirySql}`,
      [id, digest, source.blob, source.content, source.size],
    );
    return true;
  });
}

/** Finds and locks a row that references the blob. The blob stays as long as the lock. */
async function lockSource(
  tx: Transaction,
  digest: OciDigest,
  from: RepositoryRef | undefined,
): Promise<RepositoryBlob | undefined> {
  const params = [digest, from?.space ?? null, from?.name ?? null];
  const [linked] = await tx.query<RepositoryBlob>(
    `SELECT b.size, b.blob, b.content
       FROM oci_blobs b JOIN oci_repositories r ON r.id = b.repository_id JOIN spaces s ON s.id = r.space_id
      WHERE b.digest = $1 AND ($2::text IS NULL OR s.name = $2 AND r.name = $3) LIMIT 1 FOR KEY SHARE OF b`,
    params,
  );
  if (linked) return linked;
  const [archive] = await tx.query<RepositoryBlob>(
    `SELECT v.size, v.digest AS blob, NULL::bytea AS content
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE v.digest = $1 AND ($2::text IS NULL OR s.name = $2 AND c.name = $3) LIMIT 1 FOR SHARE OF v`,
    params,
  );
  return archive;
}
