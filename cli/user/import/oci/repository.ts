import { digestOf } from '../../archives/digest.ts';
import { CommandError } from '../../command-error.ts';
import { isObject, parseJson } from '../../contexts/read-json.ts';
import type { OciConnection } from './connection.ts';

/** Manifest as a registry has it, byte for byte. */
export interface OciManifest {
  digest: string;
  mediaType: string;
  bytes: Uint8Array<ArrayBuffer>;
  document: Record<string, unknown>;
}

/** Repository of an OCI registry. */
export interface OciRepository {
  name: string;
  /** Lists all tags; none for a repository that does not exist. */
  tags(): Promise<string[]>;
  /** Reads a manifest by tag or digest. @returns undefined where there is none */
  manifest(reference: string): Promise<OciManifest | undefined>;
  /** Digest of a manifest, without its bytes where the registry tells it. */
  digestOf(reference: string): Promise<string | undefined>;
  putManifest(reference: string, manifest: OciManifest): Promise<void>;
  hasBlob(digest: string): Promise<boolean>;
  blob(digest: string): Promise<Uint8Array<ArrayBuffer>>;
  putBlob(digest: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Digests of the manifests that refer to one. */
  referrers(digest: string): Promise<string[]>;
}

const accepted = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** Opens a repository. @param actions that its token must allow, as `pull` or `pull,push` */
export function openOciRepository(connection: OciConnection, name: string, actions: string): OciRepository {
  const scope = `repository:${name}:${actions}`;
  const send: OciConnection['send'] = (path, request) =>
    connection.send(`/v2/${name}/${path}`, { scope, ...request });
  return {
    name,
    tags: () => readPages(connection, `/v2/${name}/tags/list?n=1000`, scope, 'tags'),
    async manifest(reference) {
      const { status, headers, bytes } = await send(`manifests/${reference}`, {
        headers: { accept: accepted },
      });
      const document = parseJson(new TextDecoder().decode(bytes));
      if (status === 404) return undefined;
      if (!isObject(document)) throw new CommandError(`${name}:${reference} is no manifest`);
      return { digest: digestOf(bytes), mediaType: headers.get('content-type') ?? '', bytes, document };
    },
    async digestOf(reference) {
      const { status, headers } = await send(`manifests/${reference}`, {
        method: 'HEAD',
        headers: { accept: accepted },
      });
      return status === 404 ? undefined : (headers.get('docker-content-digest') ?? '');
    },
    async putManifest(reference, { bytes, mediaType }) {
      await send(`manifests/${reference}`, {
        method: 'PUT',
        body: bytes,
        headers: { 'content-type': mediaType },
      });
    },
    hasBlob: async (digest) => (await send(`blobs/${digest}`, { method: 'HEAD' })).status === 200,
    async blob(digest) {
      const { status, bytes } = await send(`blobs/${digest}`);
      if (status === 404) throw new CommandError(`${name} does not have its blob ${digest}`);
      if (digest.startsWith('sha256:') && digestOf(bytes) !== digest)
        throw new CommandError(`a blob of ${name} has the digest ${digestOf(bytes)} in place of ${digest}`);
      return bytes;
    },
    async putBlob(digest, bytes) {
      await send(`blobs/uploads/?digest=${digest}`, {
        ...{ method: 'POST', body: bytes },
        headers: { 'content-type': 'application/octet-stream' },
      });
    },
    async referrers(digest) {
      const { status, bytes } = await send(`referrers/${digest}`);
      const answer = status === 404 ? undefined : parseJson(new TextDecoder().decode(bytes));
      const listed = isObject(answer) && Array.isArray(answer.manifests) ? answer.manifests : [];
      return listed.flatMap((item: unknown) =>
        isObject(item) && typeof item.digest === 'string' ? [item.digest] : [],
      );
    },
  };
}

/** Lists the repositories of a registry. */
export function readCatalog(connection: OciConnection): Promise<string[]> {
  return readPages(connection, '/v2/_catalog?n=1000', 'registry:catalog:*', 'repositories');
}

/** Reads a list of names page by page, by the header `Link`. */
async function readPages(
  connection: OciConnection,
  first: string,
  scope: string,
  key: string,
): Promise<string[]> {
  const names: string[] = [];
  for (let path: string | undefined = first; path !== undefined; ) {
    const { status, headers, bytes } = await connection.send(path, { scope });
    if (status === 404) break;
    const page = parseJson(new TextDecoder().decode(bytes));
    const listed = isObject(page) && Array.isArray(page[key]) ? page[key] : [];
    names.push(...listed.filter((name: unknown): name is string => typeof name === 'string'));
    const [, next] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get('link') ?? '') ?? [];
    const url: URL | undefined =
      next === undefined ? undefined : new URL(next, new URL(path, connection.base));
    path = url && url.origin === connection.base.origin ? `${url.pathname}${url.search}` : undefined;
  }
  return names;
}
