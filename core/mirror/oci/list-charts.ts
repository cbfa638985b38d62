import { isPlainName, matchesChart } from '../../access/chart-globs.ts';
import { isChartName } from '../../chart/names.ts';
import { isRepositoryName, versionOfTag } from '../../oci/names.ts';
import { createConcurrencyLimiter } from '../../runtime/concurrency.ts';
import type { ClaimedMirrorRun } from '../claim-run.ts';
import type { IndexEntry } from '../read-index.ts';
import { type MirrorFault, toMirrorFault } from '../settings.ts';
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
  /** Charts that the mirror has, and that the registry neither lists nor shows: they may be gone, or no longer be public. */
  hidden: ReadonlySet<string>;
  /** Charts that were asked for, and that the registry does not have. */
  missing: readonly string[];
}

/** Lists of tags that a run reads at a time. */
const maxConcurrentTagLists = 2;

/** Lists of tags that fail one after another before the registry counts as out of order. */
const maxConsecutiveListFailures = 3;

/** Codes of faults after which no other list is requested. */
export const listStoppingFaultCodes: readonly string[] = ['upstream.busy', 'mirror.tooLong'];

/** Largest numbers of charts, of their versions, and of tags of all kinds, which stay in memory for the run. */
const bounds = { charts: 10_000, versions: 200_000, tags: 1_000_000 };

/**
 * Lists the charts of a mirror. The charts are those that are named, else those below its path in the catalogue of the
 * registry. Charts that the mirror has are listed even where the catalogue lacks them: a catalogue may be cut off, or
 * show less than before.
 * @param readMirrored reads the names of the charts that the mirror has
 * @throws {UpstreamFault} where none can be listed
 */
export async function listUpstreamCharts(
  upstream: Upstream,
  run: ClaimedMirrorRun,
  base: URL,
  readMirrored: () => Promise<string[]>,
): Promise<ListedCharts> {
  const path = base.pathname.slice(1);
  const catalogued = await findCharts(upstream, run, base, path);
  const isWanted = (chart: string) =>
    matchesChart(run.settings.charts, chart) && isRepositoryName(`x/${chart}`);
  const names = [...new Set([...catalogued, ...(await readMirrored()).filter(isWanted)])];
  const hidden = new Set<string>();
  const repositories = new Map<string, CopiedRepository>();
  const unread = new Map<string, MirrorFault>();
  const missing: string[] = [];
  let unavailable = 0;
  let count = 0;
  const list = async (chart: string) => {
    try {
      const from = openUpstreamRepository(upstream, base, `${path}${chart}`);
      const tags = await from.tags();
      if (tags) repositories.set(chart, { from, to: refOf(run.space, chart), tags });
      else missing.push(chart);
      unavailable = 0;
      count += tags?.length ?? 0;
    } catch (error) {
      if (!(error instanceof UpstreamFault) || listStoppingFaultCodes.includes(error.code)) throw error;
      if (error.code === 'upstream.unavailable') unavailable += 1;
      if (error.code === 'upstream.denied' && !catalogued.has(chart)) hidden.add(chart);
      else unread.set(chart, toMirrorFault(error));
      if (unavailable >= maxConsecutiveListFailures || unread.size + hidden.size === names.length)
        throw error;
    }
  };
  const limiter = createConcurrencyLimiter(maxConcurrentTagLists);
  let failure: { error: unknown } | undefined;
  await Promise.all(
    names.map((chart) =>
      limiter.run(async () => {
        if (failure) return;
        await list(chart).catch((error: unknown) => {
          failure ??= { error };
        });
        if (count > bounds.tags) failure ??= { error: tooManyListedFault(base, bounds.tags, 'tags') };
      }),
    ),
  );
  if (failure) throw failure.error;
  const entries = [...repositories].flatMap(([chart, { tags }]) => entriesOfTags(chart, tags));
  if (entries.length <= bounds.versions) return { entries, repositories, unread, hidden, missing };
  throw tooManyListedFault(base, bounds.versions, 'versions');
}

function tooManyListedFault({ host }: URL, max: number, what: string): UpstreamFault {
  return new UpstreamFault('upstream.invalid', `${host} has more than ${max} ${what}.`);
}

async function findCharts(
  upstream: Upstream,
  { settings }: ClaimedMirrorRun,
  base: URL,
  path: string,
): Promise<ReadonlySet<string>> {
  if (settings.charts.every(isPlainName)) return new Set(settings.charts);
  const all = await readCatalogue(upstream, base).catch((error: unknown) => {
    const isRefused =
      error instanceof UpstreamFault && ['upstream.denied', 'upstream.invalid'].includes(error.code);
    if (!isRefused) throw error;
    throw new UpstreamFault(error.code, `${error.message} ${nameChartsHint}`);
  });
  if (!all)
    throw new UpstreamFault(
      'upstream.missing',
      `${base.host} does not list its repositories. ${nameChartsHint}`,
    );
  const charts = all.flatMap((name) => {
    const chart = name.startsWith(path) ? name.slice(path.length) : '';
    const isWanted =
      isRepositoryName(`x/${chart}`) && isChartName(chart) && matchesChart(settings.charts, chart);
    return isWanted ? [chart] : [];
  });
  if (charts.length <= bounds.charts) return new Set(charts);
  throw new UpstreamFault(
    'upstream.invalid',
    `${base.host} has ${charts.length} charts; at most ${bounds.charts} are allowed.`,
  );
}

const nameChartsHint = 'Give the names of the charts in "charts", without * and ?.';

function refOf(space: string, name: string) {
  return { full: `${space}/${name}`, space, name };
}

function entriesOfTags(chart: string, tags: readonly string[]): IndexEntry[] {
  const versions = new Set(tags.flatMap((tag) => versionOfTag(tag) ?? []));
  return [...versions].map((version) => ({ chart, version, urls: [] }));
}
