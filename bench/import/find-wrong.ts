import { createClient, isRegistryError, type VersionDetails } from '../../client/src/index.ts';
import { spread } from '../support.ts';
import { digestOf, type Expected } from './source.ts';

/** Requests at a time. */
const width = 8;

const keyOf = ({ space, chart, version }: Pick<Expected, 'space' | 'chart' | 'version'>) =>
  `${space}/${chart}:${version}`;

/**
 * Compares what a registry has with what it must have. Compared are versions, bytes, manifests, dates, and nothing else.
 * @returns a text for each difference
 */
export async function findWrong(url: string, expected: readonly Expected[]): Promise<string[]> {
  const there = await readVersions(url, expected);
  const wrong: string[] = [];
  await spread(expected.length, width, async (index) => {
    const version = expected[index];
    if (!version) return;
    const key = keyOf(version);
    const found = there.get(key);
    there.delete(key);
    if (!found) {
      wrong.push(`${key} is missing`);
      return;
    }
    if (found.digest !== version.digest) wrong.push(`${key} has the digest ${found.digest}`);
    if (Date.parse(found.createdAt) !== version.publishedAt.getTime())
      wrong.push(`${key} has the date ${found.createdAt}`);
    if ((await readDigest(url, version)) !== version.digest) wrong.push(`${key} has other bytes`);
    if (version.manifest !== undefined && (await readManifest(url, version)) !== version.manifest)
      wrong.push(`${key} has another manifest`);
  });
  return [...wrong, ...[...there.keys()].map((key) => `${key} was not in the source`)];
}

/** Counts the versions of spaces; a space that does not exist has none. */
export async function countVersions(url: string, spaces: Iterable<string>): Promise<number> {
  const client = createClient({ url });
  let count = 0;
  for (const name of spaces) {
    try {
      count += (await client.space(name).get()).versions;
    } catch (error) {
      if (!isRegistryError(error) || error.status !== 404) throw error;
    }
  }
  return count;
}

/** Reads all versions of the spaces. */
async function readVersions(
  url: string,
  expected: readonly Expected[],
): Promise<Map<string, VersionDetails>> {
  const client = createClient({ url });
  const found = new Map<string, VersionDetails>();
  for (const name of new Set(expected.map(({ space }) => space))) {
    const space = client.space(name);
    for await (const chart of space.chartNames())
      for await (const details of space.chart(chart).versions()) found.set(keyOf(details), details);
  }
  return found;
}

async function readDigest(url: string, { space, chart, version }: Expected): Promise<string> {
  const response = await fetch(`${url}/api/v1/spaces/${space}/charts/${chart}/versions/${version}`);
  return digestOf(new Uint8Array(await response.arrayBuffer()));
}

async function readManifest(url: string, { space, chart, version }: Expected): Promise<string> {
  const response = await fetch(`${url}/v2/${space}/${chart}/manifests/${version}`);
  return digestOf(new Uint8Array(await response.arrayBuffer()));
}
