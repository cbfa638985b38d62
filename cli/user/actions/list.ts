import {
  type ChartDetails,
  isRegistryError,
  type List,
  type SpaceClient,
  type SpaceDetails,
  type VersionDetails,
} from '../../../client/src/index.ts';
import { usageError } from '../command-error.ts';
import { formatBytes, formatTime } from '../display/count.ts';
import type { View } from '../display/view.ts';
import { formatAddress, parseAddress } from '../parse-address.ts';
import type { Session } from '../session/session.ts';

/** Options of `helm-registry list`. */
export interface ListOptions {
  filter?: string;
  range?: string;
  prereleases: boolean;
  limit?: number;
}

/** Runs `helm-registry list`: spaces, charts of a space, or versions of a chart. */
export async function list(session: Session, text: string | undefined, options: ListOptions): Promise<void> {
  const { output, signal } = session;
  const { space, chart, version } = text === undefined ? {} : parseAddress(text);
  if (version !== undefined) throw usageError(`${text} is a version: \`helm-registry show chart\` shows it`);
  if (chart === undefined && (options.range !== undefined || !options.prereleases))
    throw usageError('--range and --no-prereleases choose among the versions of SPACE/CHART');
  const client = await session.connect();
  const q = options.filter === undefined ? {} : { q: options.filter };
  if (space === undefined) {
    const spaces = client.spaces.list(q, { signal });
    return output.list(spaceView, await readItems(spaces, options.limit));
  }
  if (chart === undefined) {
    const charts = client.space(space).charts(q, { signal });
    await output.list(chartView, await readItems(charts, options.limit));
    return noteDeeperRepositories(session, client.space(space));
  }
  const filter = {
    ...q,
    ...(options.range === undefined ? {} : { range: options.range }),
    ...(options.prereleases ? {} : { preRelease: false }),
  };
  const versions = client.space(space).chart(chart).versions(filter, { signal });
  return output.list(versionView, await readItems(versions, options.limit));
}

/** Largest number of deeper repositories that are counted. */
const maxDeeperRepositories = 1_000;

/** Says how many OCI repositories are deeper than `SPACE/NAME`. No list of charts has what is in them. */
async function noteDeeperRepositories({ note, signal }: Session, space: SpaceClient): Promise<void> {
  let count = 0;
  try {
    for await (const _ of space.repositories({ signal })) {
      count += 1;
      if (count > maxDeeperRepositories) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    // The charts are listed: a note that cannot be made must not fail the command. An earlier release has no such list.
    if (isRegistryError(error)) return;
    throw error;
  }
  if (count === 0) return;
  const number = count > maxDeeperRepositories ? `more than ${maxDeeperRepositories}` : String(count);
  note(
    `${space.name} has ${number} OCI ${count === 1 ? 'repository' : 'repositories'} deeper than ${space.name}/NAME, with no charts for this list: see the page of the space, or /api/v1/spaces/${space.name}/repositories`,
  );
}

/** Reads the items of a list, all of them unless there is a limit. */
export async function readItems<Item>(items: List<Item>, limit = Number.POSITIVE_INFINITY): Promise<Item[]> {
  const read: Item[] = [];
  for await (const item of items) {
    if (read.length >= limit) break;
    read.push(item);
  }
  return read;
}

const spaceView: View<SpaceDetails> = {
  columns: [
    { title: 'SPACE', value: ({ name }) => name },
    { title: 'CHARTS', value: ({ charts }) => charts },
    { title: 'VERSIONS', value: ({ versions }) => versions },
    { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes) },
    { title: 'VISIBILITY', value: ({ visibility }) => visibility },
    { title: 'VERSIONS ARE', value: ({ overwriting }) => overwriting },
  ],
  name: ({ name }) => name,
};

const chartView: View<ChartDetails> = {
  columns: [
    { title: 'CHART', value: ({ name }) => name },
    { title: 'LATEST', value: ({ latest }) => latest.version },
    { title: 'APP VERSION', value: ({ latest }) => latest.appVersion },
    { title: 'VERSIONS', value: ({ versions }) => versions },
    { title: 'UPDATED', value: ({ updatedAt }) => formatTime(updatedAt) },
    { title: 'DESCRIPTION', value: ({ latest }) => latest.description },
  ],
  name: ({ space, name }) => formatAddress({ space, chart: name }),
};

const versionView: View<VersionDetails> = {
  columns: [
    { title: 'VERSION', value: ({ version }) => version },
    { title: 'APP VERSION', value: ({ appVersion }) => appVersion },
    { title: 'CREATED', value: ({ createdAt }) => formatTime(createdAt) },
    { title: 'SIZE', value: ({ size }) => formatBytes(size) },
    { title: 'SIGNED', value: ({ signed }) => signed },
    { title: 'COMPOSED', value: ({ composed, state }) => (composed ? (state ?? true) : false) },
    { title: 'DESCRIPTION', value: ({ description }) => description },
  ],
  name: formatAddress,
};
