import { defaultChartLimits } from '../core/archive/limits.ts';
import { packArchive } from '../core/archive/write-archive.ts';
import { readableOf } from '../core/blobs/content.ts';
import { readArchiveFiles, readChart } from '../core/chart/read-chart.ts';

/** Packs another version of a packed chart, with some of its texts changed. */
export async function editChart(
  archive: Buffer,
  /** Names the new version, from the old one. */
  rename: (version: string) => string,
  /** Changes a file beside the Chart.yaml; undefined leaves its bytes. */
  edit: (path: string, text: string) => string | undefined,
): Promise<Buffer> {
  const { name, version } = await readChart(readableOf(archive), defaultChartLimits);
  const files = await readArchiveFiles(readableOf(archive), defaultChartLimits);
  const edited = [...files].map(([path, content]): [string, Buffer] => {
    const text = content.toString('utf8');
    if (path === 'Chart.yaml')
      return [path, Buffer.from(text.replace(/^version:.*$/m, `version: ${rename(version)}`))];
    const next = edit(path, text);
    return [path, next === undefined ? content : Buffer.from(next)];
  });
  return packArchive(name, edited);
}
