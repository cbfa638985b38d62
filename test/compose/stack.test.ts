import { afterAll, beforeAll, expect, it } from 'vitest';
import { jobsOf, linkOf } from '../support/answers.ts';
import { createClient } from '../support/client.ts';
import { type ComposeStack, startComposeStack } from '../support/compose/stack.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let stack: ComposeStack;
beforeAll(async () => {
  // The database has no tables and the bucket does not exist, so that the service `migrate` makes both.
  database = await createTestDatabase('template0');
  stack = await startComposeStack({ databaseUrl: database.url, migrate: true, apis: 2, workers: 3 });
});
afterAll(async () => {
  await stack.close();
  await database.drop();
});

it('every process passes its health check, and the check fails at a closed port', async () => {
  expect(stack.running.map(({ service }) => service).sort()).toEqual([
    'api',
    'api',
    'worker',
    'worker',
    'worker',
  ]);
  for (const { service, healthUrl } of stack.running) {
    expect([service, await stack.checkHealth(service, healthUrl)]).toEqual([service, 0]);
  }
  expect(await stack.checkHealth('api', 'http://127.0.0.1:1')).toBe(1);
});

it('a recipe accepted by one API is composed by workers, and downloaded from both APIs byte for byte', async () => {
  const { upload, orchestrate } = createClient(stack.urls);
  const before = (await stack.bucket.list()).length;
  expect((await upload('lib', { name: 'web' })).status).toBe(201);
  const links = await Promise.all(
    Array.from({ length: 24 }, async (_, number) => {
      const response = await orchestrate('lib', {
        save: { chart: `made-${number}`, version: '1.0.0' },
        configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
      });
      expect(response.status).toBe(201);
      return linkOf(response);
    }),
  );
  for (const { link } of links) {
    const [first, ...others] = await Promise.all(
      stack.urls.map(async (url) =>
        Buffer.from(await (await fetch(url + link)).arrayBuffer()).toString('hex'),
      ),
    );
    expect(first?.length).toBeGreaterThan(100);
    expect(others).toEqual([first]);
  }
  const jobs = await Promise.all(stack.urls.map(async (url) => jobsOf(await fetch(`${url}/api/v1/jobs`))));
  expect(jobs.map(({ metadata }) => metadata.total)).toEqual([24, 24]);
  // All archives are in the bucket that `migrate` made.
  expect((await stack.bucket.list()).length).toBe(before + 25);
});
