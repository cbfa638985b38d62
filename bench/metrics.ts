import { readFile, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { findFreePort } from '../core/db/embedded/free-port.ts';
import { createClient } from '../test/support/client.ts';
import { type Served, serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { describeMachine, makeDataDir, percentile } from './support.ts';
import { findLoadProgram } from './wrk.ts';

// Benchmarks the fastest reads, a small list and metadata from memory, of two registries on one database: one with metrics,
// which are scraped every 15 seconds meanwhile, and one without. Rounds alternate, and each round with metrics is compared with
// the one without beside it: requests a second, and processor time of a request, which says more on a busy machine:
//
// npm run bench:metrics -- [--rounds 8] [--connections 16] [--seconds 4]

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '4' },
  },
});
const options = { connections: Number(values.connections), seconds: Number(values.seconds) };
const print = (line: string) => process.stdout.write(`${line}\n`);
const paths = [
  '/api/v1/spaces/bench/charts',
  '/api/v1/spaces/bench/charts/web/versions/1.0.0/manifests/metadata',
];

/** Result of one round. */
interface Round {
  perSecond: number;
  /** Microseconds of processor time of the registry for a request. */
  cpu: number;
}

await useBuilt();
const program = await findLoadProgram();
print(`${describeMachine()}; asked by ${program.name}`);
const [dataDir, postgres] = await Promise.all([makeDataDir(), startPostgres()]);
const port = await findFreePort();
const environment = { DATABASE_URL: postgres.url, DATA_DIR: dataDir };
const without = await serve(environment);
const withMetrics = await serve({ ...environment, METRICS_LISTEN: `127.0.0.1:${port}` });
for (const { process: child } of [without, withMetrics]) child.stdout?.resume();
const scrape = () => fetch(`http://127.0.0.1:${port}/metrics`).then((response) => response.text());
const scraping = setInterval(() => void scrape().catch(() => undefined), 15_000);
try {
  await createClient([without.url]).upload('bench', { name: 'web' });
  for (const registry of [without, withMetrics]) await measure(registry);
  const pairs: { off: Round; on: Round }[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    // The order changes, so that neither always has what the other leaves behind.
    const first = round % 2 === 0 ? without : withMetrics;
    const [one, other] = [await measure(first), await measure(first === without ? withMetrics : without)];
    const pair = first === without ? { off: one, on: other } : { off: other, on: one };
    pairs.push(pair);
    print(`  without ${describe(pair.off)}   with ${describe(pair.on)}`);
  }
  const share = (of: (pair: (typeof pairs)[number]) => number) => {
    const ratios = pairs.map(of).sort((a, b) => a - b);
    const shown = [0.25, 0.5, 0.75].map((at) => `${((percentile(ratios, at) - 1) * 100).toFixed(1)} %`);
    return `${shown[1]} (quartiles ${shown[0]} and ${shown[2]})`;
  };
  print(`requests a second with metrics: ${share(({ off, on }) => on.perSecond / off.perSecond)}`);
  print(`processor time of a request with metrics: ${share(({ off, on }) => on.cpu / off.cpu)}`);
} finally {
  clearInterval(scraping);
  await Promise.all([without.end('SIGTERM'), withMetrics.end('SIGTERM')]);
  await postgres.dispose();
  await rm(dataDir, { recursive: true, force: true });
}

async function measure({ url, process: { pid } }: Served): Promise<Round> {
  const before = await cpuSeconds(pid);
  const { perSecond, failed } = await program.load(url, paths, options);
  if (failed > 0) throw new Error(`${failed} requests failed`);
  const used = (await cpuSeconds(pid)) - before;
  return { perSecond, cpu: (used * 1e6) / (perSecond * options.seconds) };
}

/** Reads the processor time of a process, as Linux counts it in hundredths of a second. */
async function cpuSeconds(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) / 100;
}

function describe({ perSecond, cpu }: Round): string {
  return `${perSecond.toFixed(0)} a second, ${cpu.toFixed(1)} µs each`;
}
