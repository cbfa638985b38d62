import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createClient as createTypedClient } from '../../client/src/index.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { workers: 3, looksOften: true });
});
afterAll(() => registry.close());

const spaceOf = (name: string) => createTypedClient({ url: registry.url, basic: registry.login }).space(name);

async function publish(space: string, name: string, versions: readonly string[]): Promise<void> {
  for (const version of versions) expect((await registry.upload(space, { name, version })).status).toBe(201);
}

it('stores rules, shows what they would delete and why, and ends', async () => {
  const space = spaceOf('rules');
  await publish('rules', 'web', ['1.0.0', '1.1.0', '1.2.0', '2.0.0-rc.1']);
  await publish('rules', 'api', ['1.0.0', '2.0.0']);
  expect(await space.retention.get()).toMatchObject({ rules: [], scheduled: false, changedAt: null });
  expect((await space.retention.preview({ action: 'delete' }).page()).items).toEqual([]);

  const rules = [
    { charts: ['w*'], keep: { last: 1, range: '~1.1' } },
    { charts: ['a*'], keep: { newerDays: 1 } },
  ];
  const stored = await space.retention.set({ rules, mostDeleted: 5 });
  expect(stored).toMatchObject({ rules, mostDeleted: 5, scheduled: true });
  expect(Date.parse(stored.nextRunAt ?? '')).toBeGreaterThan(Date.now() + 86_000_000);
  expect(await space.retention.get()).toEqual(stored);

  const listed = [];
  for await (const item of space.retention.preview()) listed.push(item);
  expect(
    listed.map(({ chart, version, action, rule, reason }) => [chart, version, action, rule, reason]),
  ).toEqual([
    ['api', '2.0.0', 'keep', 2, 'highest'],
    ['api', '1.0.0', 'keep', 2, 'newerDays'],
    ['web', '2.0.0-rc.1', 'keep', 1, 'last'],
    ['web', '1.2.0', 'keep', 1, 'highest'],
    ['web', '1.1.0', 'keep', 1, 'range'],
    ['web', '1.0.0', 'delete', 1, 'unkept'],
  ]);
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await space.retention.preview().page({ limit: 4, ...(cursor ? { cursor } : {}) });
    pages.push(items.map(({ chart, version }) => `${chart}-${version}`));
    cursor = next;
  } while (cursor !== undefined);
  expect(pages.map((page) => page.length)).toEqual([4, 2]);
  expect(pages.flat()).toEqual(listed.map(({ chart, version }) => `${chart}-${version}`));
  const gone = await space.retention.preview({ action: 'delete', chart: 'web' }).page();
  expect(gone.items.map(({ version }) => version)).toEqual(['1.0.0']);
  await expect(space.retention.preview({ chart: 'wep' }).page()).rejects.toMatchObject({
    code: 'chart.notFound',
  });

  expect(await space.retention.set({ rules, scheduled: false })).toMatchObject({
    nextRunAt: null,
    mostDeleted: 1_000,
  });
  await space.retention.end();
  await space.retention.end();
  expect((await space.retention.get()).rules).toEqual([]);
});

it('refuses a misspelt key with the nearest one, and another cursor', async () => {
  await publish('strict', 'web', ['1.0.0']);
  const response = await registry.api('/spaces/strict/retention', {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ rules: [{ charts: ['*'], keep: { lasts: 3 } }] }),
  });
  expect(response.status).toBe(400);
  const error = z.object({
    code: z.string(),
    message: z.string(),
    details: z.object({ pointer: z.string() }),
  });
  expect(error.parse(await response.json())).toEqual({
    code: 'retention.invalid',
    message: '/rules/0/keep/lasts is not a key here. Did you mean last?',
    details: { pointer: '/rules/0/keep/lasts' },
  });
  await spaceOf('strict').retention.set({ rules: [] });
  expect((await registry.api('/spaces/strict/retention/preview?cursor=x')).status).toBe(400);
  expect((await registry.api('/spaces/none/retention')).status).toBe(404);
});
