import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { serve } from '../test/support/process.ts';
import { useBuilt } from './built.ts';
import { describeMachine, makeDataDir, percentile, readArchives, uploadAll } from './support.ts';

// Benchmarks the parts that a page of a chart opens with, of each chart of a folder, over HTTP: the first time, when
// the archive has to be opened, and again, when it is in memory:
//
// npm run bench:page -- --charts FOLDER [--runs 5]

const { values } = parseArgs({
  options: { charts: { type: 'string' }, runs: { type: 'string', default: '5' } },
});
if (values.charts === undefined) throw new Error('--charts FOLDER: a folder of packaged charts is needed');
const runs = Number(values.runs);
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Asks once. @returns milliseconds until the whole answer; a chart may lack a README */
async function time(url: string): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok && response.status !== 404) throw new Error(`${url}: ${response.status}`);
  return performance.now() - startedAt;
}

function describe(times: number[]): string {
  times.sort((left, right) => left - right);
  const [p50, p90, max] = [0.5, 0.9, 1].map((share) => percentile(times, share).toFixed(1));
  return `p50 ${p50} ms, p90 ${p90} ms, longest ${max} ms`;
}

await useBuilt();
print(describeMachine());
const dataDir = await makeDataDir();
const api = await serve({ DATA_DIR: dataDir });
try {
  const charts = await uploadAll(api.url, 'bench', await readArchives(values.charts));
  const versions = charts.map(
    ([chart, version]) => `/api/v1/spaces/bench/charts/${chart}/versions/${version}`,
  );
  const parts: Record<string, string> = {
    details: '/details',
    files: '/files?limit=1000',
    README: '/files/README.md',
    'values with origins': '/manifests/values?origin=true',
  };
  // Starts the threads.
  await Promise.all(
    versions.slice(0, 2).map((version) => time(`${api.url}${version}/compare/${version.split('/').at(-1)}`)),
  );
  for (const [name, part] of Object.entries(parts)) {
    const first: number[] = [];
    const again: number[] = [];
    for (const version of versions) {
      first.push(await time(`${api.url}${version}${part}`));
      for (let run = 1; run < runs; run += 1) again.push(await time(`${api.url}${version}${part}`));
    }
    print(`${name.padEnd(20)} first: ${describe(first)}; again: ${describe(again)}`);
  }
} finally {
  await api.end('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
}
