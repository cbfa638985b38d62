import type { Readable } from 'node:stream';
import { Agent, interceptors, request } from 'undici';
import type { Digest } from '../blobs/port.ts';
import type { Candidate, Copies, WantedBlob } from './copies.ts';
import { readIndexUrls } from './index-urls.ts';
import type { BlobReference } from './references.ts';

/** Timeouts in milliseconds: of a connection, and of silence before and within a response. */
const timeouts = { connect: 5_000, headers: 20_000, body: 20_000 };

const maxRedirects = 5;

/**
 * Finds copies on a server. For each blob the URLs are, in this order: those of another registry of this kind;
 * the ones that a chart repository's `index.yaml` has for its digest; and those of a plain file server with
 * archives, a folder of blobs, or an OCI layout.
 * @param url `http://` or `https://`, perhaps with a path, and with a name and a password for basic
 *   authentication
 */
export function createUrlCopies(url: string): Copies {
  const { base, headers } = readAddress(url);
  const agent = new Agent({
    connect: { timeout: timeouts.connect },
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.body,
  });
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: maxRedirects }));
  let index: Promise<Map<string, string[]>> | undefined;

  /**
   * Fetches the bytes as they are sent. No encoding is decoded, because some servers declare an archive's gzip
   * as one.
   */
  async function get(address: string): Promise<Readable | undefined> {
    const { statusCode, body } = await request(address, { headers, dispatcher });
    // A stream that is destroyed half-read emits an error, perhaps without a listener.
    body.on('error', () => undefined);
    if (statusCode === 200) return body;
    await body.dump();
    return undefined;
  }

  function readIndex(): Promise<Map<string, string[]>> {
    index ??= get(`${base}/index.yaml`)
      .then((body) => (body ? readIndexUrls(body, `${base}/`) : new Map<string, string[]>()))
      .catch(() => new Map<string, string[]>());
    return index;
  }

  async function* candidates({ digest, references }: WantedBlob): AsyncGenerator<Candidate> {
    const offered = new Set<string>();
    const offer = function* (addresses: readonly string[]): Generator<Candidate> {
      for (const address of addresses) {
        if (offered.has(address)) continue;
        offered.add(address);
        // A URL that fails has no copy.
        yield { name: address, open: () => get(address).catch(() => undefined) };
      }
    };
    yield* offer(references.flatMap((reference) => registryAddresses(base, reference)));
    const listed = await readIndex();
    yield* offer(listed.get(digest) ?? []);
    for (const { archive } of references.filter(({ role }) => role === 'provenance'))
      yield* offer((listed.get(archive ?? '') ?? []).map((address) => `${address}.prov`));
    yield* offer(references.flatMap((reference) => fileAddresses(base, reference)));
    yield* offer(digestAddresses(base, digest));
  }

  return {
    name: base,
    candidates,
    // Any response shows that the server can be reached.
    assertReachable: async () => void (await get(`${base}/`))?.destroy(),
    close: () => agent.destroy(),
  };
}

/** Splits the credentials off a URL: they go into a header, and never into a line for the operator. */
function readAddress(url: string): { base: string; headers: Record<string, string> } {
  const { username, password, origin, pathname } = new URL(url);
  const base = `${origin}${pathname.replace(/\/+$/, '')}`;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return {
    base,
    headers: { 'accept-encoding': 'identity', ...(username === '' ? {} : { authorization }) },
  };
}

function registryAddresses(base: string, { role, place }: BlobReference): string[] {
  if (!place) return [];
  const { space, name, version } = place;
  const path = `${base}/api/v1/spaces/${space}/charts/${name}/versions/${encodeURIComponent(version)}`;
  if (role === 'archive') return [path];
  if (role === 'provenance') return [`${path}/provenance`];
  return role === 'blob' ? [`${base}/v2/${space}/${name}/blobs/${version}`] : [];
}

function fileAddresses(base: string, { role, place }: BlobReference): string[] {
  if (!place || (role !== 'archive' && role !== 'provenance')) return [];
  const file = `${place.name}-${encodeURIComponent(place.version)}.tgz${role === 'provenance' ? '.prov' : ''}`;
  return [`${base}/${place.space}/charts/${file}`, `${base}/charts/${file}`, `${base}/${file}`];
}

function digestAddresses(base: string, digest: Digest): string[] {
  const hex = digest.slice('sha256:'.length);
  return [`sha256/${hex.slice(0, 2)}/${hex}`, `blobs/sha256/${hex}`, hex].map((path) => `${base}/${path}`);
}
