import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { programVersion } from '../core/runtime/package-info.ts';
import { exitOnSignals, startStack } from '../test/support/stack.ts';
import { useBuilt } from './built.ts';
import { composeMany } from './compose-many.ts';
import { makeCharts } from './make-charts.ts';
import { readCores, readProcessorTime } from './process-stats.ts';
import { describeMachine, percentile, readArchives, uploadAll } from './support.ts';

// Benchmarks recipes of three charts each on the distributed deployment, with a growing number of workers:
//
// npm run bench:scale -- [--charts FOLDER] [--recipes 300] [--width 32] [--apis 1] [--workers 1,2,4]

exitOnSignals();
const { values } = parseArgs({
  options: {
    charts: { type: 'string' },
    recipes: { type: 'string', default: '300' },
    width: { type: 'string', default: '32' },
    apis: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1,2,4' },
  },
});
const recipes = Number(values.recipes);
const width = Number(values.width);
const apis = Number(values.apis);
const print = (line: string) => process.stdout.write(`${line}\n`);

const archives = values.charts === undefined ? await makeCharts(16) : await readArchives(values.charts);
const sizes = archives.map(({ length }) => length / 1024).sort((a, b) => a - b);
await useBuilt();
print(`${describeMachine()}, helm-registry ${programVersion}`);
print(
  `${archives.length} charts of ${sizes[0]?.toFixed(0)} to ${sizes.at(-1)?.toFixed(0)} KB packed, median ${percentile(sizes, 0.5).toFixed(0)} KB; ${recipes} recipes of three, ${width} at a time; ${apis} api`,
);
for (const workers of values.workers.split(',').map(Number)) await measure(workers);

async function measure(workers: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-bench-'));
  const stack = await startStack({ apis, workers, folder });
  try {
    const urls = stack.cluster.apis.map(({ url }) => url);
    const charts = await uploadAll(urls[0] ?? '', 'lib', archives);
    // Warm-up.
    await composeMany(urls, charts, { name: 'warm', total: Math.min(workers * 8, 32), width });
    const usedBefore = await readProcessorTime(kindOf);
    const coresBefore = await readCores();
    const { seconds, times, statuses } = await composeMany(urls, charts, {
      name: 'composed',
      total: recipes,
      width,
    });
    const cores = await readCores();
    const used = await readProcessorTime(kindOf);
    const busy = (cores.busy - coresBefore.busy) / (cores.all - coresBefore.all);
    print(
      `${workers} worker${workers === 1 ? ' ' : 's'}: ${(recipes / seconds).toFixed(1)} recipes/s, p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms; ${[...statuses].map(([status, count]) => `${status} x ${count}`).join(', ')}`,
    );
    const shares = [...used].map(([kind, total]) => ({ kind, spent: total - (usedBefore.get(kind) ?? 0) }));
    const ours = shares.reduce((sum, { spent }) => sum + spent, 0);
    print(
      `  processor seconds: ${shares.map(({ kind, spent }) => `${kind} ${spent.toFixed(1)}`).join(', ')}; in all ${ours.toFixed(1)} of ${seconds.toFixed(1)} s`,
    );
    print(
      `  all cores were ${(busy * 100).toFixed(0)} % busy, ${(ours / seconds).toFixed(2)} of them by this`,
    );
  } finally {
    await stack.cluster.close();
    await stack.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

function kindOf(command: string): string {
  if (/postgres/.test(command)) return 'PostgreSQL';
  if (/redis/.test(command)) return 'Redis';
  if (/minio/.test(command)) return 'MinIO';
  if (/main\.[tj]s api/.test(command)) return 'api';
  return /main\.[tj]s worker/.test(command) ? 'workers' : 'other';
}
