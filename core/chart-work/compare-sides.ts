import { createHash } from 'node:crypto';
import type { ChartLimits } from '../archive/limits.ts';
import { unpackSmall } from '../archive/read-archive.ts';
import { readChart } from '../chart/read-chart.ts';
import { compareCharts } from '../compare/compare-charts.ts';
import {
  type ComparedChart,
  type CompareOptions,
  type Comparison,
  type ComparisonText,
  comparedParts,
} from '../compare/comparison.ts';
import { bufferOf, streamOfBytes } from './bytes.ts';
import { composeFromArchives } from './compose-from-archives.ts';
import type { CompareSide } from './messages.ts';

/**
 * Compares two archives, or an archive with what a plan makes.
 * @throws {RegistryError} as `readChart`, `composePrepared` and `compareCharts`
 */
export async function compareSides(
  sides: { from: CompareSide; to: CompareSide },
  options: CompareOptions,
  limits: ChartLimits,
): Promise<ComparisonText> {
  const from = await readSide(sides.from, limits);
  const to = await readSide(sides.to, limits);
  const comparison = compareCharts(from, to, options);
  return {
    json: new TextEncoder().encode(JSON.stringify(comparison)),
    next: nextPageStart(comparison, options),
  };
}

/** Returns the start of the next page, where one of the lists has more items. */
function nextPageStart(comparison: Comparison, { start, limit }: CompareOptions): number | undefined {
  const end = start + limit;
  const hasMore = comparedParts.some((part) => (comparison[part]?.total ?? 0) > end);
  return hasMore && limit > 0 ? end : undefined;
}

async function readSide(side: CompareSide, limits: ChartLimits): Promise<ComparedChart> {
  if ('archive' in side) return { version: side.version, chart: await readPacked(side.archive, limits) };
  const { archive } = await composeFromArchives(side, limits);
  const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}` as const;
  // The archive is read again, so that the comparison is that of the stored version.
  const chart = await readPacked(archive, limits);
  return { version: { ...side.target, digest, size: archive.length }, chart };
}

/** Bytes of an archive that is unpacked synchronously: chunks that pass through the zlib pool cost more than the unpacking. */
export const maxSyncUnpackBytes = { packed: 1024 * 1024, unpacked: 16 * 1024 * 1024 };

function readPacked(archive: Uint8Array, limits: ChartLimits) {
  return readChart(unpackSmall(bufferOf(archive), maxSyncUnpackBytes) ?? streamOfBytes(archive), limits);
}
