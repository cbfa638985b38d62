import { readFile, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { packChart } from '../test/support/charts.ts';
import { type Served, serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { fillSpaces, finishFilling, withDatabase } from './fill-registry.ts';
import { describeMachine, makeDataDir, percentile, spread } from './support.ts';
import { createFastUploader } from './upload-fast.ts';
import { findLoadProgram } from './wrk.ts';

// Benchmarks a chart repository of many versions and an empty one, served by one API (Linux only):
//
// npm run bench:index -- [--versions 15000] [--seconds 5] [--uploads 1000]

const { values } = parseArgs({
  options: {
    versions: { type: 'string', default: '15000' },
    seconds: { type: 'string', default: '5' },
    uploads: { type: 'string', default: '1000' },
  },
});
const versions = Number(values.versions);
const uploads = Number(values.uploads);
const perChart = 100;
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Measures uploads by eight clients. */
async function measureUploads(url: string, space: string, series: string): Promise<void> {
  const archives = await Promise.all(
    Array.from({ length: uploads }, (_, n) =>
      packChart({
        name: `${series}-${n % 20}`,
        version: `1.0.${n}`,
        values: { n },
        files: { 'README.md': 'x'.repeat(2_000) },
      }),
    ),
  );
  const uploader = createFastUploader(url);
  const startedAt = performance.now();
  await spread(uploads, 8, (n) => uploader.upload(space, archives[n] ?? Buffer.alloc(0)));
  const perSecond = uploads / ((performance.now() - startedAt) / 1000);
  uploader.close();
  print(`uploads, ${space} space: ${perSecond.toFixed(0)}/s by 8 clients`);
}

/** Measures the time from an upload's response to an index with the new version, and the time of both. */
async function measureNew(url: string, space: string): Promise<void> {
  const uploader = createFastUploader(url);
  const reads: number[] = [];
  const whole: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const archive = await packChart({ name: 'new', version: `1.0.${n}` });
    const startedAt = performance.now();
    await uploader.upload(space, archive);
    const uploaded = performance.now();
    const body = await (
      await fetch(`${url}/${space}/index.yaml`, { headers: { 'Accept-Encoding': 'identity' } })
    ).text();
    reads.push(performance.now() - uploaded);
    whole.push(performance.now() - startedAt);
    if (!body.includes(`charts/new-1.0.${n}.tgz`)) throw new Error('an index lacked a version');
  }
  uploader.close();
  const median = (times: number[]) =>
    percentile(
      times.sort((left, right) => left - right),
      0.5,
    ).toFixed(1);
  print(
    `one more version, ${space} space: in the index ${median(reads)} ms after its answer, ${median(whole)} ms after it was sent`,
  );
}

/** Measures reads of the full index by eight connections. */
async function measureReads(api: Served, encoding: string): Promise<void> {
  const read = (seconds: number) =>
    program.load(api.url, ['/full/index.yaml'], { connections: 8, seconds, encoding });
  // Warm-up.
  await read(2);
  const { perSecond, p50, p99, failed } = await read(Number(values.seconds));
  const refused = failed > 0 ? `, ${failed} REFUSED` : '';
  print(
    `index reads, ${encoding}: ${perSecond.toFixed(0)}/s by 8 connections (p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms${refused}), ${await residentMemory(api)}`,
  );
}

/** Sums up the resident memory of all processes of an API. */
async function residentMemory({ process: { pid } }: Served): Promise<string> {
  const helpers = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean);
  const sizes = await Promise.all([String(pid), ...helpers].map(residentKilobytes));
  const sum = sizes.reduce((total, size) => total + size, 0);
  return `${(sum / 1024).toFixed(0)} MiB resident`;
}

async function residentKilobytes(pid: string): Promise<number> {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

await useBuilt();
const program = await findLoadProgram();
print(`${describeMachine()}; indexes are asked for by ${program.name}`);
const dataDir = await makeDataDir();
const postgres = await startPostgres();
const environment = { DATABASE_URL: postgres.url, DATA_DIR: dataDir, LOG_LEVEL: 'info' };
// `serve` migrates the database.
await (await serve(environment)).end('SIGTERM');
const running: Served[] = [];
const startApi = async (what: string) => {
  const startedAt = performance.now();
  const api = await serve(environment, 'api');
  print(`start with ${what}: ${(performance.now() - startedAt).toFixed(0)} ms, ${await residentMemory(api)}`);
  running.push(api);
  return api;
};
const stop = async () => {
  const [api] = running.splice(0);
  await api?.end('SIGTERM');
};
try {
  let api = await startApi('nothing');
  await measureUploads(api.url, 'empty', 'first');
  await measureUploads(api.url, 'empty', 'second');
  await measureNew(api.url, 'little');
  await stop();
  await withDatabase(postgres.url, async (db) => {
    await fillSpaces(db, { names: ['full'], charts: versions / perChart, versions: perChart });
    await finishFilling(db);
  });
  api = await startApi(`${versions} versions`);
  const startedAt = performance.now();
  const size = (await (await fetch(`${api.url}/full/index.yaml`)).arrayBuffer()).byteLength;
  print(
    `first index of ${(size / 1e6).toFixed(1)} MB: ${(performance.now() - startedAt).toFixed(0)} ms, ${await residentMemory(api)}`,
  );
  await measureNew(api.url, 'full');
  await measureUploads(api.url, 'full', 'first');
  // Helm accepts gzip, as Go's HTTP client does by default.
  for (const encoding of ['gzip', 'identity']) await measureReads(api, encoding);
} finally {
  await stop();
  await postgres.dispose();
  await rm(dataDir, { recursive: true, force: true });
}
