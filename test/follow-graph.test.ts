import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeGraph } from './follow/graph.ts';
import { buildGraph, compareByHand, runWave, type WaveSetup } from './follow/waves.ts';
import { startCluster } from './support/cluster.ts';
import { createTestDatabase } from './support/postgres.ts';
import { createRandom } from './support/random.ts';

it('forty charts on four levels follow their leaves once each, in order, while workers are killed', async () => {
  const database = await createTestDatabase('template0');
  const folder = await mkdtemp(join(tmpdir(), 'registry-follow-'));
  const cluster = await startCluster({
    apis: 1,
    workers: 2,
    environment: { DATABASE_URL: database.url, DATA_DIR: folder, FOLLOW_JOBS: '5' },
  });
  onTestFinished(async () => {
    await cluster.close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });
  const random = createRandom(7);
  const graph = makeGraph({ leaves: 8, composed: 40, levels: 4 }, random);
  const setup: WaveSetup = {
    ...{ cluster, db: database.db, graph, random },
    ...{ wait: '4s', killEveryMs: 3_500, timeoutMs: 180_000 },
  };
  await buildGraph(setup);
  const leaves = graph.filter(({ level }) => level === 0).map(({ name }) => name);
  const first = await runWave(setup, leaves.slice(0, 1), '1.0.1');
  expect(first.faults).toEqual([]);
  expect(first.dependents).toBeGreaterThan(5);
  const second = await runWave(setup, leaves.slice(1), '1.0.2');
  expect(second.faults).toEqual([]);
  expect(first.killed + second.killed).toBeGreaterThan(0);
  expect(await compareByHand(setup)).toEqual([]);
}, 600_000);
