import { rm } from 'node:fs/promises';
import { createClient } from '../../client/src/index.ts';
import { packChart } from '../../test/support/charts.ts';
import { serve } from '../../test/support/process.ts';
import { makeDataDir, spread } from '../support.ts';
import { digestOf, type Expected, type ImportSource, publishedAt } from './source.ts';

const tenants = ['tenant-a', 'tenant-b', 'tenant-c'] as const;
/** Versions of a chart. */
const perChart = 100;

/**
 * Starts a registry whose spaces are asked as the tenants of a ChartMuseum. Each has an index.yaml, and archives below
 * `charts/`. Versions are uploaded, since an import reads every archive.
 */
export async function fillMuseum(count: number): Promise<ImportSource> {
  const dataDir = await makeDataDir();
  const museum = await serve({ DATA_DIR: dataDir, LOG_LEVEL: 'info' });
  museum.process.stdout?.resume();
  const client = createClient({ url: museum.url });
  const expected: Expected[] = [];
  await spread(count, 8, async (index) => {
    const space = tenants[index % tenants.length] ?? tenants[0];
    const ref = {
      space,
      chart: `chart-${Math.floor(index / perChart / tenants.length)}`,
      version: `1.0.${index}`,
    };
    const archive = await packChart({ name: ref.chart, version: ref.version, values: { index } });
    const time = publishedAt(index);
    await client.space(space).upload(new Uint8Array(archive), { createdAt: time });
    expected.push({ ...ref, digest: digestOf(archive), publishedAt: time });
  });
  return {
    name: `${tenants.length} tenants of a chart museum with ${count} versions`,
    args: [museum.url, '--tenant', ...tenants],
    expected,
    async close() {
      await museum.end('SIGTERM');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
