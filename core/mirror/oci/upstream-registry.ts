import { z } from 'zod';
import type { Digest } from '../../blobs/port.ts';
import { type ReceivedContent, receiveContent } from '../../blobs/receive.ts';
import { isRegistryError, RegistryError } from '../../errors.ts';
import { digestBySameAlgorithm, isOciDigest, type OciDigest } from '../../oci/digest.ts';
import { type Descriptor, maxManifestBytes } from '../../oci/manifest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { isTag } from '../../oci/names.ts';
import { readUpstreamBody } from '../read-body.ts';
import type { Upstream } from '../upstream.ts';
import { shownUrl, UpstreamFault } from '../upstream-fault.ts';
import { readPagedList } from './read-paged-list.ts';

/** Manifest as an upstream has it, byte for byte. */
export interface UpstreamManifest {
  digest: OciDigest;
  /** Header `Content-Type`. */
  contentType: string | undefined;
  content: Buffer;
}

/** Repository of an OCI registry of which a space is the mirror. All methods throw {UpstreamFault}. */
export interface UpstreamRepository {
  /** Name as in paths. */
  name: string;
  /** Lists the tags; undefined for a repository that does not exist. */
  tags(): Promise<string[] | undefined>;
  /** Digest of the manifest that a tag has; undefined where the registry does not tell it. */
  digestOf(tag: string): Promise<OciDigest | undefined>;
  /** Fetches a manifest by tag or digest. @throws {RegistryError} `digest.mismatch` */
  manifest(reference: string): Promise<UpstreamManifest>;
  /** Fetches a blob; the caller discards it. @throws {RegistryError} `digest.mismatch`, `upload.tooLarge` */
  blob(descriptor: Descriptor, limit: number, folder: string): Promise<ReceivedContent>;
  /** Lists the manifests that refer to one; undefined for a registry without that list. */
  referrers(digest: OciDigest): Promise<OciDigest[] | undefined>;
}

const acceptedMediaTypes = [
  mediaTypes.image,
  mediaTypes.index,
  mediaTypes.dockerImage,
  mediaTypes.dockerIndex,
].join(', ');
const referrerShape = z.looseObject({ digest: z.string() });

/** Longest name of a repository in characters; longer ones in a catalogue are left out. */
const maxNameLength = 512;

/** Lists the repositories of a registry; undefined where it has no such list. @throws {UpstreamFault} */
export async function readCatalogue(upstream: Upstream, base: URL): Promise<string[] | undefined> {
  const url = new URL('/v2/_catalog?n=1000', base);
  const pick = (item: unknown) =>
    typeof item === 'string' && item.length <= maxNameLength ? item : undefined;
  return readPagedList(upstream, { url, scope: 'registry:catalog:*', key: 'repositories', pick });
}

/** Opens a repository of a registry. @param name valid as the name of a repository */
export function openUpstreamRepository(upstream: Upstream, base: URL, name: string): UpstreamRepository {
  const scope = `repository:${name}:pull`;
  const urlOf = (path: string) => new URL(`/v2/${name}/${path}`, base);
  const list = <Item>(path: string, key: string, pick: (item: unknown) => Item | undefined) =>
    readPagedList(upstream, { url: urlOf(path), scope, key, pick });
  return {
    name,
    tags: () =>
      list('tags/list?n=1000', 'tags', (item) =>
        typeof item === 'string' && isTag(item) ? item : undefined,
      ),
    digestOf: (tag) =>
      upstream.get(
        urlOf(`manifests/${tag}`),
        { accept: acceptedMediaTypes },
        async ({ headers }) => readDigest(headers['docker-content-digest']),
        { method: 'HEAD', scope },
      ),
    manifest(reference) {
      const url = urlOf(`manifests/${reference}`);
      return upstream.get(
        url,
        { accept: acceptedMediaTypes, 'accept-encoding': 'identity' },
        async ({ headers, body }) => {
          const content = await readUpstreamBody(body, maxManifestBytes);
          if (!content)
            throw new UpstreamFault('upstream.invalid', `${shownUrl(url)} is larger than a manifest may be.`);
          const expected = isOciDigest(reference) ? reference : readDigest(headers['docker-content-digest']);
          const digest = digestBySameAlgorithm(expected ?? 'sha256:', content);
          if (expected !== undefined && digest !== expected) throw digestMismatchError(url, digest, expected);
          const { 'content-type': type } = headers;
          return { digest, content, contentType: typeof type === 'string' ? type : undefined };
        },
        { scope },
      );
    },
    async blob({ digest, size }, limit, folder) {
      const url = urlOf(`blobs/${digest}`);
      if (size > limit)
        throw new RegistryError(
          'upload.tooLarge',
          `${shownUrl(url)} has ${size} bytes; the limit here is ${limit}.`,
          {
            limit,
          },
        );
      const headers = { accept: '*/*', 'accept-encoding': 'identity' };
      const blob = await upstream
        .get(url, headers, ({ body }) => receiveContent(body, size, folder), { scope })
        .catch((error: unknown) => {
          if (isRegistryError(error, 'upload.tooLarge')) throw digestMismatchError(url, 'another', digest);
          throw error;
        });
      // A digest of another algorithm is checked where the blob is stored.
      if (blob.size === size && (!digest.startsWith('sha256:') || blob.digest === digest)) return blob;
      await blob.discard();
      throw digestMismatchError(url, blob.digest, digest);
    },
    referrers: (digest) =>
      list(`referrers/${digest}`, 'manifests', (item) => {
        const found = referrerShape.safeParse(item).data?.digest ?? '';
        return isOciDigest(found) ? found : undefined;
      }),
  };
}

function readDigest(header: string | string[] | undefined): OciDigest | undefined {
  return typeof header === 'string' && isOciDigest(header) ? header : undefined;
}

function digestMismatchError(
  url: URL,
  found: Digest | OciDigest | 'another',
  expected: OciDigest,
): RegistryError {
  const has = found === 'another' ? 'another digest' : `the digest ${found}`;
  return new RegistryError(
    'digest.mismatch',
    `${shownUrl(url)} has ${has} in place of ${expected}. It is not stored.`,
  );
}
