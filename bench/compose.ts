import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { filesInArchiveOrder } from '../core/archive/assembly/index.ts';
import { defaultChartLimits as limits } from '../core/archive/limits.ts';
import { packArchive } from '../core/archive/write-archive.ts';
import { digestOf } from '../core/blobs/content.ts';
import type { Digest } from '../core/blobs/port.ts';
import { toChartMetadata } from '../core/chart/read-chart.ts';
import { composePlan } from '../core/recipe/compose.ts';
import { composePrepared, type Source } from '../core/recipe/compose-prepared.ts';
import { parseRecipe } from '../core/recipe/parse.ts';
import { type FoundSource, type Plan, planRecipe } from '../core/recipe/plan.ts';
import { createPreparer, preparerDefaults } from '../core/sources/preparer.ts';
import { readSource } from '../core/sources/read-source.ts';
import { memoryOf } from '../core/sources/source-cache.ts';
import { decodeForm } from '../core/sources/source-form.ts';
import { type MakeNode, type Node, recipes } from './recipes.ts';
import { describeMachine, percentile } from './support.ts';

// Benchmarks composition as a function, without database and queue, against plain composition and bare copying:
//
// npm run --silent build:bench && node dist/bench/compose.js --charts FOLDER [--runs 500] [--slow 20]

const { values } = parseArgs({
  options: {
    charts: { type: 'string' },
    runs: { type: 'string', default: '500' },
    slow: { type: 'string', default: '20' },
  },
});
if (values.charts === undefined) throw new Error('--charts FOLDER: a folder of packaged charts is needed');
const [runs, slow] = [Number(values.runs), Number(values.slow)];
const print = (line: string) => process.stdout.write(`${line}\n`);

interface Stored {
  digest: Digest;
  bytes: Buffer;
  source: Source;
}

const stored = new Map<string, Stored>();
const found = new Map<string, FoundSource>();
const archives = (await readdir(values.charts)).filter((name) => name.endsWith('.tgz')).sort();
for (const file of archives) {
  const bytes = await readFile(join(values.charts, file));
  const source = await readSource(bytes, limits);
  const { name, version } = source.chart;
  stored.set(name, { digest: digestOf(bytes), bytes, source });
  found.set(`lib/${name}/${version}`, { digest: digestOf(bytes), metadata: toChartMetadata(source.chart) });
}

const bySize = [...stored.entries()].sort(([, left], [, right]) => left.bytes.length - right.bytes.length);

const node: MakeNode = (named, config, children) => {
  const [placed = ''] = bySize[Math.round(Number(named) * (bySize.length - 1))] ?? [];
  const chart = typeof named === 'string' ? named : placed;
  const version = stored.get(chart)?.source.chart.version;
  const source = { package: { independent: true, space: 'lib', chart, version } };
  return { ...source, ...(config && { _config: config }), ...children };
};

interface Figures {
  least: number;
  p50: number;
  p99: number;
}

/** Milliseconds of warm-up, in which V8 compiles hot code; small charts need more than a number of runs. */
const warmUpMs = 300;

async function measure(times: number, action: (run: number) => unknown): Promise<Figures> {
  const before = Math.ceil(times / 5);
  const warm = performance.now() + warmUpMs;
  for (let run = 0; run < before || performance.now() < warm; run += 1) await action(run % before);
  const timesMs: number[] = [];
  for (let run = 0; run < times; run += 1) {
    const startedAt = performance.now();
    await action(before + run);
    timesMs.push(performance.now() - startedAt);
  }
  timesMs.sort((a, b) => a - b);
  return { least: timesMs[0] ?? Number.NaN, p50: percentile(timesMs, 0.5), p99: percentile(timesMs, 0.99) };
}

const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1).padStart(7);

function sourcesOf(plan: Plan): Stored[] {
  const digests = new Set(JSON.stringify(plan).match(/sha256:[0-9a-f]{64}/g) ?? []);
  return [...stored.values()].filter(({ digest }) => digests.has(digest));
}

function planOf(chart: string, configs: Node): Plan {
  const parsed = parseRecipe(
    { save: { chart, version: '1.0.0', description: 'A shop' }, configs },
    { space: 'shops', values: 'merge' },
  );
  return planRecipe(parsed, 'shops', (space, source, version) => found.get(`${space}/${source}/${version}`));
}

async function benchRecipe(name: string, configs: (run: number) => Node): Promise<void> {
  const plan = planOf('shop', configs(0));
  const others = Array.from({ length: 2 * runs }, (_, run) => planOf(`shop-${run}`, configs(run + 1)));
  const used = sourcesOf(plan);
  const sources = new Map(used.map(({ digest, source }) => [digest, source]));
  const charts = new Map(used.map(({ digest, source }) => [digest, source.chart]));
  const composed = await composePrepared(plan, sources, limits);
  const { archive, arrangement } = composed;
  const { folder } = arrangement;
  const files = filesInArchiveOrder(arrangement);
  const plain = await packArchive(folder, files);
  if (!gunzipSync(archive).equals(gunzipSync(plain))) throw new Error('the two roads differ');

  const figures: [string, Figures][] = [
    ['plain road', await measure(slow, () => composePlan(plan, charts, limits))],
    [
      'cold: unpack, read, prepare, compose',
      await measure(slow / 4, async () => {
        const read = await Promise.all(
          used.map(async ({ digest, bytes }) => [digest, await readSource(bytes, limits)] as const),
        );
        await composePrepared(plan, new Map(read), limits);
      }),
    ],
    ['warm', await measure(runs, () => composePrepared(plan, sources, limits))],
    ['new', await measure(runs, (run) => composePrepared(others[run] ?? plan, sources, limits))],
    ['what is stored of it beside', await measure(runs / 5, () => composed.inspect())],
    ['bare gunzip + gzip', await measure(slow, () => gzipSync(gunzipSync(plain)))],
    [
      'bare copy + sha256',
      await measure(runs, () => createHash('sha256').update(Buffer.from(archive)).digest('hex')),
    ],
  ];
  const times = new Map(figures);
  const least = (key: string): number => times.get(key)?.least ?? Number.NaN;
  const median = (key: string): number => times.get(key)?.p50 ?? Number.NaN;
  print(
    `\n${name}: ${files.length} files, ${archive.length} bytes, ${(archive.length / plain.length).toFixed(4)} of gzip's`,
  );
  for (const [label, { least: min, p50, p99 }] of figures)
    print(`  least ${ms(min)}  p50 ${ms(p50)}  p99 ${ms(p99)} ms  ${label}`);
  const ratios = (label: string, of: (key: string) => number): string =>
    `${(of('plain road') / of(label)).toFixed(0)} times the plain road, ${(of(label) / of('bare copy + sha256')).toFixed(1)} times copy + sha256`;
  print(`  warm is by medians ${ratios('warm', median)}; by the least ${ratios('warm', least)}`);
  print(
    `  a new chart and configuration each time: ${ratios('new', median)}; by the least ${ratios('new', least)}`,
  );
}

/** Measures the delay of the event loop while all charts are read, one after another. */
async function benchWaiting(label: string, inPlace: number): Promise<void> {
  const preparer = createPreparer(limits, { ...preparerDefaults, inPlace });
  const load = async (bytes: Buffer) => {
    const prepared = await preparer.prepare(bytes);
    if ('form' in prepared) await decodeForm(prepared.form);
  };
  const [first] = stored.values();
  if (first) await load(first.bytes);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  for (const { bytes } of stored.values()) await load(bytes);
  const timesMs = performance.now() - startedAt;
  delay.disable();
  print(
    `  ${label}: ${ms(timesMs)} ms in all, the event loop late by p99 ${ms(delay.percentile(99) / 1e6)}, at most ${ms(delay.max / 1e6)} ms`,
  );
  await preparer.close();
}

print(`${describeMachine()}, zlib ${process.versions.zlib}`);
for (const [name, configs] of recipes) {
  try {
    await benchRecipe(name, (run) => configs(node, run));
  } catch (error) {
    print(`\n${name}: left out, ${String(error)}`);
  }
}
print(`\n${stored.size} charts read for the first time`);
await benchWaiting('in place', 2 ** 28);
await benchWaiting('in a thread', 0);
await benchWaiting('as it is', preparerDefaults.inPlace);
const cachedBytes = [...stored.values()].reduce((sum, { source }) => sum + memoryOf(source), 0);
print(
  `  the cache counts ${(cachedBytes / 2 ** 20).toFixed(1)} MiB for them; peak memory of this process ${(process.resourceUsage().maxRSS / 2 ** 10).toFixed(0)} MiB`,
);
