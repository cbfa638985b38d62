import { isPlainName, matchesChart } from '../../access/chart-globs.ts';
import { isChartName } from '../../chart/names.ts';
import { isRepository, versionOfTag } from '../../oci/names.ts';
import { createConcurrencyLimiter } from '../../runtime/concurrency.ts';
import type { ClaimedRun } from '../claim-run.ts';
import type { IndexEntry } from '../read-index.ts';
import { type MirrorFault, toFault } from '../settings.ts';
import type { Upstream } from '../upstream.ts';
import { UpstreamFault } from '../upstream-fault.ts';
import type { CopiedRepository } from './copy-content.ts';
import { openUpstreamRepository, readCatalogue } from './upstream-registry.ts';

/** Charts of an OCI registry, as far as they could be listed. */
export interface ListedCharts {
  entries: IndexEntry[];
  /** Repositories of the charts, by the names of charts. */
  repositories: ReadonlyMap<string, CopiedRepository>;
  /** Charts whose tags could not be listed, and why. */
  unread: ReadonlyMap<string, MirrorFault>;
  /** Charts that are named, and that the registry does not have. */
  missing: readonly string[];
}

/** Lists of tags that a run reads at a time. */
const maxLists = 2;

/** Lists of tags that fail one after another before the registry counts as out of order. */
const maxUnavailable = 3;

/** Largest numbers of charts, and of their versions. */
const bounds = { charts: 10_000, versions: 200_000 };

/**
 * Lists the charts of a mirror. The charts are those that are named, else those below its path in the catalogue of the registry.
 * @throws {UpstreamFault} where none can be listed
 */
export async function listUpstreamCharts(
  upstream: Upstream,
  run: ClaimedRun,
  base: URL,
): Promise<ListedCharts> {
  const path = base.pathname.slice(1);
  const names = await findCharts(upstream, run, base, path);
  const repositories = new Map<string, CopiedRepository>();
  const unread = new Map<string, MirrorFault>();
  const missing: string[] = [];
  let unavailable = 0;
  const list = async (chart: string) => {
    try {
      const from = openUpstreamRepository(upstream, base, `${path}${chart}`);
      const tags = await from.tags();
      if (tags) repositories.set(chart, { from, to: refOf(run.space, chart), tags });
      else missing.push(chart);
      unavailable = 0;
    } catch (error) {
      if (!(error instanceof UpstreamFault) || error.code === 'upstream.busy') throw error;
      if (error.code === 'upstream.unavailable') unavailable += 1;
      unread.set(chart, toFault(error));
      if (unavailable >= maxUnavailable || unread.size === names.length) throw error;
    }
  };
  const limiter = createConcurrencyLimiter(maxLists);
  let failure: { error: unknown } | undefined;
  await Promise.all(
    names.map((chart) =>
      limiter.run(async () => {
        if (failure) return;
        await list(chart).catch((error: unknown) => {
          failure ??= { error };
        });
      }),
    ),
  );
  if (failure) throw failure.error;
  const entries = [...repositories].flatMap(([chart, { tags }]) => readVersions(chart, tags));
  if (entries.length <= bounds.versions) return { entries, repositories, unread, missing };
  throw new UpstreamFault('upstream.invalid', `${base.host} has more than ${bounds.versions} versions.`);
}

async function findCharts(
  upstream: Upstream,
  { settings }: ClaimedRun,
  base: URL,
  path: string,
): Promise<string[]> {
  if (settings.charts.every(isPlainName)) return [...new Set(settings.charts)];
  const all = await readCatalogue(upstream, base).catch((error: unknown) => {
    const isRefused =
      error instanceof UpstreamFault && ['upstream.denied', 'upstream.invalid'].includes(error.code);
    if (!isRefused) throw error;
    throw new UpstreamFault(error.code, `${error.message} ${howToName}`);
  });
  if (!all)
    throw new UpstreamFault('upstream.missing', `${base.host} does not list its repositories. ${howToName}`);
  const charts = all.flatMap((name) => {
    const chart = name.startsWith(path) ? name.slice(path.length) : '';
    const isWanted = isRepository(`x/${chart}`) && isChartName(chart) && matchesChart(settings.charts, chart);
    return isWanted ? [chart] : [];
  });
  if (charts.length <= bounds.charts) return [...new Set(charts)];
  throw new UpstreamFault(
    'upstream.invalid',
    `${base.host} has ${charts.length} charts; the most is ${bounds.charts}.`,
  );
}

const howToName = 'Give the names of the charts in "charts", without * and ?.';

function refOf(space: string, name: string) {
  return { full: `${space}/${name}`, space, name };
}

function readVersions(chart: string, tags: readonly string[]): IndexEntry[] {
  const versions = new Set(tags.flatMap((tag) => versionOfTag(tag) ?? []));
  return [...versions].map((version) => ({ chart, version, urls: [] }));
}
