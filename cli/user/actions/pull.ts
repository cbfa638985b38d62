import { mkdir } from 'node:fs/promises';
import type { ChartClient, Client, VersionClient } from '../../../client/src/index.ts';
import { explainItemFailure } from '../archives/explain-item-failure.ts';
import { fileNameOf, type PulledVersion, pullVersion } from '../archives/pull-version.ts';
import { runParallel } from '../archives/run-parallel.ts';
import { summarize } from '../archives/summarize.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { View } from '../display/view.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
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

/** Outcome of an address, or of a version. */
type Outcome = PulledVersion | { address: string; result: 'failed'; error: string; exitCode: ExitCode };

const pullView: View<Outcome> = {
  columns: [
    { title: 'RESULT', value: ({ result }) => result },
    { title: 'CHART', value: (row) => ('address' in row ? row.address : formatAddress(row)) },
    { title: 'FILE', value: (row) => ('file' in row ? row.file : undefined) },
    { title: 'PROVENANCE', value: (row) => ('file' in row ? row.provenance : undefined) },
    { title: 'ERROR', value: (row) => ('error' in row ? row.error : undefined) },
  ],
  name: (row) => ('file' in row ? row.file : ''),
};

/** Runs `helm-registry pull`. @throws {CommandError} with a summary where one of many is not in the folder now */
export async function pull(
  session: Session,
  addresses: readonly string[],
  { destination, allVersions = false, parallel }: PullOptions,
): Promise<void> {
  const client = await session.connect();
  const { progress, output, signal } = session;
  const failed: Outcome[] = [];
  /** Does work on one of many. For a single one its error is that of the command. */
  const attempt = async <Result>(address: string, isSingle: boolean, work: () => Promise<Result>) => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (isSingle || (error instanceof CommandError && error.exitCode === exitCodes.usage)) throw error;
      const { message, exitCode } = explainItemFailure(error);
      failed.push({ address, result: 'failed', error: message, exitCode });
      return undefined;
    }
  };
  const found = await runParallel(addresses, parallel, (text) =>
    attempt(text, addresses.length === 1, () => findVersions(client, text, allVersions, signal)),
  );
  const versions = new Map(
    found.flatMap((each) => each ?? []).map((version) => [formatAddress(version.ref), version]),
  );
  assertDistinctFiles([...versions.values()]);
  await mkdir(destination, { recursive: true });
  const isSingle = versions.size + failed.length === 1;
  let done = 0;
  const pulled = await runParallel([...versions], parallel, async ([name, version]) => {
    progress.show(`${done} of ${versions.size}  ${name}`);
    const result = await attempt(name, isSingle, () => pullVersion(version, destination, signal));
    done += 1;
    return result;
  });
  progress.clear();
  const outcomes: Outcome[] = [...pulled.flatMap((each) => each ?? []), ...failed];
  await output.list(pullView, output.format === 'name' ? outcomes.filter((row) => 'file' in row) : outcomes);
  if (outcomes.length !== 1 || failed.length > 0) summarize(session, 'version', outcomes);
}

/** Checks that no two versions have one file: charts of two spaces may have the same name. */
function assertDistinctFiles(versions: readonly VersionClient[]): void {
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
  if (chart !== undefined) return listVersionsOf(place.chart(chart), signal);
  const charts = await readItems(place.charts({}, { signal }));
  const lists = await runParallel(charts, 4, ({ name, latest }) =>
    isAll
      ? listVersionsOf(place.chart(name), signal)
      : Promise.resolve([place.chart(name).version(latest.version)]),
  );
  return lists.flat();
}

async function listVersionsOf(chart: ChartClient, signal: AbortSignal): Promise<VersionClient[]> {
  return (await readItems(chart.versions({}, { signal }))).map(({ version }) => chart.version(version));
}
