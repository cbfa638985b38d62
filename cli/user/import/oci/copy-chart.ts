import { CommandError } from '../../command-error.ts';
import { isObject } from '../../contexts/read-json.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { OciManifest, OciRepository } from './repository.ts';

/** Media type of the configuration of a chart. */
const chartConfigType = 'application/vnd.cncf.helm.config.v1+json';
/** Manifests that refer to manifests that refer to a chart, and so on, down to this depth. */
const maxDepth = 3;

/** Result of copying a version. */
export type CopyResult = { result: 'pushed' | 'signed' | 'present'; digest: string } | { reason: string };

/**
 * Copies a chart with its manifest as it is. Artifacts that refer to it are copied too: signatures, attestations,
 * SBOMs.
 * @param tags of the source, among which are those that cosign makes
 * @returns the reason where the tag is not a chart
 */
export async function copyChart(
  source: OciRepository,
  target: OciRepository,
  tag: string,
  tags: readonly string[],
): Promise<CopyResult> {
  const manifest = await source.manifest(tag);
  if (!manifest) return { reason: 'its tag has gone' };
  if (!isChart(manifest)) return { reason: 'it is not a chart' };
  const there = await target.digestOf(tag);
  const isPresent =
    there === manifest.digest || (there !== undefined && (await requireSameArchive(target, tag, manifest)));
  if (!isPresent) await copyManifest(source, target, manifest, tag);
  const copied = await copySignatures(source, target, manifest, tags);
  const result = isPresent ? (copied > 0 ? 'signed' : 'present') : 'pushed';
  return { result, digest: manifest.digest };
}

/**
 * Whether a chart that is there has the archive of another manifest: then it stays, with the manifest that it has.
 * @throws {CommandError} for another archive under the version
 */
async function requireSameArchive(target: OciRepository, tag: string, manifest: OciManifest): Promise<true> {
  const there = await target.manifest(tag);
  if (there && archiveDigestOf(there) === archiveDigestOf(manifest)) return true;
  throw new CommandError(`${target.name}:${tag} exists already with other content`, exitCodes.conflict);
}

/** Finds the digest of the archive among the layers of a chart. */
function archiveDigestOf({ document: { layers } }: OciManifest): unknown {
  const isArchive = (layer: unknown) =>
    isObject(layer) &&
    typeof layer.mediaType === 'string' &&
    /helm\.chart\.content.*tar|chart\.content\.layer/.test(layer.mediaType);
  const found: unknown = Array.isArray(layers) ? layers.find(isArchive) : undefined;
  return isObject(found) ? found.digest : undefined;
}

function isChart({ document: { config } }: OciManifest): boolean {
  return isObject(config) && config.mediaType === chartConfigType;
}

async function copyManifest(
  source: OciRepository,
  target: OciRepository,
  manifest: OciManifest,
  reference: string,
): Promise<void> {
  for (const digest of blobDigestsOf(manifest)) {
    if (!(await target.hasBlob(digest))) await target.putBlob(digest, await source.blob(digest));
  }
  await target.putManifest(reference, manifest);
}

function blobDigestsOf({ document: { config, layers } }: OciManifest): string[] {
  return digestsOf([config, ...(Array.isArray(layers) ? layers : [])]);
}

/** Lists the manifests of an index. */
function manifestDigestsOf({ document: { manifests } }: OciManifest): string[] {
  return digestsOf(Array.isArray(manifests) ? manifests : []);
}

function digestsOf(descriptors: readonly unknown[]): string[] {
  const digests = descriptors.flatMap((one) =>
    isObject(one) && typeof one.digest === 'string' ? [one.digest] : [],
  );
  return [...new Set(digests)];
}

/** Copies what refers to a manifest, by the referrers of OCI and by the tags of cosign. @returns how many were missing */
async function copySignatures(
  source: OciRepository,
  target: OciRepository,
  { digest }: OciManifest,
  tags: readonly string[],
  depth = 1,
): Promise<number> {
  const prefix = digest.replace(':', '-');
  const references = new Set([
    ...(await source.referrers(digest)),
    ...tags.filter((tag) => tag.startsWith(`${prefix}.`) || tag === prefix),
  ]);
  let copied = 0;
  for (const reference of references) {
    const manifest = await source.manifest(reference);
    if (!manifest) continue;
    if (!('config' in manifest.document)) {
      // A registry without referrers has an index of them under this tag. The loop goes on with what it lists.
      if (reference === prefix) for (const listed of manifestDigestsOf(manifest)) references.add(listed);
      continue;
    }
    if ((await target.digestOf(reference)) !== manifest.digest) {
      await copyManifest(source, target, manifest, reference);
      copied += 1;
    }
    if (depth < maxDepth) copied += await copySignatures(source, target, manifest, tags, depth + 1);
  }
  return copied;
}
