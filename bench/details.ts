import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fillDetails } from '../test/support/detail-rows.ts';
import { type Served, serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { withDatabase } from './fill-registry.ts';
import { describeMachine, makeDataDir, percentile } from './support.ts';

// Benchmarks pages of 50 rows with details, on one process without a worker: ten versions of each chart, and a chart of
// 5,000 versions.
//
// npm run bench:details -- [--versions 15000,100000] [--rounds 20]
//
// Each page is another one, so that it is rendered anew, and then asked for once more, so that it is cached.

const { values } = parseArgs({
  options: {
    versions: { type: 'string', default: '15000,100000' },
    rounds: { type: 'string', default: '20' },
  },
});
const rounds = Number(values.rounds);
const print = (line: string) => process.stdout.write(`${line}\n`);

const lists: [name: string, path: string][] = [
  ['spaces', '/details?sort=changed&order=desc'],
  ['charts by name', '/spaces/lib/details?'],
  ['charts by update', '/spaces/lib/details?sort=updated&order=desc'],
  ['charts by versions', '/spaces/lib/details?sort=versions&order=desc'],
  ['charts by part of the name', '/spaces/lib/details?q=chart-0'],
  ['deprecated charts', '/spaces/lib/details?deprecated=true&sort=updated'],
  ['signed charts', '/spaces/lib/details?signed=true'],
  ['charts by keyword', '/spaces/lib/details?keyword=one&sort=created'],
  ['5,000 versions', '/spaces/deep/charts/chart-00001/details?'],
  ['5,000 versions by time', '/spaces/deep/charts/chart-00001/details?sort=created'],
  ['5,000 versions in a range', '/spaces/deep/charts/chart-00001/details?range=%3E1.1000'],
];

async function measure(versions: number): Promise<void> {
  const dataDir = await makeDataDir();
  const postgres = await startPostgres();
  const environment = { DATABASE_URL: postgres.url, DATA_DIR: dataDir, LOG_LEVEL: 'info' };
  try {
    // `serve` migrates the database.
    await (await serve(environment)).end('SIGTERM');
    await withDatabase(postgres.url, async (db) => {
      await fillDetails(db, { space: 'lib', charts: versions / 10, versions: 10 });
      await fillDetails(db, { space: 'deep', charts: 1, versions: 5_000 });
      await db.query('VACUUM ANALYZE');
    });
    print(`${versions} versions, ten of each chart:`);
    const registry = await serve(environment, 'api');
    try {
      for (const [name, path] of lists) await measureList(registry, name, path);
    } finally {
      await registry.end('SIGTERM');
    }
  } finally {
    await postgres.dispose();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measureList({ url }: Served, name: string, path: string): Promise<void> {
  const times = { rendered: [] as number[], cached: [] as number[] };
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const kind of ['rendered', 'cached'] as const) {
      const startedAt = performance.now();
      const response = await fetch(`${url}/api/v1${path}&limit=50&start=${round}`);
      const text = await response.text();
      const time = performance.now() - startedAt;
      if (response.status !== 200) throw new Error(`${path} was answered ${response.status}: ${text}`);
      if (round > 0) times[kind].push(time);
    }
  }
  const describe = (kind: keyof typeof times) => {
    const sorted = times[kind].sort((left, right) => left - right);
    const [p50, p99] = [0.5, 0.99].map((share) => percentile(sorted, share).toFixed(1));
    return `${kind} p50 ${p50} ms, p99 ${p99} ms`;
  };
  print(`${name.padEnd(28)} ${describe('rendered')}; ${describe('cached')}`);
}

await useBuilt();
print(describeMachine());
for (const versions of values.versions.split(',').map(Number)) await measure(versions);
