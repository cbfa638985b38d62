import type { Registry } from '../registry/registry.ts';
import { type RepositoryRef, versionOf } from './names.ts';
import { manifestNotFound, type Reference } from './read-manifest.ts';

/**
 * Deletes a tag, or a manifest with all its tags, at once.
 * @throws {RegistryError} `manifest.notFound`, `resource.locked`
 */
export async function deleteManifest(
  registry: Registry,
  repository: RepositoryRef,
  reference: Reference,
): Promise<void> {
  const { space, name } = repository;
  const deleted =
    'tag' in reference
      ? await registry.locks.write([space, name, versionOf(reference.tag) ?? reference.tag], (tx) =>
          tx.query(
            `DELETE FROM oci_tags t USING oci_repositories r, spaces s
              WHERE r.id = t.repository_id AND s.id = r.space_id AND s.name = $1 AND r.name = $2 AND t.name = $3
              RETURNING t.name`,
            [space, name, reference.tag],
          ),
        )
      : await registry.locks.write([space, name, reference.digest], (tx) =>
          tx.query(
            `DELETE FROM oci_manifests m USING oci_repositories r, spaces s
              WHERE r.id = m.repository_id AND s.id = r.space_id AND s.name = $1 AND r.name = $2 AND m.digest = $3
              RETURNING m.digest`,
            [space, name, reference.digest],
          ),
        );
  if (deleted.length === 0) throw manifestNotFound(repository, reference);
}
