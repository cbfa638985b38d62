import type { Arrangement } from '../archive/assembly/index.ts';
import type { ChartLimits } from '../archive/limits.ts';
import { paxRecordBytes } from '../archive/write-archive.ts';

/**
 * Checks a composed chart against the limits by the known sizes of its parts.
 * The estimate is an upper bound, so false does not mean that the chart is too large.
 */
export function definitelyFits({ folder, fresh, prepared }: Arrangement, limits: ChartLimits): boolean {
  let entries = fresh.length;
  let total = 0;
  let maxPath = 0;
  for (const [path, content] of fresh) {
    total += content.length + paxRecordBytes(`${folder}/${path}`);
    maxPath = Math.max(maxPath, content.length);
  }
  for (const { pieces, coded } of prepared) {
    const { body } = pieces;
    entries += (body?.files.length ?? 0) + coded.length;
    total += body?.contents ?? 0;
    maxPath = Math.max(maxPath, body?.maxSize ?? 0);
    for (const { content } of coded) {
      total += content.length;
      maxPath = Math.max(maxPath, content.length);
    }
  }
  return entries <= limits.entries && total <= limits.unpacked && maxPath <= limits.file;
}
