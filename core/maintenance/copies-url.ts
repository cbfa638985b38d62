import type { Readable } from 'node:stream';
import { Agent, interceptors, request } from 'undici';
import type { OciDigest } from '../oci/digest.ts';
import { mediaTypes } from '../oci/media-types.ts';
import type { Copies, CopyLocation, WantedBlob } from './copies.ts';
import { readIndexUrls } from './index-urls.ts';
import type { BlobReference } from './references.ts';

/** Timeouts in milliseconds: of a connection, and of silence before and within a response. */
const timeoutsMs = { connect: 5_000, headers: 20_000, body: 20_000 };

const maxRedirects = 5;

/** Media types that are taken: registries give a manifest only to those who name its type. */
const { image, index, dockerImage, dockerIndex } = mediaTypes;
const acceptHeader = [image, index, dockerImage, dockerIndex, '*/*'].join(', ');

/**
 * Finds copies on a server. For each blob the URLs of another registry of this kind come first. Then come those that a
 * chart repository's `index.yaml` has for the digest, and those of a plain file server with archives, a folder of
 * blobs, or an OCI layout.
 * @param url `http://` or `https://`, perhaps with a path, and with a name and a password for basic
 *   authentication
 */
export function createUrlCopies(url: string): Copies {
  const { base, headers } = splitCredentials(url);
  const agent = new Agent({
    connect: { timeout: timeoutsMs.connect },
    headersTimeout: timeoutsMs.headers,
    bodyTimeout: timeoutsMs.body,
  });
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: maxRedirects }));
  const indexAddress = `${base}/index.yaml`;
  let listing: Promise<Map<string, string[]>> | undefined;

  /**
   * Gets bytes as they are sent: no encoding is taken off, for some servers call that of an archive one.
   * @returns undefined when the server says that it has nothing at this address
   * @throws {InconclusiveAnswer} when it answers anything else
   */
  async function get(address: string): Promise<Readable | undefined> {
    const { statusCode, body } = await request(address, {
      headers: { ...headers, accept: acceptHeader },
      dispatcher,
    });
    // A stream that is given up half-read fails, and nobody may be listening by then.
    body.on('error', () => undefined);
    if (statusCode === 200) return body;
    await body.dump();
    if (!statusMeansAbsent(statusCode)) throw new InconclusiveAnswer(statusCode);
    return undefined;
  }

  function readIndex(): Promise<Map<string, string[]>> {
    listing ??= get(indexAddress).then((body) =>
      body ? readIndexUrls(body, `${base}/`) : new Map<string, string[]>(),
    );
    return listing;
  }

  async function* locations({ digest, references }: WantedBlob): AsyncGenerator<CopyLocation> {
    const seen = new Set<string>();
    const offer = function* (addresses: readonly string[]): Generator<CopyLocation> {
      for (const address of addresses) {
        if (seen.has(address)) continue;
        seen.add(address);
        yield { name: address, open: () => get(address) };
      }
    };
    yield* offer(references.flatMap((reference) => blobUrlsInRegistry(base, reference)));
    let unread: CopyLocation | undefined;
    const listed = await readIndex().catch((error: unknown) => {
      // It may name a location that has a copy.
      unread = { name: indexAddress, open: () => Promise.reject(error) };
      return new Map<string, string[]>();
    });
    yield* offer(listed.get(digest) ?? []);
    for (const { archive } of references.filter(({ role }) => role === 'provenance'))
      yield* offer((listed.get(archive ?? '') ?? []).map((address) => `${address}.prov`));
    yield* offer(references.flatMap((reference) => urlsByFileName(base, reference)));
    yield* offer(urlsByDigest(base, digest));
    if (unread) yield unread;
  }

  return {
    name: base,
    locations,
    async assertReachable() {
      const body = await get(`${base}/`).catch((error: unknown) => {
        // Any response shows that the server can be reached.
        if (!(error instanceof InconclusiveAnswer)) throw error;
        return undefined;
      });
      body?.destroy();
    },
    close: () => agent.destroy(),
  };
}

/** Answer that says neither that there is a copy nor that there is none, such as 401, 403, 429 or 503. */
class InconclusiveAnswer extends Error {
  override name = 'PlaceRefused';
  readonly code: string;

  constructor(status: number) {
    super(`the server answered ${status}`);
    this.code = `HTTP ${status}`;
  }
}

/**
 * Whether a status says that there is nothing at an address. Servers of other kinds refuse unknown addresses with
 * various 4xx. Statuses about access, time and too many requests say nothing about a copy.
 */
function statusMeansAbsent(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 403, 407, 408, 423, 425, 429].includes(status);
}

/** The address without what lets one in, which goes into a header and never into a line for the operator. */
function splitCredentials(url: string): { base: string; headers: Record<string, string> } {
  const { username, password, origin, pathname } = new URL(url);
  const base = `${origin}${pathname.replace(/\/+$/, '')}`;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return {
    base,
    headers: { 'accept-encoding': 'identity', ...(username === '' ? {} : { authorization }) },
  };
}

function blobUrlsInRegistry(base: string, { role, place }: BlobReference): string[] {
  if (!place) return [];
  const { space, name, version } = place;
  const path = `${base}/api/v1/spaces/${space}/charts/${name}/versions/${encodeURIComponent(version)}`;
  if (role === 'archive') return [path];
  if (role === 'provenance') return [`${path}/provenance`];
  if (role === 'manifest') return [`${base}/v2/${space}/${name}/manifests/${version}`];
  return role === 'blob' ? [`${base}/v2/${space}/${name}/blobs/${version}`] : [];
}

function urlsByFileName(base: string, { role, place }: BlobReference): string[] {
  if (!place || (role !== 'archive' && role !== 'provenance')) return [];
  const file = `${place.name}-${encodeURIComponent(place.version)}.tgz${role === 'provenance' ? '.prov' : ''}`;
  return [`${base}/${place.space}/charts/${file}`, `${base}/charts/${file}`, `${base}/${file}`];
}

function urlsByDigest(base: string, digest: OciDigest): string[] {
  const [algorithm = '', hex = ''] = digest.split(':');
  return [`${algorithm}/${hex.slice(0, 2)}/${hex}`, `blobs/${algorithm}/${hex}`, hex].map(
    (path) => `${base}/${path}`,
  );
}
