import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCluster } from './cluster.ts';
import { createTestDatabase } from './postgres.ts';

it('a member that is killed comes back at its address, and all of them end when they are asked to', async () => {
  const database = await createTestDatabase('template0');
  const folder = await mkdtemp(join(tmpdir(), 'registry-cluster-'));
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
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});
