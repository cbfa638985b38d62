import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createClient } from '../test/support/client.ts';
import { serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import type { Load } from './http-load.ts';
import { makeCharts } from './make-charts.ts';
import { describeMachine, makeDataDir, uploadAll } from './support.ts';
import { findLoadProgram } from './wrk.ts';

// Benchmarks reads of lists, values and latest metadata by many connections to one API, alone and during uploads to
// the same space:
//
// npm run bench:reads -- [--charts 117] [--connections 16] [--seconds 5]

const { values } = parseArgs({
  options: {
    charts: { type: 'string', default: '117' },
    connections: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '5' },
  },
});
const options = { connections: Number(values.connections), seconds: Number(values.seconds) };
let uploads = 0;
const print = (line: string) => process.stdout.write(`${line}\n`);

await useBuilt();
const program = await findLoadProgram();
print(`${describeMachine()}; asked by ${program.name}`);
const dataDir = await makeDataDir();
const postgres = await startPostgres();
const environment = { DATABASE_URL: postgres.url, DATA_DIR: dataDir, LOG_LEVEL: 'info' };
// `serve` migrates the database.
await (await serve(environment)).end('SIGTERM');
const api = await serve(environment, 'api');
try {
  const charts = await uploadAll(api.url, 'bench', await makeCharts(Number(values.charts)));
  const space = '/api/v1/spaces/bench';
  const of = (end: (chart: string, version: string) => string) =>
    charts.map(([chart, version]) => `${space}/charts/${chart}/${end(chart, version)}`);
  const reads: [string, string[]][] = [
    ['lists of charts', [`${space}/charts?limit=10`]],
    ['values', of((_, version) => `versions/${version}/manifests/values`)],
    ['latest metadata', of(() => 'metadata/latest')],
  ];
  for (const [name, paths] of reads) {
    // Warm-up.
    await program.load(api.url, paths, { ...options, seconds: 2 });
    const alone = await program.load(api.url, paths, options);
    const writing = new AbortController();
    const writes = write(api.url, writing.signal);
    const concurrent = await program.load(api.url, paths, options);
    writing.abort();
    const perSecond = (await writes) / options.seconds;
    print(
      `${name.padEnd(16)} ${describe(alone)}; during ${perSecond.toFixed(0)} uploads/s: ${describe(concurrent)}`,
    );
  }
} finally {
  await api.end('SIGTERM');
  await postgres.dispose();
  await rm(dataDir, { recursive: true, force: true });
}

function describe({ perSecond, p50, p99, failed }: Load): string {
  const refused = failed > 0 ? `, ${failed} REFUSED` : '';
  return `${perSecond.toFixed(0).padStart(6)}/s (p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms${refused})`;
}

/** Uploads one version after the other until stopped. @returns the number of uploads */
async function write(url: string, signal: AbortSignal): Promise<number> {
  const client = createClient([url]);
  let written = 0;
  while (!signal.aborted) {
    const { status } = await client.upload('bench', { name: 'written', version: `1.0.${uploads++}` });
    if (status !== 201) throw new Error(`an upload was answered ${status}`);
    written += 1;
  }
  return written;
}
