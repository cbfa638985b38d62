import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { programVersion } from '../core/runtime/package-info.ts';
import { startCluster } from '../test/support/cluster.ts';
import { serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { startRedis } from '../test/support/servers/redis.ts';
import { exitOnSignals } from '../test/support/stack.ts';
import { useBuilt } from './built.ts';
import { composeMany } from './compose-many.ts';
import { makeCharts } from './make-charts.ts';
import { readPeakMemory, readProcessorTime } from './process-stats.ts';
import { describeMachine, percentile, readArchives, uploadAll } from './support.ts';

// Benchmarks recipes of three charts each over HTTP, on the embedded default, or on PostgreSQL and Redis with
// one api and two workers. It runs in rounds, since V8 goes on compiling hot code for some thousands of recipes:
//
// node --import tsx bench/orchestrate.ts [--charts FOLDER] [--recipes 1000] [--rounds 3] [--width 16] [--on
// embedded|redis] [--poll MILLISECONDS]

exitOnSignals();
const { values } = parseArgs({
  options: {
    charts: { type: 'string' },
    recipes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    width: { type: 'string', default: '16' },
    on: { type: 'string', default: 'embedded' },
    poll: { type: 'string' },
  },
});
const pollMs = values.poll === undefined ? undefined : Number(values.poll);
const [recipes, rounds, width] = [Number(values.recipes), Number(values.rounds), Number(values.width)];
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Running registry with its Node processes. */
interface RunningRegistry {
  url: string;
  pids: { name: string; pid: number }[];
  end(): Promise<void>;
}

async function startEmbedded(folder: string): Promise<RunningRegistry> {
  const served = await serve({ DATA_DIR: join(folder, 'data') });
  return {
    url: served.url,
    pids: [{ name: 'serve', pid: served.process.pid ?? 0 }],
    end: async () => void (await served.end('SIGTERM')),
  };
}

async function startOnRedis(folder: string): Promise<RunningRegistry> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const environment = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    DATA_DIR: join(folder, 'data'),
  };
  const cluster = await startCluster({ apis: 1, workers: 2, environment, logFolder: folder });
  return {
    url: cluster.apis[0]?.url ?? '',
    pids: [...cluster.apis, ...cluster.workers].map(({ name, pid }) => ({ name, pid: pid() ?? 0 })),
    async end() {
      await cluster.close();
      await Promise.all([postgres.dispose(), redis.dispose()]);
    },
  };
}

const kindOf = (command: string): string => {
  if (/postgres/.test(command)) return 'PostgreSQL';
  return /redis/.test(command) ? 'Redis' : (/main\.[tj]s (\w+)/.exec(command)?.[1] ?? 'other');
};

const archives = values.charts === undefined ? await makeCharts(16) : await readArchives(values.charts);
const sizes = archives.map(({ length }) => length / 1024).sort((a, b) => a - b);
await useBuilt();
const folder = await mkdtemp(join(tmpdir(), 'registry-bench-'));
const running = await (values.on === 'redis' ? startOnRedis(folder) : startEmbedded(folder));
const charts = await uploadAll(running.url, 'lib', archives);
// Warm-up.
const warmUp = Math.ceil(recipes / 5);
await composeMany([running.url], charts, { name: 'warm', total: warmUp, width, pollMs });
print(`\n${describeMachine()}, helm-registry ${programVersion}`);
print(
  `${values.on}: rounds of ${recipes} recipes of three out of ${charts.length} charts (${sizes[0]?.toFixed(0)} to ${sizes.at(-1)?.toFixed(0)} KB, median ${percentile(sizes, 0.5).toFixed(0)}), ${width} at a time, ${pollMs === undefined ? 'waited for' : `polled every ${pollMs} ms`}`,
);
for (let round = 1; round <= rounds; round += 1) await measure(round);
const memory = await Promise.all(
  running.pids.map(async ({ name, pid }) => `${name} ${(await readPeakMemory(pid)).toFixed(0)}`),
);
print(`  peak memory in MiB: ${memory.join(', ')}`);
await running.end();
await rm(folder, { recursive: true, force: true });

async function measure(round: number): Promise<void> {
  const before = await readProcessorTime(kindOf);
  const name = `composed-${round}`;
  const { seconds, times, statuses } = await composeMany([running.url], charts, {
    name,
    first: warmUp + (round - 1) * recipes,
    total: recipes,
    width,
    pollMs,
  });
  const after = await readProcessorTime(kindOf);
  print(
    `  ${(recipes / seconds).toFixed(1)} a second; p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms; ${[...statuses].map(([status, count]) => `${status} x ${count}`).join(', ')}`,
  );
  const spent = [...after].map(
    ([kind, total]) => `${kind} ${(((total - (before.get(kind) ?? 0)) / recipes) * 1000).toFixed(1)}`,
  );
  print(`    processor ms a recipe: ${spent.join(', ')}`);
}
