import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readChartRef } from '../../cli/user/archives/read-chart-ref.ts';
import { makeCharts } from '../make-charts.ts';
import { readArchives } from '../support.ts';
import { digestOf, type Expected, type ImportSource, publishedAt } from './source.ts';

/**
 * Makes a folder of archives.
 * @param from folder whose archives are the first; made-up charts of the size of public ones follow
 */
export async function makeFolder(count: number, from: string | undefined): Promise<ImportSource> {
  const folder = await mkdtemp(join(tmpdir(), 'import-folder-'));
  const given = from === undefined ? [] : (await readArchives(from)).slice(0, count);
  const expected: Expected[] = [];
  for (const archive of [...given, ...(await makeCharts(count - given.length))]) {
    const ref = await readChartRef(archive);
    if (!ref) throw new Error(`an archive of ${from} is no chart`);
    const time = publishedAt(expected.length);
    const file = join(folder, ref.chart, `${ref.chart}-${ref.version}.tgz`);
    await mkdir(join(folder, ref.chart), { recursive: true });
    await writeFile(file, archive);
    await utimes(file, time, time);
    expected.push({ space: 'folder', ...ref, digest: digestOf(archive), publishedAt: time });
  }
  return {
    name: `a folder of ${count} archives, ${given.length} of them public`,
    args: [folder, 'folder'],
    expected,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
