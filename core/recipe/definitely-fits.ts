import type { Arrangement } from '../archive/assembly/arrange.ts';
import type { ChartLimits } from '../archive/limits.ts';
import { extendedBytes } from '../archive/write-archive.ts';

/** Whether a composed chart is within the limits, told from what is known of its parts. */
export function fitsSurely({ folder, fresh, ready }: Arrangement, limits: ChartLimits): boolean {
  let entries = fresh.length;
  let total = 0;
  let longest = 0;
  for (const [path, content] of fresh) {
    total += content.length + extendedBytes(`${folder}/${path}`);
    longest = Math.max(longest, content.length);
  }
  for (const { pieces, coded } of ready) {
    const { body } = pieces;
    entries += (body?.files.length ?? 0) + coded.length;
    total += body?.contents ?? 0;
    longest = Math.max(longest, body?.longest ?? 0);
    for (const { content } of coded) {
      total += content.length;
      longest = Math.max(longest, content.length);
    }
  }
  return entries <= limits.entries && total <= limits.unpacked && longest <= limits.file;
}
