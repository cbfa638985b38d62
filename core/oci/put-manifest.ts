import { RegistryError } from '../errors.ts';
import { hasVersion } from '../registry/find-version.ts';
import type { Registry } from '../registry/registry.ts';
import { digestLike, digestMismatch, type OciDigest } from './digest.ts';
import type { Manifest } from './manifest.ts';
import { addManifest } from './manifest-rows.ts';
import { chartOf, checkTag, type RepositoryRef, versionOf } from './names.ts';
import { pushChart, versionPushed } from './push-chart.ts';

/** A manifest that was stored. */
export interface PutManifest {
  digest: OciDigest;
  /** What it refers to, whether or not that is there. */
  subject: OciDigest | undefined;
}

/**
 * Stores a manifest under its digest, and under tags, which it takes from whatever had them. The manifest of a chart under
 * a tag that is a version becomes that version of the space.
 * @param by.digest what the client calls it; by `sha256` if undefined
 * @throws {RegistryError} `manifest.invalid`, `manifest.incomplete`, `digest.mismatch`, `space.notFound`,
 *   `tag.isVersion`, `resource.locked`; of a chart also what `putVersion` finds
 */
export async function putManifest(
  registry: Registry,
  repository: RepositoryRef,
  by: { digest: OciDigest | undefined; tags: readonly string[] },
  content: Buffer,
  contentType: string | undefined,
): Promise<PutManifest> {
  by.tags.forEach(checkTag);
  const digest = digestLike(by.digest ?? 'sha256:', content);
  if (by.digest !== undefined && digest !== by.digest) throw digestMismatch(by.digest);
  const manifest = await registry.charts.readManifest(repository.space, content, contentType);
  const stored = { digest, content };
  if (by.tags.length === 0) {
    await registry.locks.write([repository.space, repository.name, digest], (tx) =>
      addManifest(tx, registry, repository, manifest, stored),
    );
  }
  for (const tag of by.tags) {
    const ref = versionPushed(repository, tag, manifest);
    if (ref) await pushChart(registry, repository, tag, ref, manifest, stored);
    else await putTag(registry, repository, tag, manifest, stored);
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
  const [chart, version] = [chartOf(repository), versionOf(tag)];
  await registry.locks.write([space, name, version ?? tag], async (tx) => {
    if (chart !== undefined && version !== undefined && (await hasVersion(tx, { space, chart, version }))) {
      throw new RegistryError(
        'tag.isVersion',
        `${tag} is a version of the chart ${space}/${chart}, and this manifest is no chart. Delete the version first, or choose another tag.`,
      );
    }
    const { id, repositoryId } = await addManifest(tx, registry, repository, manifest, stored);
    await tx.query(
      `INSERT INTO oci_tags (repository_id, name, manifest_id) VALUES ($1, $2, $3)
       ON CONFLICT (repository_id, name) DO UPDATE SET manifest_id = excluded.manifest_id`,
      [repositoryId, tag, id],
    );
  });
}
