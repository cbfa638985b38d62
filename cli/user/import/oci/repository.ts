import { digestOf } from '../../archives/digest.ts';
import { CommandError } from '../../command-error.ts';
import { isObject, parseJson } from '../../contexts/read-json.ts';
import { exitCodes } from '../../exit-codes.ts';
import { type OciAnswer, type OciConnection, readMessage } from './connection.ts';

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

const acceptedManifestTypes = [
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
    tags: async () =>
      (await readPages(connection, `/v2/${name}/tags/list?n=1000`, scope, 'tags')).filter(isText),
    async manifest(reference) {
      const { status, headers, bytes } = await send(`manifests/${checkTagOrDigest(reference)}`, {
        headers: { accept: acceptedManifestTypes },
      });
      const document = parseJson(new TextDecoder().decode(bytes));
      if (status === 404) return undefined;
      if (!isObject(document)) throw new CommandError(`${name}:${reference} is not a manifest`);
      return { digest: digestOf(bytes), mediaType: headers.get('content-type') ?? '', bytes, document };
    },
    async digestOf(reference) {
      const { status, headers } = await send(`manifests/${checkTagOrDigest(reference)}`, {
        method: 'HEAD',
        headers: { accept: acceptedManifestTypes },
      });
      return status === 404 ? undefined : (headers.get('docker-content-digest') ?? '');
    },
    async putManifest(reference, { bytes, mediaType }) {
      const path = `manifests/${checkTagOrDigest(reference)}`;
      const answer = await send(path, { method: 'PUT', body: bytes, headers: { 'content-type': mediaType } });
      assertWritten(answer, name);
    },
    hasBlob: async (digest) =>
      (await send(`blobs/${checkTagOrDigest(digest)}`, { method: 'HEAD' })).status === 200,
    async blob(digest) {
      const { status, bytes } = await send(`blobs/${checkTagOrDigest(digest)}`);
      if (status === 404) throw new CommandError(`${name} does not have its blob ${digest}`);
      if (digest.startsWith('sha256:') && digestOf(bytes) !== digest)
        throw new CommandError(`a blob of ${name} has the digest ${digestOf(bytes)} in place of ${digest}`);
      return bytes;
    },
    async putBlob(digest, bytes) {
      const answer = await send(`blobs/uploads/?digest=${checkTagOrDigest(digest)}`, {
        ...{ method: 'POST', body: bytes },
        headers: { 'content-type': 'application/octet-stream' },
      });
      assertWritten(answer, name);
    },
    async referrers(digest) {
      const listed = await readPages(
        connection,
        `/v2/${name}/referrers/${checkTagOrDigest(digest)}`,
        scope,
        'manifests',
      );
      return listed.flatMap((item) =>
        isObject(item) && typeof item.digest === 'string' ? [item.digest] : [],
      );
    },
  };
}

/** Largest number of pages of a list, so that one without an end ends here. */
const maxPages = 10_000;

/** Lists the repositories of a registry. */
export async function readCatalog(connection: OciConnection): Promise<string[]> {
  // No page size is requested: distribution refuses one that is larger than its own setting.
  return (await readPages(connection, '/v2/_catalog', 'registry:catalog:*', 'repositories')).filter(isText);
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * Checks a tag or digest before it becomes part of a path: a source may name any.
 * @throws {CommandError} for what is neither
 */
function checkTagOrDigest(reference: string): string {
  if (/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|\w[\w.-]{0,127})$/.test(reference)) return reference;
  throw new CommandError(`${JSON.stringify(reference)} is neither a tag nor a digest`);
}

/** Checks that a registry has taken a write. @throws {CommandError} for a repository that is not there */
function assertWritten({ status, bytes }: OciAnswer, name: string): void {
  if (status !== 404) return;
  const reason = readMessage(bytes) || 'is this its address, and does the space exist?';
  throw new CommandError(`the registry does not take ${name}: ${reason}`, exitCodes.notFound);
}

/**
 * Reads a list page by page, by the header `Link`; a list that does not exist is empty.
 * @throws {CommandError} where a further page is missing or elsewhere: what is listed would not be all
 */
async function readPages(
  connection: OciConnection,
  first: string,
  scope: string,
  key: string,
): Promise<unknown[]> {
  const listed: unknown[] = [];
  const visited = new Set<string>();
  for (let path: string | undefined = first; path !== undefined; ) {
    if (visited.has(path) || visited.size >= maxPages)
      throw new CommandError(`${connection.base.host}${first} has no end, or more pages than are read`);
    visited.add(path);
    const { status, headers, bytes } = await connection.send(path, { scope });
    if (status === 404 && path === first) break;
    const page = parseJson(new TextDecoder().decode(bytes));
    const items = isObject(page) ? page[key] : undefined;
    if (status === 404 || (items !== null && !Array.isArray(items)))
      throw new CommandError(`${connection.base.host}${path} is not a list of ${key}`);
    for (const item of items ?? []) listed.push(item);
    path = findNextPagePath(connection.base, path, headers.get('link'));
  }
  return listed;
}

/** Finds the path of the next page. Behind a proxy a registry may take its own scheme for http. */
function findNextPagePath(base: URL, path: string, link: string | null): string | undefined {
  const [, next] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? '') ?? [];
  if (next === undefined) return undefined;
  const url = new URL(next, new URL(path, base));
  // A path that begins with two slashes would name another host.
  if (url.host === base.host && !url.pathname.startsWith('//')) return `${url.pathname}${url.search}`;
  throw new CommandError(`${base.host} lists its next page at ${url.host}, which is not fetched`);
}
