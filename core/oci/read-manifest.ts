import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { isOciDigest, type OciDigest, parseDigest } from './digest.ts';
import { assertKeptWhole } from './kept-content.ts';
import type { StoredManifest } from './manifest-rows.ts';
import { checkTag, type RepositoryRef } from './names.ts';
import { readChartManifest } from './read-chart-manifest.ts';

/** Reference of a manifest in a request: a digest or a tag. */
export type ManifestReference = { digest: OciDigest } | { tag: string };

/** Parses a reference. @throws {RegistryError} `digest.invalid`, or `manifest.invalid` for an invalid tag */
export function parseReference(text: string): ManifestReference {
  if (isOciDigest(text)) return { digest: text };
  if (text.includes(':')) return { digest: parseDigest(text) };
  checkTag(text);
  return { tag: text };
}

/**
 * Finds a manifest, byte for byte as it was pushed.
 * For a tag that is a version of the repository's chart, the result is the version's manifest.
 * @throws {RegistryError} `manifest.notFound`, `blob.damaged`
 */
export async function findManifest(
  registry: RegistryDeps,
  repository: RepositoryRef,
  reference: ManifestReference,
): Promise<StoredManifest> {
  const found =
    'digest' in reference
      ? await findByDigest(registry.db, repository, reference.digest)
      : ((await readChartManifest(registry, repository, reference.tag)) ??
        (await findByTag(registry.db, repository, reference.tag)));
  if (!found) throw manifestNotFound(repository, reference);
  assertKeptWhole(found.digest, found.content);
  return found;
}

const columns = 'm.digest, m.media_type AS "mediaType", octet_length(m.content) AS size, m.content';
const joinRepository = 'JOIN oci_repositories r ON r.id = m.repository_id JOIN spaces s ON s.id = r.space_id';

async function findByDigest(
  db: Queryable,
  { space, name }: RepositoryRef,
  digest: OciDigest,
): Promise<StoredManifest | undefined> {
  const [found] = await db.query<StoredManifest>(
    `SELECT ${columns} FROM oci_manifests m ${joinRepository}
      WHERE s.name = $1 AND r.name = $2 AND m.digest = $3`,
    [space, name, digest],
  );
  return found;
}

async function findByTag(
  db: Queryable,
  { space, name }: RepositoryRef,
  tag: string,
): Promise<StoredManifest | undefined> {
  const [found] = await db.query<StoredManifest>(
    `SELECT ${columns} FROM oci_tags t JOIN oci_manifests m ON m.id = t.manifest_id ${joinRepository}
      WHERE s.name = $1 AND r.name = $2 AND t.name = $3`,
    [space, name, tag],
  );
  return found;
}

/** Makes the error for a manifest that a repository does not have. */
export function manifestNotFound({ full }: RepositoryRef, reference: ManifestReference): RegistryError {
  const name = 'digest' in reference ? `manifest ${reference.digest}` : `tag ${reference.tag}`;
  return new RegistryError('manifest.notFound', `There is no ${name} in ${full}.`);
}
