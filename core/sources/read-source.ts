import type { ChartLimits } from '../archive/limits.ts';
import type { UnpackedArchive } from '../archive/read-archive.ts';
import { readableOf } from '../blobs/content.ts';
import { prepareChart } from '../chart/prepare.ts';
import { readChart } from '../chart/read-chart.ts';
import type { Source } from '../recipe/compose-prepared.ts';

/**
 * Unpacks, reads and prepares an archive. The preparer calls it on the event loop and in its thread.
 * @throws {RegistryError} as `readChart` does
 */
export async function readSource(archive: Buffer | UnpackedArchive, limits: ChartLimits): Promise<Source> {
  const chart = await readChart('unpacked' in archive ? archive : readableOf(archive), limits);
  return { chart, prepared: prepareChart(chart) };
}
