import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { packChart } from '../test/support/charts.ts';
import { createClient } from '../test/support/client.ts';
import { serve } from '../test/support/process.ts';
import { hasMinio, startMinio } from '../test/support/servers/object-store.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { readPeakMemory } from './process-stats.ts';
import { describeMachine, makeDataDir, readArchives, spread } from './support.ts';
import { measureUploadRate } from './upload-rate.ts';

// Benchmarks concurrent large uploads to one API process, and its peak memory (Linux only):
//
// npm run bench:uploads -- [--uploads 50] [--width 50] [--files 4] [--packed] [--store filesystem|s3]
//
// With --packed the files are archives of subcharts, which must be unpacked to be read.
//
// With --charts FOLDER it benchmarks the rate of uploads of a folder of packaged charts instead, by 8 clients:
//
// npm run bench:uploads -- --charts FOLDER [--rounds 3]

const { values } = parseArgs({
  options: {
    uploads: { type: 'string', default: '50' },
    width: { type: 'string', default: '50' },
    files: { type: 'string', default: '4' },
    charts: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    packed: { type: 'boolean', default: false },
    store: { type: 'string', multiple: true, default: hasMinio() ? ['filesystem', 's3'] : ['filesystem'] },
  },
});
const uploads = Number(values.uploads);
const fileSize = 4 * 1024 ** 2 - 64 * 1024;
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Packs a chart of incompressible files; a few bytes of each differ, so that every archive is another one. */
async function packLargeChart(index: number, filler: Buffer): Promise<Buffer> {
  const files: Record<string, Buffer> = {};
  for (let at = 0; at < Number(values.files); at++) {
    const bytes = Buffer.from(filler);
    bytes.writeUInt32LE(index * 100 + at, 0);
    if (values.packed) {
      files[`charts/inner-${at}-1.0.0.tgz`] = await packChart({
        name: `inner-${at}`,
        files: { 'data.bin': bytes },
      });
    } else files[`files/${at}.bin`] = bytes;
  }
  return packChart({ name: `large-${index}`, files });
}

async function measure(store: string, archives: Buffer[]): Promise<void> {
  const dataDir = await makeDataDir();
  const postgres = await startPostgres();
  const minio = store === 's3' ? await startMinio() : undefined;
  const environment = {
    DATABASE_URL: postgres.url,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'info',
    ...(minio
      ? {
          S3_ENDPOINT: minio.endpoint,
          S3_BUCKET: 'charts',
          S3_ACCESS_KEY: minio.accessKey,
          S3_SECRET_KEY: minio.secretKey,
        }
      : {}),
  };
  // `serve` migrates the database and makes the bucket.
  await (await serve(environment)).end('SIGTERM');
  const api = await serve(environment, 'api');
  const client = createClient([api.url]);
  const idle = await readPeakMemory(api.process.pid ?? 0);
  const statuses = new Map<number, number>();
  const startedAt = performance.now();
  await spread(archives.length, Number(values.width), async (index) => {
    const response = await client.upload('bench', archives[index] ?? Buffer.alloc(0));
    await response.arrayBuffer();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const peak = await readPeakMemory(api.process.pid ?? 0);
  await api.end('SIGTERM');
  await minio?.dispose();
  await postgres.dispose();
  await rm(dataDir, { recursive: true, force: true });
  const answers = [...statuses].map(([status, count]) => `${count} x ${status}`).join(', ');
  print(
    `${store}: ${answers} in ${seconds.toFixed(1)} s, peak ${peak.toFixed(0)} MiB (${idle.toFixed(0)} MiB before)`,
  );
}

/** Measures large uploads into each store. */
async function measureLarge(): Promise<void> {
  const filler = randomBytes(fileSize);
  const archives: Buffer[] = [];
  for (let index = 0; index < uploads; index++) archives.push(await packLargeChart(index, filler));
  print(
    `${uploads} uploads of ${((archives[0]?.length ?? 0) / 1024 ** 2).toFixed(1)} MiB, ${values.width} at a time`,
  );
  for (const store of values.store) await measure(store, archives);
}

await useBuilt();
print(describeMachine());
if (values.charts === undefined) await measureLarge();
else await measureUploadRate(await readArchives(values.charts), Number(values.rounds), print);
