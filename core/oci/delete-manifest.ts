import { recordAudit } from '../audit/record.ts';
import type { Queryable } from '../db/port.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { deleteVersionRow } from '../registry/version-rows.ts';
import { lockBlobsOfManifestsSql } from './blob-rows.ts';
import type { OciDigest } from './digest.ts';
import { chartNameOf, type RepositoryRef, versionOfTag } from './names.ts';
import { type ManifestReference, manifestNotFound } from './read-manifest.ts';

/**
 * Deletes a tag, or a manifest with all its tags. The deletion does not wait for a garbage collection. When the tag
 * or the manifest is a chart version's, the version is deleted too.
 * @throws {RegistryError} `manifest.notFound`, `version.immutable`, `resource.locked`
 */
export async function deleteManifest(
  registry: RegistryDeps,
  repository: RepositoryRef,
  reference: ManifestReference,
): Promise<void> {
  const deleted =
    'tag' in reference
      ? await deleteTag(registry, repository, reference.tag)
      : await deleteByDigest(registry, repository, reference.digest);
  if (!deleted) throw manifestNotFound(repository, reference);
}

async function deleteTag(registry: RegistryDeps, repository: RepositoryRef, tag: string): Promise<boolean> {
  const { space, name } = repository;
  const [chart, version] = [chartNameOf(repository), versionOfTag(tag)];
  return registry.locks.write([space, name, version ?? tag], async (tx) => {
    await registry.actor.confirm(tx, 'chart.delete', { space, chart: name });
    const [deleted] = await tx.query<{ digest: OciDigest }>(
      `DELETE FROM oci_tags t USING oci_repositories r, spaces s, oci_manifests m
        WHERE r.id = t.repository_id AND s.id = r.space_id AND s.name = $1 AND r.name = $2 AND t.name = $3
          AND m.id = t.manifest_id
        RETURNING m.digest`,
      [space, name, tag],
    );
    const archive =
      chart === undefined || version === undefined
        ? undefined
        : await deleteVersionRow(tx, { space, chart, version });
    const before = archive ?? deleted?.digest;
    if (before === undefined) return false;
    await recordAudit(tx, registry.actor, {
      action: archive === undefined ? 'tag.delete' : 'version.delete',
      right: 'chart.delete',
      ...{ space, chart: name, version: version ?? tag },
      digests: { before },
    });
    return true;
  });
}

async function deleteByDigest(
  registry: RegistryDeps,
  repository: RepositoryRef,
  digest: OciDigest,
): Promise<boolean> {
  const { space, name } = repository;
  const expected = await findVersionOf(registry.db, repository, digest);
  const deleted = await registry.locks.write([space, name, expected ?? digest], async (tx) => {
    await registry.actor.confirm(tx, 'chart.delete', { space, chart: name });
    const version = await findVersionOf(tx, repository, digest);
    // The manifest became that of a version after `expected` was read, and that version is not locked: try again.
    if (version !== undefined && version !== expected) return undefined;
    const gone = await tx.query(
      `WITH gone AS MATERIALIZED (
         SELECT m.id FROM oci_manifests m JOIN oci_repositories r ON r.id = m.repository_id JOIN spaces s ON s.id = r.space_id
          WHERE s.name = $1 AND r.name = $2 AND m.digest = $3
       ), locked AS MATERIALIZED (${lockBlobsOfManifestsSql('SELECT id FROM gone')})
       DELETE FROM oci_manifests WHERE id = (SELECT id FROM gone) AND (SELECT count(*) FROM locked) >= 0
       RETURNING digest`,
      [space, name, digest],
    );
    if (gone.length === 0) return false;
    const archive =
      version === undefined ? undefined : await deleteVersionRow(tx, { space, chart: name, version });
    await recordAudit(tx, registry.actor, {
      ...{ action: archive === undefined ? 'manifest.delete' : 'version.delete', right: 'chart.delete' },
      ...{ space, chart: name, version },
      digests: { before: archive ?? digest },
      ...(archive === undefined ? {} : { details: { manifest: digest } }),
    });
    return true;
  });
  return deleted ?? deleteByDigest(registry, repository, digest);
}

/** Finds the version to which a manifest belongs, if there is one. */
async function findVersionOf(
  db: Queryable,
  { space, name }: RepositoryRef,
  digest: OciDigest,
): Promise<string | undefined> {
  const [found] = await db.query<{ version: string }>(
    `SELECT v.version
       FROM oci_manifests m JOIN oci_repositories r ON r.id = m.repository_id JOIN spaces s ON s.id = r.space_id
            JOIN oci_chart_manifests l ON l.manifest_id = m.id JOIN versions v ON v.id = l.version_id
      WHERE s.name = $1 AND r.name = $2 AND m.digest = $3`,
    [space, name, digest],
  );
  return found?.version;
}
