import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { errorOf, followOf, jobOf, namesOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { chartForm, createClient, type TestClient } from './support/client.ts';
import { type GuardedRegistry, startGuarded } from './support/guarded.ts';

let registry: GuardedRegistry;
let alice: string;
let client: TestClient;
/** Numbers of the test, and of the newest version of the source. */
let test = 0;
let versions = 0;
beforeAll(async () => {
  registry = await startGuarded({}, { looksOften: true });
  await registry.addSpace('lib', 'private');
});
afterAll(() => registry.close());
beforeEach(async () => {
  test += 1;
  await registry.addSpace(`app-${test}`, 'private');
  alice = await registry.addUser(`alice-${test}`);
  await registry.setRole(alice, `app-${test}`, 'publisher');
  await registry.setRole(alice, 'lib', 'reader');
  client = (await registry.addToken(alice)).client;
  await publish();
});

/** Publishes the next version of the source. */
async function publish() {
  versions += 1;
  const archive = await packChart({ name: 'web', version: `1.0.${versions}` });
  const sent = await registry.admin.api('/spaces/lib/charts', { method: 'POST', body: chartForm(archive) });
  expect(sent.status).toBe(201);
}

const space = () => `app-${test}`;
const path = () => `/spaces/${space()}/charts/shop/follow`;
const recipe = (follow: object = {}) => ({
  save: { chart: 'shop', version: '1.0.0', follow: { wait: '0s', ...follow } },
  configs: { package: { independent: true, space: 'lib', chart: 'web', version: '*' } },
});
const follow = async (by: TestClient = registry.admin) => followOf(await by.api(path()));
const expectState = (state: string) =>
  expect.poll(async () => (await follow()).state, { timeout: 30_000 }).toBe(state);
const expectRuns = (states: readonly string[]) =>
  expect
    .poll(async () => (await follow()).items.map((run) => run.state), { timeout: 30_000 })
    .toEqual(states);

it('runs with the rights of who set it, and fails where they are gone, until it is set again', async () => {
  expect((await client.orchestrate(space(), recipe())).status).toBe(201);
  expect(await follow()).toMatchObject({ author: `alice-${test}` });
  await publish();
  await expectRuns(['composed']);
  const { items } = await follow();
  const job = await jobOf(await client.request(items[0]?.job ?? ''));
  expect(job).toMatchObject({ state: 'succeeded', author: `alice-${test}` });

  await registry.setRole(alice, space(), 'reader');
  await publish();
  await expectState('failed');
  expect((await follow()).failure).toMatchObject({ code: 'access.denied' });

  await registry.setRole(alice, space(), 'publisher');
  expect((await client.api(path(), { method: 'PUT', body: '{"wait":"0s"}' })).status).toBe(200);
  await expectRuns(['composed', 'failed', 'composed']);
  await expectState('current');
});

it('ends with the password by which it was set, and goes on when it is set again', async () => {
  const setPassword = async (password: string) => {
    const body = JSON.stringify({ password });
    const { status } = await registry.admin.api(`/users/alice-${test}`, { method: 'PATCH', body });
    expect(status).toBe(200);
    const basic = Buffer.from(`alice-${test}:${password}`).toString('base64');
    return createClient(registry.urls, `Basic ${basic}`);
  };
  const first = await setPassword('a sentence of several words');
  expect((await first.orchestrate(space(), recipe())).status).toBe(201);
  await publish();
  await expectRuns(['composed']);
  const second = await setPassword('another sentence of several words');
  await publish();
  await expectState('failed');
  expect((await follow()).failure).toMatchObject({ code: 'access.denied' });
  expect((await second.api(path(), { method: 'PUT', body: '{"wait":"0s"}' })).status).toBe(200);
  await expectRuns(['composed', 'failed', 'composed']);
  await expectState('current');
  // By a program of a former release, which writes no proofs.
  await registry.db.query('UPDATE follows SET changed_at = now() WHERE principal_id = $1', [alice]);
  await setPassword('a third sentence of several words');
  await publish();
  await expectRuns(['composed', 'composed', 'failed', 'composed']);
});

it('fails where a source may not be read any more, and tells of the source to nobody who may not', async () => {
  expect((await client.orchestrate(space(), recipe())).status).toBe(201);
  await registry.setRole(alice, 'lib', undefined);
  await publish();
  await expectState('failed');
  expect((await follow()).failure?.code).toBe('access.denied');
  const seen = JSON.stringify(await follow(client));
  expect(seen).toContain('access.denied');
  expect(seen).not.toMatch(/lib|web/);
});

it('fails where who set it is gone, and goes on with the rights of somebody else', async () => {
  expect((await client.orchestrate(space(), recipe())).status).toBe(201);
  await registry.db.query('DELETE FROM principals WHERE id = $1', [alice]);
  await publish();
  await expectState('failed');
  const { failure, items } = await follow();
  expect(failure).toMatchObject({ code: 'access.denied', message: expect.stringContaining(`alice-${test}`) });
  expect(items).toMatchObject([{ state: 'failed' }]);
  const set = await registry.admin.api(path(), { method: 'PUT', body: '{"wait": "0s"}' });
  expect(set.status).toBe(200);
  await expectRuns(['composed', 'failed']);
  expect(await follow()).toMatchObject({ author: 'root' });
});

it('deletes versions only with the right to', async () => {
  const refused = await client.orchestrate(space(), recipe({ keep: 3 }));
  expect(refused.status).toBe(403);
  await registry.setRole(alice, space(), 'maintainer');
  expect((await client.orchestrate(space(), recipe({ keep: 1 }))).status).toBe(201);
  await publish();
  await expectRuns(['composed']);
  await registry.setRole(alice, space(), 'publisher');
  await publish();
  await expectRuns(['composed', 'composed']);
  await expect
    .poll(async () => (await follow()).items[0]?.keepError?.code, { timeout: 30_000 })
    .toBe('access.denied');
  await registry.setRole(alice, space(), 'maintainer');
  await publish();
  await expect.poll(async () => (await follow()).items[0]?.deleted, { timeout: 30_000 }).toBe(2);
  const left = await namesOf(await registry.admin.api(`/spaces/${space()}/charts/shop/versions`));
  expect(left.items).toEqual(['1.0.0', '1.0.3']);
});

it('a follow is set and ended by publishers alone, in words that tell a stranger nothing', async () => {
  expect((await client.orchestrate(space(), recipe())).status).toBe(201);
  await registry.setRole(alice, space(), 'reader');
  expect((await client.api(path())).status).toBe(200);
  expect((await client.api(path(), { method: 'PUT', body: '{}' })).status).toBe(403);
  expect((await client.api(path(), { method: 'DELETE' })).status).toBe(403);
  await registry.setRole(alice, space(), undefined);
  const hidden = await client.api(path());
  expect(hidden.status).toBe(404);
  expect(await errorOf(hidden)).toMatchObject({ code: 'space.notFound' });
});
