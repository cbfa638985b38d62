import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool } from '../../core/db/pool.ts';
import { startCluster } from '../support/cluster.ts';
import { createRandom } from '../support/random.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import { exitOnSignals } from '../support/stack.ts';
import { makeGraph } from './graph.ts';
import { buildGraph, compareByHand, runWave, type WaveResult, type WaveSetup } from './waves.ts';

// Lets 200 charts on 6 levels follow 60 leaves, publishes one leaf and then 50 at once, kills workers meanwhile, and checks
// that each chart is composed once and in order, and equals the one that is composed by hand:
//   npm run test:follow -- [SEED]

exitOnSignals();
const say = (line: string) => process.stdout.write(`${line}\n`);
const seed = Number(process.argv[2] ?? 1);
const random = createRandom(seed);
const graph = makeGraph({ leaves: 60, composed: 200, levels: 6 }, random);
const folder = await mkdtemp(join(tmpdir(), 'helm-registry-follow-'));
const postgres = await startPostgres();
const db = createPool({ url: postgres.url, applicationName: 'test', onError: () => undefined });
const cluster = await startCluster({
  apis: 1,
  workers: 2,
  logFolder: folder,
  environment: { DATABASE_URL: postgres.url, DATA_DIR: join(folder, 'data') },
});
process.once('exit', () => {
  cluster.kill();
  void postgres.end('SIGKILL');
});

function report(name: string, { dependents, seconds, killed, faults }: WaveResult): void {
  say(`${name}: ${dependents} charts in ${seconds.toFixed(1)} s, ${killed} workers killed`);
  for (const fault of faults) say(`FAILED  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}

const setup: WaveSetup = { cluster, db, graph, random, wait: '10s', killEveryMs: 4_000, timeoutMs: 900_000 };
const leaves = graph.filter(({ level }) => level === 0).map(({ name }) => name);
const used = leaves.filter((leaf) => graph.some(({ sources }) => sources.includes(leaf)));
say(`seed ${seed}: ${graph.length - leaves.length} charts on 6 levels over ${leaves.length} leaves`);
await buildGraph(setup);
report('one leaf', await runWave(setup, used.slice(0, 1), '1.0.1'));
report('50 leaves', await runWave(setup, leaves.slice(-50), '1.0.2'));
const differences = await compareByHand(setup);
say(`composed by hand: ${differences.length} of ${graph.length} charts differ`);
for (const difference of differences) say(`FAILED  ${difference}`);
if (differences.length > 0) process.exitCode = 1;
await cluster.close();
await db.close();
await postgres.dispose();
if (process.exitCode === 1) say(`logs are in ${folder}`);
else await rm(folder, { recursive: true, force: true });
