import type { Queryable } from '../db/port.ts';
import { parseVersion, sortKey } from '../semver/version.ts';
import {
  type ChartVersions,
  type DecidedSpace,
  loadVersions,
  type VersionOrder,
  type WantedChart,
} from './load-charts.ts';
import type { CountsAbove, SliceFacts } from './verdict.ts';

/** Chart with neighbouring versions, the highest first. */
export interface LoadedSlice extends ChartVersions, SliceFacts {}

/** Version after which a page begins; the end of its chart where `version` is ''. Charts are in order of name. */
export interface VersionCursor {
  chart: string;
  version: string;
}

/** Charts that are examined together. */
const maxCharts = 500;

const noneAbove: CountsAbove = { releases: 0, prereleases: 0 };

interface NamedChart {
  id: number;
  name: string;
  versions: number;
}

/** Slice of a chart that is to be loaded. */
interface WantedSlice extends WantedChart {
  limit: number;
  above: CountsAbove;
  /** Whether there are versions below it. */
  isCut: boolean;
}

/**
 * Loads versions of a space by charts, the highest of each first. The page has no more than `limit`.
 * @param after cursor behind which they begin
 * @param options.only loads those of the chart `after.chart` alone
 * @param options.limit largest number of versions
 * @returns the slices, and the cursor after which further ones follow
 */
export async function loadPage(
  db: Queryable,
  space: DecidedSpace,
  after: VersionCursor,
  { only, limit }: { only: boolean; limit: number },
): Promise<{ slices: LoadedSlice[]; isKnown: boolean; last?: VersionCursor }> {
  const below = toVersionOrder(after);
  const isWithin = only || below !== undefined || after.chart === '';
  const chartLimit = Math.min(maxCharts, limit);
  const named = await db.query<NamedChart>(
    `SELECT id, name, version_count AS versions FROM charts
      WHERE space_id = $1 AND name ${only ? '=' : isWithin ? '>=' : '>'} $2 ORDER BY name LIMIT $3`,
    [space.id, after.chart, chartLimit],
  );
  const first = below && named[0]?.name === after.chart ? named[0] : undefined;
  const above = first && below ? await countAbove(db, first.id, below) : noneAbove;
  const wanted = chooseSlices(named, limit, first && { below, above });
  const loaded = wanted.length === 0 ? [] : await loadVersions(db, space, wanted);
  const slices = await Promise.all(
    loaded.map(async (chart, index) => {
      const { above = noneAbove, isCut = false } = wanted[index] ?? {};
      return { ...chart, above, hasRelease: isCut && (await hasRelease(db, chart.id)) };
    }),
  );
  const last = findLastCursor(
    wanted,
    slices,
    only || (wanted.length === named.length && named.length < chartLimit),
  );
  return { slices, isKnown: named.length > 0, ...(last ? { last } : {}) };
}

function toVersionOrder({ version }: VersionCursor): VersionOrder | undefined {
  const parsed = version === '' ? undefined : parseVersion(version);
  return parsed && { sortKey: sortKey(parsed), version };
}

/** Chooses charts until they have as many versions as are wanted. @param start version below which the first begins */
function chooseSlices(
  named: readonly NamedChart[],
  limit: number,
  start: { below: VersionOrder | undefined; above: CountsAbove } | undefined,
): WantedSlice[] {
  const wanted: WantedSlice[] = [];
  let room = limit;
  for (const [index, { id, name, versions }] of named.entries()) {
    const { below, above } = (index === 0 && start) || { below: undefined, above: noneAbove };
    const rest = Math.max(0, versions - above.releases - above.prereleases);
    if (room === 0) break;
    const taken = Math.min(rest, room);
    wanted.push({ id, name, below, above, limit: taken, isCut: taken < rest });
    room -= taken;
  }
  return wanted;
}

/** Counts the versions from the highest down to one of them, by the index alone. */
async function countAbove(
  db: Queryable,
  chartId: number,
  { sortKey, version }: VersionOrder,
): Promise<CountsAbove> {
  const [counted] = await db.query<CountsAbove>(
    `SELECT count(*) FILTER (WHERE right(sort_key, 1) = '~')::int AS releases,
            count(*) FILTER (WHERE right(sort_key, 1) <> '~')::int AS prereleases
       FROM versions WHERE chart_id = $1 AND (sort_key, version) >= ($2, $3)`,
    [chartId, sortKey, version],
  );
  return counted ?? noneAbove;
}

async function hasRelease(db: Queryable, chartId: number): Promise<boolean> {
  const found = await db.query(
    "SELECT FROM versions WHERE chart_id = $1 AND right(sort_key, 1) = '~' LIMIT 1",
    [chartId],
  );
  return found.length > 0;
}

/** @param isAll whether no chart follows */
function findLastCursor(
  wanted: readonly WantedSlice[],
  slices: readonly LoadedSlice[],
  isAll: boolean,
): VersionCursor | undefined {
  const end = wanted.at(-1);
  if (!end) return undefined;
  if (end.isCut) return { chart: end.name, version: slices.at(-1)?.versions.at(-1)?.version ?? '' };
  return isAll ? undefined : { chart: end.name, version: '' };
}
