import { expect, it, onTestFinished } from 'vitest';
import { defaultChartLimits } from '../core/archive/limits.ts';
import { readableOf } from '../core/blobs/content.ts';
import { renderEntry } from '../core/chart/index-entry.ts';
import { outlineChart } from '../core/chart/outline.ts';
import { inspectChart, readChart } from '../core/chart/read-chart.ts';
import { migrate } from '../core/db/migrate.ts';
import { readMigrations } from '../core/db/migration-files.ts';
import { searchCharts } from '../core/registry/search.ts';
import { packChart, type TestChart } from './support/charts.ts';
import { createTestDatabase } from './support/postgres.ts';

const digest = `sha256:${'0f'.repeat(32)}`;
const charts: TestChart[] = [
  { name: 'plain' },
  {
    name: 'web-2',
    version: '1.0.0+b.1',
    manifest: {
      extra: { a: 1 },
      appVersion: '1.2',
      keywords: ['a', 'b'],
      deprecated: false,
      annotations: { quote: '"\\ é \u{1f600}' },
      maintainers: [
        { name: 'Jo', chat: '@jo' },
        { name: 'Al', url: 'https://x.test' },
      ],
      dependencies: [
        { name: 'db', version: '1.x', repository: 'https://x.test', note: 'mine', 'import-values': ['a'] },
        { name: 'db', version: '2.x', alias: 'other' },
      ],
    },
    subcharts: [{ name: 'db', version: '1.0.0' }],
  },
  {
    name: 'old',
    manifest: { apiVersion: 'v1' },
    files: { 'requirements.yaml': 'dependencies: [{name: db}]' },
  },
];

it('a migration gives old versions their index entries, and makes them searchable', async () => {
  const { url, db, drop } = await createTestDatabase('template0');
  onTestFinished(drop);
  const migrations = await readMigrations();
  await migrate({ url, migrations: migrations.filter(({ name }) => name < '0005') });
  await db.query(`INSERT INTO spaces (name) VALUES ('lib')`);
  const expected = new Map<string, unknown>();
  for (const chart of charts) {
    const archive = readableOf(await packChart(chart));
    const summary = await inspectChart(archive, defaultChartLimits);
    const outline = outlineChart(await readChart(readableOf(await packChart(chart)), defaultChartLimits));
    const [version] = await db.query<{ updated_at: Date }>(
      `WITH chart AS (INSERT INTO charts (space_id, name) SELECT id, $1 FROM spaces RETURNING id)
         INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, values, outline)
         SELECT id, $2, $2, $3, 1, $4, $5, $6 FROM chart RETURNING updated_at`,
      [
        summary.name,
        summary.version,
        digest,
        JSON.stringify(summary.metadata),
        JSON.stringify(summary.values),
        outline,
      ],
    );
    const ref = { chart: summary.name, version: summary.version };
    const entry = renderEntry(summary.helmMetadata, ref, digest, version?.updated_at ?? new Date(0));
    expected.set(chart.name, JSON.parse(entry));
  }
  await migrate({ url, migrations });
  const rows = await db.query<{ name: string; entry: string }>(
    'SELECT c.name, v.entry FROM versions v JOIN charts c ON c.id = v.chart_id',
  );
  expect(new Map(rows.map(({ name, entry }) => [name, JSON.parse(entry)]))).toEqual(expected);
  const { items } = await searchCharts(db, { text: 'b' }, { start: 0, limit: 10 });
  expect(items.map(({ chart, match }) => [chart, match])).toEqual([['web-2', 'keyword']]);
});
