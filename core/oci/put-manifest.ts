import { recordAudit } from '../audit/record.ts';
import type { Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { Resource } from '../locks/resource.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { checkMayReplace } from '../registry/revision.ts';
import { mayReplaceInSpace } from '../registry/space-rows.ts';
import { digestBySameAlgorithm, digestMismatchError, type OciDigest } from './digest.ts';
import type { OciManifest } from './manifest.ts';
import { addManifest } from './manifest-rows.ts';
import { chartNameOf, checkTag, type RepositoryRef, tagOfVersion, versionOfTag } from './names.ts';
import { checkNestedChart } from './nested-charts.ts';
import type { OciDeps } from './oci.ts';
import { confirmPush, preparePush } from './prepare-push.ts';
import { findPushedVersion, pushChart } from './push-chart.ts';

/** Result of storing a manifest. */
export interface PutManifestResult {
  digest: OciDigest;
  /** Digest of the manifest's subject, whether or not the subject exists. */
  subject: OciDigest | undefined;
  /** Sentence about a chart that is pushed to where it is none. */
  warning: string | undefined;
}

/**
 * Stores a manifest under its digest and under tags; existing tags move to the manifest.
 * A chart's manifest under a tag that is a version becomes that version of the space.
 * @param target.digest digest in the client's request; `sha256` if undefined
 * @throws {RegistryError} `manifest.invalid`, `manifest.incomplete`, `chart.nested`, `digest.mismatch`, `space.notFound`,
 *   `tag.isVersion`, `resource.locked`, `access.denied` for a tag that would move; the errors of `preparePush`, and for a
 *   chart those of `putVersion`
 */
export async function putManifest(
  oci: OciDeps,
  repository: RepositoryRef,
  target: { digest: OciDigest | undefined; tags: readonly string[] },
  content: Buffer,
  contentType: string | undefined,
): Promise<PutManifestResult> {
  target.tags.forEach(checkTag);
  const digest = digestBySameAlgorithm(target.digest ?? 'sha256:', content);
  if (target.digest !== undefined && digest !== target.digest) throw digestMismatchError(target.digest);
  const manifest = await oci.readManifest(repository.space, { digest, content }, contentType);
  const warning = checkNestedChart(oci.nestedCharts, repository, manifest);
  const stored = { digest, content };
  const checked = await preparePush(oci, repository);
  if (target.tags.length === 0) {
    const { space, name } = repository;
    await oci.locks.write([space, name, digest], async (tx) => {
      await confirmPush(tx, oci, repository, checked);
      const { isNew } = await addManifest(tx, oci, repository, manifest, stored);
      if (isNew)
        await recordAudit(tx, oci.actor, {
          ...putAuditEvent,
          space,
          chart: name,
          digests: { after: digest },
        });
    });
  }
  const otherTags: string[] = [];
  for (const tag of target.tags) {
    const ref = findPushedVersion(repository, tag, manifest);
    if (ref) await pushChart(oci, repository, tag, ref, manifest, stored);
    else otherTags.push(tag);
  }
  if (otherTags.length > 0) await putTags(oci, repository, otherTags, manifest, { ...stored, checked });
  return { digest, subject: manifest.subject, warning };
}

/** Stores a manifest under tags that are not versions, all of them or none. */
async function putTags(
  registry: RegistryDeps,
  repository: RepositoryRef,
  tags: readonly string[],
  manifest: OciManifest,
  { checked, ...stored }: { digest: OciDigest; content: Buffer; checked: number | undefined },
): Promise<void> {
  const { space, name } = repository;
  const mayReplace = await registry.actor.may('chart.replace', { space, chart: name, spaceId: checked });
  const [tag = '', ...more] = tags;
  // For several tags the chart is locked as a whole, instead of one lock for each tag.
  const resource: Resource = more.length > 0 ? [space, name] : [space, name, versionOfTag(tag) ?? tag];
  await registry.locks.write(resource, async (tx) => {
    await confirmPush(tx, registry, repository, checked);
    await checkNoVersions(tx, repository, tags);
    const { id, repositoryId, isNew } = await addManifest(tx, registry, repository, manifest, stored);
    const moved = await tagManifest(tx, repositoryId, tags, id);
    const overwrites = moved.some(({ before }) => before !== null);
    const rights = { mayReplace, existing: checked, checked };
    const mayMove =
      overwrites && (await mayReplaceInSpace(tx, registry.actor, { space, chart: name }, rights));
    checkMayReplace({ space, chart: name }, { overwrites, mayReplace: mayMove });
    if (!isNew && moved.length === 0) return;
    await recordAudit(tx, registry.actor, {
      ...putAuditEvent,
      ...(overwrites ? { right: 'chart.replace' } : {}),
      ...{ space, chart: name },
      ...(more.length === 0 ? { version: tag } : {}),
      digests: { before: moved[0]?.before ?? undefined, after: stored.digest },
      details: { tags: moved.map((moving) => moving.tag) },
    });
  });
}

const putAuditEvent = { action: 'manifest.put', right: 'chart.publish' } as const;

/** Moves tags to a manifest. @returns the tags that were not there, and the manifests to which they belonged */
function tagManifest(
  tx: Transaction,
  repositoryId: number,
  tags: readonly string[],
  manifestId: number,
): Promise<{ tag: string; before: OciDigest | null }[]> {
  // The snapshot of the statement still has the tags as they were.
  return tx.query(
    `WITH moved AS (
       INSERT INTO oci_tags (repository_id, name, manifest_id)
       SELECT $1, name, $3 FROM unnest($2::text[]) AS given (name) ORDER BY name
       ON CONFLICT (repository_id, name) DO UPDATE SET manifest_id = excluded.manifest_id
       RETURNING name
     )
     SELECT moved.name AS tag, m.digest AS before
       FROM moved LEFT JOIN oci_tags t ON t.repository_id = $1 AND t.name = moved.name
                  LEFT JOIN oci_manifests m ON m.id = t.manifest_id
      WHERE t.manifest_id IS DISTINCT FROM $3
      ORDER BY moved.name`,
    [repositoryId, tags, manifestId],
  );
}

/** Checks that no tag is an existing version. @throws {RegistryError} `tag.isVersion` */
async function checkNoVersions(
  tx: Transaction,
  repository: RepositoryRef,
  tags: readonly string[],
): Promise<void> {
  const versions = tags.map(versionOfTag).filter((version) => version !== undefined);
  const chart = chartNameOf(repository);
  if (chart === undefined || versions.length === 0) return;
  const { space } = repository;
  const [existing] = await tx.query<{ version: string }>(
    `SELECT v.version FROM versions v
      WHERE v.version = ANY ($3)
        AND v.chart_id = (SELECT c.id FROM charts c JOIN spaces s ON s.id = c.space_id WHERE s.name = $1 AND c.name = $2)
      LIMIT 1`,
    [space, chart, versions],
  );
  if (!existing) return;
  throw new RegistryError(
    'tag.isVersion',
    `${tagOfVersion(existing.version)} is a version of the chart ${space}/${chart}, and this manifest is not a chart's. Delete the version first, or choose another tag.`,
  );
}
