import { mkdir } from 'node:fs/promises';
import type { ChartClient, Client, VersionClient } from '../../../client/src/index.ts';
import { fileNameOf, type Pulled, pullVersion } from '../archives/pull-version.ts';
import { runParallel } from '../archives/run-parallel.ts';
import { summarize } from '../archives/summarize.ts';
import { usageError } from '../command-error.ts';
import type { View } from '../display/view.ts';
import { findVersion } from '../find-version.ts';
import { formatAddress, parseAddress } from '../parse-address.ts';
import type { Session } from '../session/session.ts';
import { readItems } from './list.ts';

/** Options of `helm-registry pull`. */
export interface PullOptions {
  destination: string;
  allVersions?: boolean;
  parallel: number;
}

const view: View<Pulled> = {
  columns: [
    { title: 'RESULT', value: ({ result }) => result },
    { title: 'CHART', value: formatAddress },
    { title: 'FILE', value: ({ file }) => file },
    { title: 'PROVENANCE', value: ({ provenance }) => provenance },
  ],
  name: ({ file }) => file,
};

/** Runs `helm-registry pull`. */
export async function pull(
  session: Session,
  addresses: readonly string[],
  { destination, allVersions = false, parallel }: PullOptions,
): Promise<void> {
  const client = await session.connect();
  const found = await runParallel(addresses, parallel, (text) =>
    findVersions(client, text, allVersions, session.signal),
  );
  const versions = new Map(found.flat().map((version) => [formatAddress(version.ref), version]));
  assertDistinct([...versions.values()]);
  await mkdir(destination, { recursive: true });
  let done = 0;
  const pulled = await runParallel([...versions], parallel, async ([name, version]) => {
    session.progress.show(`${done} of ${versions.size}  ${name}`);
    const result = await pullVersion(version, destination, session.signal);
    done += 1;
    return result;
  });
  session.progress.clear();
  await session.output.list(view, pulled);
  if (pulled.length !== 1) summarize(session, 'version', pulled);
}

/** Checks that no two versions have one file: charts of two spaces may have the same name. */
function assertDistinct(versions: readonly VersionClient[]): void {
  const owners = new Map<string, string>();
  for (const version of versions) {
    const file = fileNameOf(version);
    const address = formatAddress(version.ref);
    const other = owners.get(file);
    if (other !== undefined)
      throw usageError(`${other} and ${address} would be the same file ${file}: pull them into two folders`);
    owners.set(file, address);
  }
}

/** Finds the versions that an address names; of a space the latest of each chart, or all. */
async function findVersions(
  client: Client,
  text: string,
  isAll: boolean,
  signal: AbortSignal,
): Promise<VersionClient[]> {
  const { space, chart, version } = parseAddress(text);
  if (isAll && version !== undefined)
    throw usageError(`${text} names a version: leave it out with --all-versions`);
  if (chart !== undefined && !isAll)
    return [
      await findVersion(client, { space, chart, ...(version === undefined ? {} : { version }) }, signal),
    ];
  const place = client.space(space);
  if (chart !== undefined) return allOf(place.chart(chart), signal);
  const charts = await readItems(place.charts({}, { signal }));
  const lists = await runParallel(charts, 4, ({ name, latest }) =>
    isAll ? allOf(place.chart(name), signal) : Promise.resolve([place.chart(name).version(latest.version)]),
  );
  return lists.flat();
}

async function allOf(chart: ChartClient, signal: AbortSignal): Promise<VersionClient[]> {
  return (await readItems(chart.versions({}, { signal }))).map(({ version }) => chart.version(version));
}
