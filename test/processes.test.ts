import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { linkOf, namesOf } from './support/answers.ts';
import { createClient } from './support/client.ts';
import { createTestDatabase } from './support/postgres.ts';
import { cliOutput, serve } from './support/process.ts';

it('two APIs and two workers on one database and one folder are one registry', async () => {
  const database = await createTestDatabase('template0');
  onTestFinished(() => database.drop());
  const dataDir = await mkdtemp(join(tmpdir(), 'registry-processes-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const environment = { DATABASE_URL: database.url, DATA_DIR: dataDir };
  const early = await cliOutput(['api'], { ...environment, LISTEN: '127.0.0.1:0' });
  expect(early.stderr).toContain('run `helm-registry migrate`');
  expect((await cliOutput(['migrate'], environment)).code).toBe(0);

  const [apis, workers] = await Promise.all([
    Promise.all(['134217728', '0'].map((API_SOURCES) => serve({ ...environment, API_SOURCES }, 'api'))),
    Promise.all([serve(environment, 'worker'), serve(environment, 'worker')]),
  ]);
  const [one = '', other = ''] = apis.map((process) => process.url);
  const compose = (url: string, chart: string, wait = 30) =>
    fetch(`${url}/api/v1/spaces/lib/charts`, {
      method: 'POST',
      headers: { Prefer: `wait=${wait}` },
      body: JSON.stringify({
        save: { chart, version: '1.0.0' },
        configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
      }),
    });
  expect((await createClient([one]).upload('lib', { name: 'web' })).status).toBe(201);
  const links = await Promise.all(
    Array.from({ length: 12 }, async (_, number) => {
      const response = await compose(number % 2 === 0 ? one : other, `made-${number}`);
      expect(response.status).toBe(201);
      return linkOf(response);
    }),
  );
  for (const { link } of links) {
    const [first, second] = await Promise.all(
      [one, other].map(async (url) => Buffer.from(await (await fetch(url + link)).arrayBuffer())),
    );
    expect(first?.length).toBeGreaterThan(100);
    expect(second?.equals(first ?? Buffer.alloc(0))).toBe(true);
  }
  expect((await namesOf(await fetch(`${other}/api/v1/spaces/lib/charts`))).metadata.total).toBe(13);

  // Without workers an API composes inline for a waiting client once the source is cached, unless API_SOURCES is 0.
  expect(await Promise.all(workers.map((process) => process.end('SIGTERM')))).toEqual([0, 0]);
  let attempts = 0;
  await expect
    .poll(async () => (await compose(one, `alone-${++attempts}`, 1)).status, { timeout: 60_000 })
    .toBe(201);
  expect((await compose(other, 'left-to-workers', 1)).status).toBe(202);

  expect(await Promise.all(apis.map((process) => process.end('SIGTERM')))).toEqual([0, 0]);
});
