import type { Arrangement } from '../archive/assembly/index.ts';
import type { ChartLimits } from '../archive/limits.ts';
import { extendedBytes } from '../archive/write-archive.ts';

/** Whether a composed chart is within the limits, told from what is known of its parts. */
export function definitelyFits({ folder, fresh, prepared }: Arrangement, limits: ChartLimits): boolean {
  let entries = fresh.length;
  let total = 0;
  let maxPath = 0;
  for (const [path, content] of fresh) {
    total += content.length + extendedBytes(`${folder}/${path}`);
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
