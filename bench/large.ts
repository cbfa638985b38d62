import { readFile, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { packChart } from '../test/support/charts.ts';
import { cliOutput, type Served, serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { fillJobs, fillSpaces, finishFilling, type SpaceGroup, withDatabase } from './fill-registry.ts';
import { readPeakMemory } from './process-stats.ts';
import { describeMachine, makeDataDir, percentile } from './support.ts';
import { createFastUploader } from './upload-fast.ts';

// Benchmarks a registry of a million versions in a thousand spaces, and one of a thousandth of that to compare with: times, and what
// it needs of memory, connections and disk. The rows are written by SQL, and name a few archives that were uploaded (Linux
// only):
//
// npm run bench:large -- [--scales 0.001,1] [--uploads 100] [--reads 20]

const { values } = parseArgs({
  options: {
    scales: { type: 'string', default: '0.001,1' },
    uploads: { type: 'string', default: '100' },
    reads: { type: 'string', default: '20' },
  },
});
const reads = Number(values.reads);
const print = (line: string) => process.stdout.write(`${line}\n`);
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** The registry's share of a million: most spaces have ten charts of a hundred versions, one has 100,000 versions. */
function groupsOf(scale: number): SpaceGroup[] {
  return [
    { names: ['large'], charts: Math.ceil(10_000 * scale), versions: 10 },
    { names: numbered('space', 900 * scale), charts: 10, versions: 100 },
    { names: numbered('small', 98 * scale), charts: 1, versions: 1 },
  ];
}

function numbered(name: string, total: number): string[] {
  return Array.from({ length: Math.ceil(total) }, (_, index) => `${name}-${index + 1}`);
}

async function measure(scale: number): Promise<void> {
  const dataDir = await makeDataDir();
  const postgres = await startPostgres();
  const environment = { DATABASE_URL: postgres.url, DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
  try {
    // `serve` migrates the database.
    let registry = await serve({ ...environment, LOG_LEVEL: 'info' });
    await uploadAll(registry, 'source', 10);
    await registry.end('SIGTERM');
    const fillingAt = performance.now();
    await withDatabase(postgres.url, async (db) => {
      const archives = await db.query<{ digest: string; size: number }>('SELECT digest, size FROM versions');
      for (const group of groupsOf(scale)) await fillSpaces(db, group, archives);
      await fillJobs(db, 'large', Math.ceil(50_000 * scale));
      await finishFilling(db);
      const [counted] = await db.query<{ total: number }>(
        'SELECT sum(version_count)::int AS total FROM spaces',
      );
      print(`${counted?.total} versions, written by SQL in ${seconds(fillingAt)}`);
    });
    const startedAt = performance.now();
    registry = await serve({ ...environment, LOG_LEVEL: 'info' });
    registry.process.stdout?.resume();
    const pid = registry.process.pid ?? 'self';
    print(`start of serve: ${seconds(startedAt)}, ${await residentMemory(pid)} MiB resident`);
    try {
      for (const space of ['space-1', 'large']) await measureUploads(registry, space);
      for (const [name, pathOf] of lists(scale)) await measureReads(registry, name, pathOf);
      print(
        `memory of serve, without PostgreSQL: ${await residentMemory(pid)} MiB now, ${(await readPeakMemory(pid)).toFixed(0)} MiB at its peak`,
      );
      await measureServers(postgres.url);
    } finally {
      await registry.end('SIGTERM');
    }
    for (const command of ['gc', 'verify']) await measureCommand(command, environment);
  } finally {
    await postgres.dispose();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Lists by name, with the path of the page to read the n-th time: another one each time, or a response would be cached. */
function lists(scale: number): [name: string, pathOf: (n: number) => string][] {
  const spaces = Math.ceil(900 * scale);
  const space = (n: number) => `space-${1 + (n % spaces)}`;
  const api = '/api/v1';
  return [
    ['spaces', (n) => `${api}/spaces?start=${n}`],
    ['charts, 10 in the space', (n) => `${api}/spaces/${space(n)}/charts?start=${n % 5}`],
    ['charts, large space', (n) => `${api}/spaces/large/charts?start=${n}`],
    ['versions', (n) => `${api}/spaces/${space(n)}/charts/chart-1/versions?start=${n}`],
    ['metadata, 10 charts in the space', (n) => `${api}/spaces/${space(n)}/metadata?start=${n}`],
    ['metadata, large space', (n) => `${api}/spaces/large/metadata?start=${n}`],
    ['metadata of latest versions, large space', (n) => `${api}/spaces/large/metadata/latest?start=${n}`],
    ['search for a chart, everywhere', (n) => `${api}/search?q=chart-${n + 1}`],
    ['search for a word of every chart', (n) => `${api}/search?q=everybody&start=${n}`],
    ['search for a word of every chart, one space', (n) => `${api}/search?q=everybody&space=${space(n)}`],
    ['jobs', (n) => `${api}/jobs?start=${n}`],
    ['jobs of a space', (n) => `${api}/jobs?space=large&start=${n}`],
    ['dependents', (n) => `${api}/spaces/large/charts/chart-1/versions/1.0.1/dependents?start=${n}`],
    ['OCI tags', (n) => `/v2/${space(n)}/chart-1/tags/list?n=${10 + n}`],
    ['index of 1,000 versions, first read', (n) => `/${space(n)}/index.yaml`],
    ['index, large space', () => '/large/index.yaml'],
  ];
}

async function uploadAll(registry: Served, space: string, total: number): Promise<number[]> {
  const uploader = createFastUploader(registry.url);
  const times: number[] = [];
  for (let n = 0; n < total; n += 1) {
    const archive = await packChart({ name: 'fresh', version: `1.0.${n}`, values: { space, n } });
    const startedAt = performance.now();
    await uploader.upload(space, archive);
    times.push(performance.now() - startedAt);
  }
  uploader.close();
  return times;
}

async function measureUploads(registry: Served, space: string): Promise<void> {
  printTimes(`upload, ${space}`, await uploadAll(registry, space, Number(values.uploads)));
}

async function measureReads({ url }: Served, name: string, pathOf: (n: number) => string): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < reads; n += 1) {
    const startedAt = performance.now();
    const response = await fetch(`${url}${pathOf(n)}`, { headers: { 'Accept-Encoding': 'identity' } });
    await response.arrayBuffer();
    times.push(performance.now() - startedAt);
    if (response.status !== 200) throw new Error(`${pathOf(n)} was answered ${response.status}`);
  }
  printTimes(name, times);
}

function printTimes(name: string, times: number[]): void {
  const [first = Number.NaN] = times;
  const sorted = times.sort((left, right) => left - right);
  print(
    `${name}: first ${first.toFixed(1)} ms, p50 ${percentile(sorted, 0.5).toFixed(1)} ms, p99 ${percentile(sorted, 0.99).toFixed(1)} ms`,
  );
}

/** Measures what the registry needs of PostgreSQL: connections, memory and disk. */
async function measureServers(url: string): Promise<void> {
  await withDatabase(url, async (db) => {
    const [row] = await db.query<{ connections: number; size: string; pids: number[] }>(
      `SELECT count(*)::int AS connections, pg_database_size(current_database())::text AS size, array_agg(pid) AS pids
         FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    if (!row) return;
    const own = await Promise.all(row.pids.map(readPrivateMemory));
    const total = own.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20;
    print(
      `PostgreSQL: ${row.connections} connections, ${total.toFixed(0)} MiB of their own beside the shared memory, ${(Number(row.size) / 2 ** 20).toFixed(0)} MiB on disk`,
    );
  });
}

/** Reads the bytes of a process that it shares with no other (Linux only: proc_pid_smaps(5)). */
async function readPrivateMemory(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const sizes = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map(([, size]) => Number(size));
  return sizes.reduce((sum, size) => sum + size, 0) * 1024;
}

async function measureCommand(command: string, environment: Record<string, string>): Promise<void> {
  const startedAt = performance.now();
  const { code, stdout, stderr } = await cliOutput([command], environment);
  const said = stdout.trim().split('\n').at(-1) ?? '';
  print(`${command}: ${seconds(startedAt)}, exit ${code}: ${said}${code === 0 ? '' : stderr}`);
}

async function residentMemory(pid: number | 'self'): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024).toFixed(0);
}

await useBuilt();
print(`${describeMachine()}; memory is that of the process of serve`);
for (const scale of values.scales.split(',').map(Number)) await measure(scale);
