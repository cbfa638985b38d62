import type { Readable } from 'node:stream';
import { Agent, interceptors, request } from 'undici';
import type { Digest } from '../blobs/port.ts';
import type { Candidate, Copies, WantedBlob } from './copies.ts';
import { readIndexUrls } from './index-urls.ts';
import type { Namer } from './references.ts';

/** Milliseconds for a connection, and for silence before an answer or in the middle of one. */
const limits = { connect: 5_000, headers: 20_000, body: 20_000 };

const maxRedirects = 5;

/**
 * Copies that a server has. Each blob is asked for, in this order, where another registry of this kind would have it, where
 * the `index.yaml` of a chart repository says that its digest is, and where a plain file server that has archives, a folder
 * of blobs, or an OCI layout would have it.
 * @param url `http://` or `https://`, perhaps with a path, and with a name and a password for basic authentication
 */
export function createUrlCopies(url: string): Copies {
  const { base, headers } = readAddress(url);
  const agent = new Agent({
    connect: { timeout: limits.connect },
    headersTimeout: limits.headers,
    bodyTimeout: limits.body,
  });
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: maxRedirects }));
  let index: Promise<Map<string, string[]>> | undefined;

  /** Bytes as they are sent: no encoding is taken off, for some servers call that of an archive one. */
  async function get(address: string): Promise<Readable | undefined> {
    const { statusCode, body } = await request(address, { headers, dispatcher });
    // A stream that is given up half-read fails, and nobody may be listening any more.
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

  async function* candidates({ digest, namers }: WantedBlob): AsyncGenerator<Candidate> {
    const seen = new Set<string>();
    const offer = function* (addresses: readonly string[]): Generator<Candidate> {
      for (const address of addresses) {
        if (seen.has(address)) continue;
        seen.add(address);
        // A place that does not answer has no copy.
        yield { name: address, open: () => get(address).catch(() => undefined) };
      }
    };
    yield* offer(namers.flatMap((namer) => registryAddresses(base, namer)));
    const listed = await readIndex();
    yield* offer(listed.get(digest) ?? []);
    for (const { archive } of namers.filter(({ what }) => what === 'provenance'))
      yield* offer((listed.get(archive ?? '') ?? []).map((address) => `${address}.prov`));
    yield* offer(namers.flatMap((namer) => fileAddresses(base, namer)));
    yield* offer(digestAddresses(base, digest));
  }

  return {
    name: base,
    candidates,
    // Whatever it answers, it is there.
    reach: async () => void (await get(`${base}/`))?.destroy(),
    close: () => agent.destroy(),
  };
}

/** The address without what lets one in, which goes into a header and never into a line for the operator. */
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

function registryAddresses(base: string, { what, place }: Namer): string[] {
  if (!place) return [];
  const { space, name, version } = place;
  const path = `${base}/api/v1/spaces/${space}/charts/${name}/versions/${encodeURIComponent(version)}`;
  if (what === 'archive') return [path];
  if (what === 'provenance') return [`${path}/provenance`];
  return what === 'blob' ? [`${base}/v2/${space}/${name}/blobs/${version}`] : [];
}

function fileAddresses(base: string, { what, place }: Namer): string[] {
  if (!place || (what !== 'archive' && what !== 'provenance')) return [];
  const file = `${place.name}-${encodeURIComponent(place.version)}.tgz${what === 'provenance' ? '.prov' : ''}`;
  return [`${base}/${place.space}/charts/${file}`, `${base}/charts/${file}`, `${base}/${file}`];
}

function digestAddresses(base: string, digest: Digest): string[] {
  const hex = digest.slice('sha256:'.length);
  return [`sha256/${hex.slice(0, 2)}/${hex}`, `blobs/sha256/${hex}`, hex].map((path) => `${base}/${path}`);
}
