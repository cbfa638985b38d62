import { z } from 'zod';
import { isRegistryError, RegistryError } from '../../errors.ts';
import { isOciDigest, type OciDigest } from '../../oci/digest.ts';
import type { OciManifest } from '../../oci/manifest.ts';
import type { ManifestReference } from '../../oci/read-manifest.ts';
import type { MirrorDeps } from '../mirror-deps.ts';
import { type MirrorFault, toMirrorFault } from '../settings.ts';
import { UpstreamFault } from '../upstream-fault.ts';
import { type CopiedRepository, copyArtifact, findMirroredManifest } from './copy-content.ts';
import { parseJson } from './parse-json.ts';

/** Manifests that refer to manifests that refer to a chart, and so on, down to this depth. */
const maxDepth = 3;

/** Largest number of manifests that refer to one. */
const maxReferrers = 100;

/** Largest number of manifests that refer to a chart, directly or not. */
const maxReferrersOfChart = 200;

const indexShape = z.looseObject({ manifests: z.array(z.looseObject({ digest: z.string() })) });

/**
 * Copies what refers to a manifest: signatures, attestations, SBOMs. Tags of cosign are among the tags of the
 * repository. Referrers come from the upstream's list; an upstream without such a list has them under a tag in its
 * place. All of them together have at most as many bytes as one blob may have; what is beyond is left out.
 * @param asks whether the list of referrers is requested
 * @returns why some of it was left out, if it was
 * @throws {UpstreamFault}, {RegistryError}
 */
export async function copyReferrers(
  deps: MirrorDeps,
  repository: CopiedRepository,
  manifest: OciDigest,
  asks: boolean,
): Promise<MirrorFault | undefined> {
  const { from, to } = repository;
  let leftOut: MirrorFault | undefined;
  let bytes = 0;
  const charge = (artifact: OciManifest) => {
    const size = bytesOf(artifact);
    if (bytes + size > deps.maxBlobBytes) throw tooLargeError(from.name, manifest, deps.maxBlobBytes);
    bytes += size;
  };
  const findHere = async (reference: ManifestReference) => {
    const found = await findMirroredManifest(deps, to, reference);
    if (found) bytes += bytesOf(await deps.oci.readManifest(to.space, found, found.mediaType));
    return found?.digest;
  };
  const copy = async (reference: string, tag?: string) => {
    try {
      await copyArtifact(deps, repository, await from.manifest(reference), charge, tag);
    } catch (error) {
      leftOut = omissionFaultOf(error);
    }
  };
  const subjects = [{ digest: manifest, depth: 1 }];
  // Referrers that are found come behind those that are known.
  for (const { digest, depth } of subjects) {
    for (const tag of cosignTagsOf(repository, digest)) {
      const [wanted, here] = await Promise.all([from.digestOf(tag), findHere({ tag })]);
      if (here === undefined || wanted !== here) await copy(wanted ?? tag, tag);
    }
    if (!asks) break;
    for (const referrer of await listReferrers(repository, digest)) {
      if (subjects.some((subject) => subject.digest === referrer)) continue;
      if ((await findHere({ digest: referrer })) === undefined) await copy(referrer);
      if (depth < maxDepth && subjects.length < maxReferrersOfChart)
        subjects.push({ digest: referrer, depth: depth + 1 });
    }
  }
  return leftOut;
}

/** Counts the bytes of what a manifest has, as it says. A blob of another size is not copied. */
function bytesOf({ config, layers }: OciManifest): number {
  return [config, ...layers].reduce((sum, part) => sum + (part?.size ?? 0), 0);
}

function tooLargeError(name: string, digest: OciDigest, limit: number): RegistryError {
  const message = `What refers to ${digest} in ${name} has more than ${limit} bytes in all, the limit of one blob here.`;
  return new RegistryError('upload.tooLarge', message, { limit });
}

/**
 * Makes the fault of what is left out: lists may name what is gone, kinds that are not stored here, and too many bytes.
 * @throws other errors
 */
function omissionFaultOf(error: unknown): MirrorFault {
  if (isRegistryError(error, 'manifest.invalid') || isRegistryError(error, 'upload.tooLarge'))
    return toMirrorFault(error);
  if (error instanceof UpstreamFault && error.code === 'upstream.missing') return toMirrorFault(error);
  throw error;
}

/**
 * Picks the tags of cosign's signatures, attestations and SBOMs of a manifest: `sha256-HEX.SUFFIX`.
 * @throws {UpstreamFault} for too many of them
 */
function cosignTagsOf({ from, tags }: CopiedRepository, digest: OciDigest): string[] {
  const prefix = `${digest.replace(':', '-')}.`;
  return assertFewReferrers(
    from,
    digest,
    tags.filter((tag) => tag.startsWith(prefix)),
  );
}

async function listReferrers({ from, tags }: CopiedRepository, digest: OciDigest): Promise<OciDigest[]> {
  const tag = digest.replace(':', '-');
  const listed =
    (await from.referrers(digest)) ?? (tags.includes(tag) ? await readReferrersTag(from, tag) : []);
  return assertFewReferrers(from, digest, [...new Set(listed)]);
}

function assertFewReferrers<T>({ name }: CopiedRepository['from'], digest: OciDigest, referrers: T[]): T[] {
  if (referrers.length <= maxReferrers) return referrers;
  throw new UpstreamFault(
    'upstream.invalid',
    `${name} has ${referrers.length} manifests that refer to ${digest}; at most ${maxReferrers} are allowed.`,
  );
}

/** Reads the index under the tag that stands in for the list of referrers (distribution spec 1.1, "Referrers Tag Schema"). */
async function readReferrersTag(from: CopiedRepository['from'], tag: string): Promise<OciDigest[]> {
  const { content } = await from.manifest(tag);
  const index = indexShape.safeParse(parseJson(content));
  return (index.data?.manifests ?? []).flatMap(({ digest }) => (isOciDigest(digest) ? [digest] : []));
}
