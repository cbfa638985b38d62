import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { programVersion } from '../core/runtime/package-info.ts';
import { runCli, whenServing } from '../test/support/process.ts';
import { exitOnSignals } from '../test/support/stack.ts';
import { useBuilt } from './built.ts';
import { composeMany } from './compose-many.ts';
import { makeCharts } from './make-charts.ts';
import { readPeakMemory, readProcessorTime } from './process-stats.ts';
import { describeMachine, makeDataDir, percentile, readArchives, uploadAll } from './support.ts';

// Benchmarks the first recipes of `serve` after a restart, with sources that were uploaded before it and never used. The
// restart comes when the prepared form of each source is stored, or at once:
//
// node --import tsx bench/cold.ts [--charts FOLDER] [--width 16] [--unprepared]

exitOnSignals();
const { values } = parseArgs({
  options: {
    charts: { type: 'string' },
    width: { type: 'string', default: '16' },
    unprepared: { type: 'boolean', default: false },
  },
});
const width = Number(values.width);
const print = (line: string) => process.stdout.write(`${line}\n`);

const maxCharts = 16;
/** Recipes of each phase: the aims are for the first hundred, and for those after them. */
const phases = [100, 400, 1_000];
/** Bytes above which an archive is prepared ahead. */
const minPrepared = 8 * 1024;

const archives = (
  values.charts === undefined ? await makeCharts(maxCharts) : await readArchives(values.charts)
).slice(0, maxCharts);
await useBuilt();
const dataDir = await makeDataDir();
print(`${describeMachine()}, helm-registry ${programVersion}`);

const startedUpload = performance.now();
const before = await startServe();
const charts = await uploadAll(before.url, 'lib', archives);
if (!values.unprepared) await before.prepared(archives.filter(({ length }) => length > minPrepared).length);
print(
  `${archives.length} charts uploaded${values.unprepared ? '' : ' and prepared'} after ${((performance.now() - startedUpload) / 1000).toFixed(1)} s; restart`,
);
await before.end('SIGTERM');

const startedServe = performance.now();
const after = await startServe();
print(`ready after ${(performance.now() - startedServe).toFixed(0)} ms`);
for (const [index, total] of phases.entries()) await measure(`cold-${index}`, total);
print(`peak memory of serve: ${(await readPeakMemory(after.process.pid ?? 0)).toFixed(0)} MiB`);
await after.end('SIGTERM');
await rm(dataDir, { recursive: true, force: true });

async function measure(name: string, total: number): Promise<void> {
  const startedAt = await readServeTime();
  const { seconds, times, statuses } = await composeMany([after.url], charts, { name, total, width });
  const spent = ((await readServeTime()) - startedAt) / total;
  const counts = [...statuses].map(([status, count]) => `${status} x ${count}`).join(', ');
  print(
    `${total} recipes: ${(total / seconds).toFixed(1)} a second; p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms; ${(1000 * spent).toFixed(1)} ms of processor each; ${counts}`,
  );
}

/** Reads the seconds of processor time that `serve` and its PostgreSQL have taken. */
async function readServeTime(): Promise<number> {
  return (await readProcessorTime(() => 'serve')).get('serve') ?? 0;
}

/** Starts `serve`. `prepared` resolves when it has logged so many stored forms. */
async function startServe() {
  const child = runCli(['serve'], { LISTEN: '127.0.0.1:0', LOG_LEVEL: 'info', DATA_DIR: dataDir });
  process.once('exit', () => child.kill());
  let stored = 0;
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.includes('its form stored')) return;
      stored += 1;
      child.emit('form stored');
    });
  const served = await whenServing(child, 'serve');
  const prepared = async (wanted: number) => {
    while (stored < wanted) await once(child, 'form stored');
  };
  return { ...served, prepared };
}
