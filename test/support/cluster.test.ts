import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startCluster } from './cluster.ts';
import { createTestDatabase } from './postgres.ts';

it('a killed member of a cluster is started again at its address, and SIGTERM ends all members', async () => {
  const database = await createTestDatabase('template0');
  onTestFinished(() => database.drop());
  const folder = await mkdtemp(join(tmpdir(), 'registry-cluster-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const environment = { DATABASE_URL: database.url, DATA_DIR: folder };
  const cluster = await startCluster({ apis: 2, workers: 1, environment, logFolder: folder });
  const [api] = cluster.apis;
  const first = api?.pid();
  api?.signal('SIGKILL');
  await expect
    .poll(() => api?.ends, { timeout: 20_000 })
    .toMatchObject([{ signal: 'SIGKILL', wasReady: true }]);
  await api?.ready();
  expect(api?.pid()).not.toBe(first);
  expect((await fetch(`${api?.url}/readyz`)).status).toBe(200);

  const ends = await cluster.close();
  expect(ends.map(({ end }) => end.code)).toEqual([0, 0, 0]);
  expect(await readFile(join(folder, 'api-1.log'), 'utf8')).toContain('"msg":"serving"');
});
