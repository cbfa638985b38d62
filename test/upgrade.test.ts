import { expect, it, onTestFinished } from 'vitest';
import { defaultChartLimits } from '../core/archive/limits.ts';
import { readableOf } from '../core/blobs/content.ts';
import { renderEntry } from '../core/chart/index-entry.ts';
import { writeOutline } from '../core/chart/outline.ts';
import { readChart, summarizeArchive } from '../core/chart/read-chart.ts';
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
    const summary = await summarizeArchive(archive, defaultChartLimits);
    const outline = writeOutline(await readChart(readableOf(await packChart(chart)), defaultChartLimits));
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

it('a migration counts the blobs that spaces have already, each once', async () => {
  const { url, db, drop } = await createTestDatabase('template0');
  onTestFinished(drop);
  const migrations = await readMigrations();
  await migrate({ url, migrations: migrations.filter(({ name }) => name < '0053') });
  const blob = (letter: string) => `sha256:${letter.repeat(64)}`;
  await db.query("INSERT INTO spaces (name) VALUES ('lib'), ('empty')");
  await db.query(
    `WITH chart AS (INSERT INTO charts (space_id, name) SELECT id, 'web' FROM spaces WHERE name = 'lib' RETURNING id)
     INSERT INTO versions (chart_id, version, sort_key, digest, size, provenance, provenance_size, metadata, entry)
     SELECT id, n::text, n::text, $1, 100, CASE n WHEN 1 THEN $2 END, CASE n WHEN 1 THEN 10 END, '{}', '{}'
       FROM chart, generate_series(1, 2) n`,
    [blob('a'), blob('b')],
  );
  await db.query(
    `WITH repository AS (INSERT INTO oci_repositories (space_id, name) SELECT id, 'web' FROM spaces WHERE name = 'lib' RETURNING id)
     INSERT INTO oci_blobs (repository_id, digest, blob, content, size)
     SELECT id, digest, CASE WHEN content IS NULL THEN digest END, content, size
       FROM repository, (VALUES ($1, NULL, 100), ($2, NULL, 7), ($3, 'made'::bytea, 4)) b (digest, content, size)`,
    [blob('a'), blob('c'), blob('d')],
  );
  await migrate({ url, migrations });
  const counted = await db.query<{ digest: string; uses: number }>(
    'SELECT digest, uses FROM space_blobs ORDER BY digest',
  );
  expect(counted.map(({ digest, uses }) => [digest, uses])).toEqual([
    [blob('a'), 3],
    [blob('b'), 1],
    [blob('c'), 1],
  ]);
  const used = await db.query('SELECT s.name, u.bytes FROM space_usage u JOIN spaces s ON s.id = u.space_id');
  expect(used).toEqual([{ name: 'lib', bytes: 117 }]);
});
