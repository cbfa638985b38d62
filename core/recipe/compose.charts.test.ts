import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { defaultChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import { coalesceValues } from '../chart/coalesce.ts';
import { readChart, toChartMetadata } from '../chart/read-chart.ts';
import { composePlan } from './compose.ts';
import { parseRecipe } from './parse.ts';
import { type FoundSource, planRecipe } from './plan.ts';

/** Folder of public charts beside the repository; tests are skipped if it is absent. */
const folder = new URL('../../../shared/charts/', import.meta.url);

interface Store {
  sources: Map<Digest, Chart>;
  found: Map<string, FoundSource>;
}

async function store(bytes: Buffer, into: Store): Promise<Chart> {
  const chart = await readChart(Readable.from([bytes]), defaultChartLimits);
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  into.sources.set(digest, chart);
  into.found.set(`lib/${chart.name}/${chart.version}`, { digest, metadata: toChartMetadata(chart) });
  return chart;
}

async function compose(recipe: unknown, { sources, found }: Store): Promise<Buffer> {
  const parsed = parseRecipe(recipe, { space: 'shops', values: 'merge' });
  const plan = planRecipe(parsed, 'shops', (space, chart, version) =>
    found.get(`${space}/${chart}/${version}`),
  );
  return composePlan(plan, sources, defaultChartLimits);
}

function source(chart: string, version: string, independent = true) {
  return { package: { independent, space: 'lib', chart, version } };
}

describe.skipIf(!existsSync(folder))('real charts (skipped where ../shared/charts is absent)', () => {
  const files = ['wordpress-27.0.0', 'mariadb-23.0.1', 'memcached-8.0.0', 'common-2.31.10'];
  const common = (independent = true) => source('common', '2.31.10', independent);

  async function load(): Promise<Store> {
    const into: Store = { sources: new Map(), found: new Map() };
    for (const file of files) await store(readFileSync(new URL(`${file}.tgz`, folder)), into);
    return into;
  }

  it('real charts are composed, and a subchart of the result becomes part of another chart', async () => {
    const stored = await load();
    const shop = await store(
      await compose(
        {
          save: { chart: 'shop', version: '1.0.0', description: 'the whole shop' },
          configs: {
            ...source('wordpress', '27.0.0'),
            _config: { replicaCount: 2 },
            common: common(),
            memcached: { ...source('memcached', '8.0.0'), common: common() },
            db: { ...source('mariadb', '23.0.1'), _config: { auth: { database: 'shop' } }, common: common() },
          },
        },
        stored,
      ),
      stored,
    );
    const inner = { name: 'common', version: '2.31.10', subcharts: [] };
    expect(shop).toMatchObject({
      name: 'shop',
      version: '1.0.0',
      manifest: { description: 'the whole shop', appVersion: '6.8.2' },
      subcharts: [
        inner,
        { name: 'db', version: '23.0.1', subcharts: [inner] },
        { name: 'memcached', version: '8.0.0', subcharts: [inner] },
      ],
      dependencies: [
        { name: 'memcached', version: '8.0.0', condition: 'memcached.enabled' },
        { name: 'db', version: '23.0.1', condition: 'mariadb.enabled' },
        { name: 'common', version: '2.31.10', tags: ['bitnami-common'] },
      ],
    });
    expect(coalesceValues(shop)).toMatchObject({
      replicaCount: 2,
      wordpressUsername: 'user',
      db: { auth: { database: 'shop', username: '' }, architecture: 'standalone' },
    });

    const backup = await store(
      await compose(
        {
          save: { chart: 'backup', version: '1.0.0' },
          configs: {
            ...source('shop', '1.0.0'),
            base: { ...source('db', '23.0.1', false), common: common(false) },
          },
        },
        stored,
      ),
      stored,
    );
    expect(backup.subcharts).toMatchObject([{ name: 'base', version: '23.0.1', subcharts: [inner] }]);
  });

  it('real charts keep every file that composing does not change', async () => {
    const stored = await load();
    const recipe = { save: { chart: 'shop', version: '1.0.0' }, configs: source('wordpress', '27.0.0') };
    const shop = await store(await compose(recipe, stored), stored);
    const original = [...stored.sources.values()].find(({ name }) => name === 'wordpress');
    const kept = [...(original?.files ?? [])].filter(
      ([path]) => !['Chart.yaml', 'Chart.lock'].includes(path),
    );
    expect(kept.length).toBeGreaterThan(20);
    expect(shop.files.size).toBe(kept.length + 1);
    for (const [path, bytes] of kept) expect(shop.files.get(path)?.equals(bytes), path).toBe(true);
  });
});
