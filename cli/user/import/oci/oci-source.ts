import { runParallel } from '../../archives/run-parallel.ts';
import type { Candidate, LeftOut, SourceListing } from '../candidate.ts';
import type { OciConnection } from './connection.ts';
import { copyChart } from './copy-chart.ts';
import { openOciRepository, readCatalog } from './repository.ts';

/** Repositories that are listed at a time. */
const maxConcurrentLists = 4;

/** Source and target of charts that are copied as they are. */
export interface OciImportOptions {
  source: OciConnection;
  /** Path of the charts in the source, without slashes at its ends; empty for all. */
  path: string;
  target: OciConnection;
  space: string;
  /** Names or globs of charts; absent for all of the catalogue. */
  chart: readonly string[] | undefined;
}

/**
 * Lists the charts of an OCI registry. The charts are those that are named, else all in the catalogue below the path.
 * @throws {CommandError} where it cannot be read, or has no catalogue
 */
export async function listOciCharts(sides: OciImportOptions): Promise<SourceListing> {
  const { source, path, chart } = sides;
  const prefix = path === '' ? '' : `${path}/`;
  const isNamed = chart?.every((name) => !/[*?]/.test(name));
  const names = isNamed
    ? (chart ?? []).map((name) => `${prefix}${name}`)
    : (await readCatalog(source)).filter((name) => name.startsWith(prefix));
  const lists = await runParallel(names, maxConcurrentLists, (name) => listRepositoryCharts(sides, name));
  return excludeDuplicateCharts(
    lists.flatMap(({ candidates }) => candidates),
    lists.flatMap(({ leftOut }) => leftOut),
  );
}

async function listRepositoryCharts(
  { source, target, space }: OciImportOptions,
  name: string,
): Promise<SourceListing> {
  const repository = openOciRepository(source, name, 'pull');
  const tags = await repository.tags();
  const chart = name.split('/').at(-1) ?? name;
  if (tags.length === 0)
    return {
      candidates: [],
      leftOut: [{ space, chart, from: `${source.base.host}/${name}`, reason: 'it has no tags' }],
    };
  const copy = openOciRepository(target, `${space}/${chart}`, 'pull,push');
  const candidates: Candidate[] = [];
  const leftOut: LeftOut[] = [];
  for (const tag of tags) {
    // Skip the tags of cosign: they are copied with the versions that they sign.
    if (/^sha256-[0-9a-f]{64}/.test(tag)) continue;
    const version = tag.replaceAll('_', '+');
    const from = `${source.base.host}/${name}:${tag}`;
    if (!/^v?\d+\.\d+\.\d+/.test(version))
      leftOut.push({ space, chart, from, reason: `its tag ${tag} is not a version` });
    else candidates.push({ space, chart, version, from, copy: () => copyChart(repository, copy, tag, tags) });
  }
  return { candidates, leftOut };
}

/** Leaves out charts whose name another repository has as well: one space has one chart of a name. */
function excludeDuplicateCharts(
  candidates: readonly Candidate[],
  leftOut: readonly LeftOut[],
): SourceListing {
  const owners = new Map<string, string>();
  const twins: LeftOut[] = [];
  const kept = candidates.filter((candidate) => {
    const repository = candidate.from.replace(/:[^:/]*$/, '');
    const owner = owners.get(candidate.chart) ?? repository;
    owners.set(candidate.chart, owner);
    if (owner === repository) return true;
    const { space, chart, version, from } = candidate;
    twins.push({
      space,
      chart,
      version,
      from,
      reason: `${owner} has a chart of that name: import its path alone`,
    });
    return false;
  });
  return { candidates: kept, leftOut: [...leftOut, ...twins] };
}
