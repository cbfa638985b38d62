import { digestOf } from '../archives/digest.ts';
import { isChartOrVersionName } from '../archives/read-chart-ref.ts';
import { CommandError } from '../command-error.ts';
import { isObject, readTextValue } from '../contexts/read-json.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Candidate, LeftOut, SourceArchive, SourceListing } from './candidate.ts';
import type { SourceFetch } from './fetch-source.ts';
import { readEntryDate, readEntryDigest, readIndexEntries } from './read-index.ts';
import { urlWithoutQuery } from './repeat-request.ts';

/** Largest provenance file, in characters. */
const maxProvenanceCharacters = 1024 * 1024;

/**
 * Lists a chart repository by its index.yaml.
 * @param base URL of the folder that has it, with a slash at its end
 * @throws {CommandError} where there is none
 */
export async function listChartRepository(
  source: SourceFetch,
  base: URL,
  space: string,
  signal: AbortSignal,
): Promise<SourceListing> {
  const url = new URL('index.yaml', base);
  const text = await source.get(url, signal, (response) => response.text());
  if (text === undefined)
    throw new CommandError(`${urlWithoutQuery(url)} does not exist: is this a chart repository?`);
  const entries = await readIndexEntries(text);
  if (!entries) throw new CommandError(`${urlWithoutQuery(url)} is not an index of a chart repository`);
  const candidates: Candidate[] = [];
  const leftOut: LeftOut[] = [];
  for (const [chart, listed] of Object.entries(entries)) {
    for (const item of Array.isArray(listed) ? listed : []) {
      const candidate = toCandidate(source, base, { space, chart }, item);
      if ('reason' in candidate) leftOut.push(candidate);
      else candidates.push(candidate);
    }
  }
  return { candidates, leftOut };
}

function toCandidate(
  source: SourceFetch,
  base: URL,
  place: { space: string; chart: string },
  item: unknown,
): Candidate | LeftOut {
  const entry = isObject(item) ? item : {};
  const version = readTextValue(entry, 'version');
  const from = urlWithoutQuery(new URL('index.yaml', base));
  if (version === undefined) return { ...place, from, reason: 'the index gives it no version' };
  if (!isChartOrVersionName(place.chart) || !isChartOrVersionName(version))
    return { ...place, version, from, reason: 'its name or version is none that a chart may have' };
  const [address] = Array.isArray(entry.urls) ? entry.urls : [];
  if (typeof address !== 'string' || !URL.canParse(address, base.href))
    return { ...place, version, from, reason: 'the index gives it no address' };
  const url = new URL(address, base.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { ...place, version, from: url.protocol, reason: `${url.protocol} is not fetched` };
  const digest = readEntryDigest(entry);
  return {
    ...place,
    version,
    from: urlWithoutQuery(url),
    digest,
    createdAt: readEntryDate(entry),
    read: (signal) => readArchive(source, url, digest, signal),
    readProvenance: (signal) => readProvenance(source, url, signal),
  };
}

async function readArchive(
  source: SourceFetch,
  url: URL,
  digest: string | undefined,
  signal: AbortSignal,
): Promise<SourceArchive> {
  const bytes = await source.get(
    url,
    signal,
    async (response) => new Uint8Array(await response.arrayBuffer()),
  );
  if (!bytes) throw new CommandError(`${urlWithoutQuery(url)} is in the index, and does not exist`);
  const actual = digestOf(bytes);
  if (digest !== undefined && actual !== digest)
    throw new CommandError(`${urlWithoutQuery(url)} has the digest ${actual}, the index says ${digest}`);
  return { bytes, provenance: await readProvenance(source, url, signal) };
}

/** Reads the provenance file beside an archive; undefined where there is none, or it is hidden. */
async function readProvenance(
  source: SourceFetch,
  archive: URL,
  signal: AbortSignal,
): Promise<string | undefined> {
  const url = new URL(archive);
  url.pathname += '.prov';
  const text = await source
    .get(url, signal, (response) => response.text())
    .catch((error: unknown) => {
      // Object stores answer 403 for what is not there, unless the reader may list them.
      if (error instanceof CommandError && error.exitCode === exitCodes.access) return undefined;
      throw error;
    });
  // Hosts of static files answer a page of their own for what is not there.
  const isSignature =
    text?.includes('-----BEGIN PGP SIGNATURE-----') && text.length <= maxProvenanceCharacters;
  return isSignature ? text : undefined;
}
