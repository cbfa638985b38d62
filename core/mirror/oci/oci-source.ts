import { matchesChart } from '../../access/chart-globs.ts';
import type { ClaimedMirrorRun } from '../claim-run.ts';
import { endpointOf } from '../endpoint.ts';
import type { MirrorDeps } from '../mirror-deps.ts';
import { readMirroredCharts, versionKeyOf } from '../record-outcomes.ts';
import type { MirrorFault } from '../settings.ts';
import type { MirrorSource, RunFacts } from '../source.ts';
import type { Upstream } from '../upstream.ts';
import { copyChart } from './copy-chart.ts';
import type { CopiedRepository } from './copy-content.ts';
import { deleteReferrers } from './delete-referrers.ts';
import { type ListedCharts, listUpstreamCharts } from './list-charts.ts';
import { readDigests } from './read-digests.ts';

/**
 * Creates the source of a mirror of an OCI registry. Tags list its versions, and a request for each tag gives its
 * digest.
 */
export function createOciSource(deps: MirrorDeps, run: ClaimedMirrorRun, upstream: Upstream): MirrorSource {
  const base = endpointOf(run.url, run.settings.plainHttp);
  let repositories: ReadonlyMap<string, CopiedRepository> = new Map();
  return {
    async list() {
      const listed = await listUpstreamCharts(upstream, run, base, () =>
        readMirroredCharts(deps.registry.db, run.mirrorId),
      );
      repositories = listed.repositories;
      return {
        index: { entries: await readDigests(deps.registry.db, run, listed) },
        validators: { etag: null, lastModified: null },
        hasListed: (chart) =>
          matchesChart(run.settings.charts, chart) && !listed.unread.has(chart) && !listed.hidden.has(chart),
        explainGaps: (facts) => explainUnlistedCharts(base, listed, facts),
      };
    },
    sortOut: async (chosen) => chosen,
    async copy(entry, { stored, known }) {
      const repository = repositories.get(entry.chart);
      if (!repository) throw new Error(`the chart ${entry.chart} was not listed`);
      const key = versionKeyOf(entry);
      return copyChart(deps, run, repository, entry, { here: stored.get(key), known: known.get(key) });
    },
    forget: (version, known) => deleteReferrers(deps, run, version.chart, known?.manifest ?? undefined),
  };
}

/**
 * Explains which charts could not be listed. A chart that the mirror has had is gone; a chart that it never had is a
 * wrong name.
 */
function explainUnlistedCharts(
  { host, pathname }: URL,
  { unread, missing }: ListedCharts,
  { known }: RunFacts,
): MirrorFault | undefined {
  const [[chart, fault] = []] = unread;
  if (chart !== undefined && fault) {
    const others = unread.size > 1 ? ` Nor could ${unread.size - 1} more charts.` : '';
    return { ...fault, message: `Chart ${chart} could not be listed: ${fault.message}${others}` };
  }
  const charts = new Set([...known.keys()].map((key) => key.split(' ')[0]));
  const wrong = missing.find((name) => !charts.has(name));
  if (wrong === undefined) return undefined;
  return { code: 'upstream.missing', message: `${host} has no repository ${pathname.slice(1)}${wrong}.` };
}
