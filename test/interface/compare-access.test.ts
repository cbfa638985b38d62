import { afterAll, beforeAll, expect, it } from 'vitest';
import { comparisonOf, errorOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
let reader: TestClient;
let ofWeb: TestClient;
beforeAll(async () => {
  registry = await startGuarded();
  for (const [space, visibility] of [
    ['open', 'public'],
    ['team', 'private'],
    ['hidden', 'private'],
  ] as const) {
    await registry.addSpace(space, visibility);
    for (const name of ['web', 'db'])
      expect((await registry.admin.upload(space, { name, values: { space } })).status).toBe(201);
  }
  const user = await registry.addUser('ana');
  await registry.setRole(user, 'team', 'publisher');
  reader = (await registry.addToken(user)).client;
  ofWeb = (await registry.addToken(user, { charts: ['web'] })).client;
});
afterAll(() => registry.close());

const compare = (client: TestClient, from: string, query: string) =>
  client.api(`/spaces/${from}/charts/web/versions/1.0.0/compare/1.0.0?${query}`);

it('needs the right to read both versions', async () => {
  const allowed = await compare(reader, 'team', 'space=open');
  expect(allowed.status).toBe(200);
  expect((await comparisonOf(allowed)).values?.items).toEqual([
    { pointer: '/space', change: 'changed', from: 'team', to: 'open' },
  ]);
  expect((await compare(registry.anonymous, 'open', 'chart=db')).status).toBe(200);
});

it('answers for a second version that may not be read as for one that is not there', async () => {
  for (const [client, status] of [
    [reader, 404],
    [registry.anonymous, 401],
  ] as const) {
    const hidden = await compare(client, 'open', 'space=hidden');
    const absent = await compare(client, 'open', 'space=absent');
    expect([hidden.status, absent.status]).toEqual([status, status]);
    const text = JSON.stringify(await errorOf(hidden)).replaceAll('hidden', 'absent');
    expect(text).toBe(JSON.stringify(await errorOf(absent)));
  }
});

it('gives a token for some charts no other chart', async () => {
  expect((await compare(ofWeb, 'team', 'space=open')).status).toBe(200);
  const refused = await compare(ofWeb, 'team', 'chart=db');
  const direct = await ofWeb.api('/spaces/team/charts/db/versions/1.0.0/manifests/values');
  expect([refused.status, await errorOf(refused)]).toEqual([direct.status, await errorOf(direct)]);
});

it('compares a dry run with a version of its own chart alone, for who may publish it', async () => {
  const body = JSON.stringify({
    save: { chart: 'web', version: '2.0.0' },
    configs: { package: { independent: true, space: 'team', chart: 'web', version: '1.0.0' } },
  });
  const dryRun = (client: TestClient, space: string) =>
    client.api(`/spaces/${space}/charts?dryRun=true&against=latest`, { method: 'POST', body });
  expect((await dryRun(ofWeb, 'team')).status).toBe(200);
  expect((await dryRun(reader, 'hidden')).status).toBe(403);
});
