import { compareBytes } from '../archive/chart-order.ts';
import type { Digest } from '../blobs/port.ts';
import type { Chart, Dependency } from '../chart/chart.ts';
import { createRangeMatcher, type RangeMatcher } from '../semver/range-matcher.ts';
import { effectiveNameOf, isEntryOf } from './absent-entries.ts';
import type { PlannedPart } from './plan.ts';

/**
 * Puts missing parts into a chart, as `helm dependency build` does. The parts themselves get theirs too. Where an
 * entry would mean several charts, or names no version, it gets the exact version of the one that it is for: Helm
 * takes any of several, and ignores an entry without a version.
 *
 * @throws {Error} if `sources` lacks a chart of the plan, which is a defect of the program
 */
export function completeChart(
  chart: Chart,
  parts: readonly PlannedPart[],
  sources: ReadonlyMap<Digest, Chart>,
): Chart {
  if (parts.length === 0) return chart;
  const found = parts.map((part) => ({
    names: part.entries.map(({ name }) => name),
    chart: completeChart(readPart(part, sources), part.parts ?? [], sources),
  }));
  const subcharts = [...chart.subcharts, ...found.map((part) => part.chart)].sort(
    (left, right) => compareBytes(left.name, right.name) || compareBytes(left.version, right.version),
  );
  const ranges = createRangeMatcher();
  const dependencies = chart.dependencies.map((entry) => {
    const part = found.find(({ names }) => names.includes(effectiveNameOf(entry)));
    return pinEntry(entry, part?.chart, subcharts, ranges);
  });
  const isPinned = dependencies.some((entry, index) => entry !== chart.dependencies[index]);
  return { ...chart, dependencies, subcharts, ...(isPinned ? { pinned: true as const } : {}) };
}

/** Gives an entry an exact version where Helm would not find its chart by the range alone. */
function pinEntry(
  entry: Dependency,
  part: Chart | undefined,
  subcharts: readonly Chart[],
  ranges: RangeMatcher,
): Dependency {
  const meant = subcharts.filter((chart) => isEntryOf(entry, chart, ranges));
  const chart = part ?? meant[0];
  const isClear = meant.length <= 1 && (entry.version || !part);
  return isClear || !chart ? entry : { ...entry, name: entry.name, version: chart.version };
}

function readPart({ source }: PlannedPart, sources: ReadonlyMap<Digest, Chart>): Chart {
  const chart = sources.get(source.digest);
  if (chart) return chart;
  throw new Error(`the plan needs ${source.digest}, which was not given`);
}
