import type { Transaction } from '../db/port.ts';
import type { Registry } from '../registry/registry.ts';
import { digestLike, digestMismatch, type OciDigest } from './digest.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { addManifest } from './manifest-rows.ts';
import { type RepositoryRef, versionOf } from './names.ts';
import type { Reference } from './read-manifest.ts';

/** A manifest that was stored. */
export interface PutManifest {
  digest: OciDigest;
  /** What it refers to, whether or not that is there. */
  subject: OciDigest | undefined;
}

/**
 * Stores a manifest under its digest, or under a tag too, which it takes from whatever had it.
 * @throws {RegistryError} `manifest.invalid`, `manifest.incomplete`, `digest.mismatch`, `space.notFound`, `resource.locked`
 */
export async function putManifest(
  registry: Registry,
  repository: RepositoryRef,
  reference: Reference,
  content: Buffer,
  contentType: string | undefined,
): Promise<PutManifest> {
  const digest = digestLike('digest' in reference ? reference.digest : 'sha256:', content);
  if ('digest' in reference && digest !== reference.digest) throw digestMismatch(reference.digest);
  const manifest = parseManifest(content, contentType);
  const stored = { digest, content };
  if ('tag' in reference) await putTag(registry, repository, reference.tag, manifest, stored);
  else {
    await registry.locks.write([repository.space, repository.name, digest], (tx) =>
      addManifest(tx, registry, repository, manifest, stored),
    );
  }
  return { digest, subject: manifest.subject };
}

async function putTag(
  registry: Registry,
  repository: RepositoryRef,
  tag: string,
  manifest: Manifest,
  stored: { digest: OciDigest; content: Buffer },
): Promise<void> {
  const { space, name } = repository;
  await registry.locks.write([space, name, versionOf(tag) ?? tag], async (tx) => {
    const { id, repositoryId } = await addManifest(tx, registry, repository, manifest, stored);
    await pointTag(tx, repositoryId, tag, id);
  });
}

async function pointTag(
  tx: Transaction,
  repositoryId: number,
  tag: string,
  manifestId: number,
): Promise<void> {
  await tx.query(
    `INSERT INTO oci_tags (repository_id, name, manifest_id) VALUES ($1, $2, $3)
     ON CONFLICT (repository_id, name) DO UPDATE SET manifest_id = excluded.manifest_id`,
    [repositoryId, tag, manifestId],
  );
}
