import type { ChartLimits } from '../core/archive/limits.ts';
import type { UnpackedArchive } from '../core/archive/read-archive.ts';
import { readableOf } from '../core/blobs/content.ts';
import { prepareChart } from '../core/chart/prepare.ts';
import { readChart } from '../core/chart/read-chart.ts';
import type { Source } from '../core/recipe/compose-prepared.ts';

/**
 * Unpacks, reads and prepares an archive; the preparer calls it on the event loop and in its thread.
 * @throws {RegistryError} as `readChart` does
 */
export async function readSource(archive: Buffer | UnpackedArchive, limits: ChartLimits): Promise<Source> {
  const chart = await readChart('unpacked' in archive ? archive : readableOf(archive), limits);
  return { chart, prepared: prepareChart(chart) };
}
