import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { purgeJobs } from '../core/jobs/purge-jobs.ts';
import { errorOf, followOf, followsOf, jobOf, namesOf } from './support/answers.ts';
import type { TestClient } from './support/client.ts';
import { type GuardedRegistry, startGuarded } from './support/guarded.ts';
import { startReceiver } from './support/receiver.ts';
import { createWebhooks } from './support/webhooks.ts';

let registry: GuardedRegistry;
let alice: string;
let author: TestClient;
/** Reads the target, and of the sources only those in the space of open charts. */
let reader: TestClient;
let test = 0;
beforeAll(async () => {
  registry = await startGuarded({}, { looksOften: true });
});
afterAll(() => registry.close());
beforeEach(async () => {
  test += 1;
  await registry.addSpace(app(), 'private');
  await registry.addSpace(hidden(), 'private');
  await registry.addSpace(known(), 'private');
  alice = await registry.addUser(`alice-${test}`);
  const bob = await registry.addUser(`bob-${test}`);
  await registry.setRole(alice, app(), 'publisher');
  await registry.setRole(alice, hidden(), 'reader');
  await registry.setRole(alice, known(), 'reader');
  await registry.setRole(bob, app(), 'publisher');
  await registry.setRole(bob, known(), 'publisher');
  author = (await registry.addToken(alice)).client;
  reader = (await registry.addToken(bob)).client;
});

const app = () => `app-${test}`;
const hidden = () => `hidden-${test}`;
const known = () => `known-${test}`;

const publish = async (space: string, name: string, version: string) =>
  expect((await registry.admin.upload(space, { name, version })).status).toBe(201);
const source = (space: string, chart: string, version = '*') => ({
  package: { independent: true, space, chart, version },
});
const recipe = (follow: object | undefined, configs: object, chart = 'shop', version = '1.0.0') => ({
  save: { chart, version, ...(follow && { follow: { wait: '0s', ...follow } }) },
  configs,
});
const compose = async (by: TestClient, sent: object) =>
  expect((await by.orchestrate(app(), sent)).status).toBe(201);
const path = () => `/spaces/${app()}/charts/shop/follow`;
const follow = async (by: TestClient = registry.admin) => followOf(await by.api(path()));
const setAgain = async (by: TestClient) =>
  expect((await by.api(path(), { method: 'PUT', body: '{"wait":"0s"}' })).status).toBe(200);
const states = async () => (await follow()).items.map((run) => run.state);
const versions = async () =>
  (await namesOf(await registry.admin.api(`/spaces/${app()}/charts/shop/versions`))).items;
/** Follows of a list, with all spaces that one may read or the only one of the test. */
const listed = async (by: TestClient, path = `/spaces/${app()}/follows`) =>
  (await followsOf(await by.api(path))).items;
/** Expects that the list of a space has the follow as it is seen by itself. */
async function expectListed(by: TestClient): Promise<void> {
  const { metadata: _, items, ...seen } = await follow(by);
  expect(await listed(by)).toEqual([{ ...seen, ...(items[0] && { lastRun: items[0] }) }]);
}
/** Waits until every change so far has been acted on. */
const expectQuiet = () =>
  expect
    .poll(
      () =>
        registry.db.query(
          `SELECT FROM version_events UNION ALL SELECT FROM follows WHERE due_at IS NOT NULL
            UNION ALL SELECT FROM follows WHERE untold_cycle IS NOT NULL
            UNION ALL SELECT FROM follow_runs WHERE state = 'running'`,
        ),
      { timeout: 30_000 },
    )
    .toEqual([]);
/** Reads the follow, and the jobs of its runs, as text. */
async function seenBy(client: TestClient): Promise<string> {
  const seen = await follow(client);
  const jobs = await Promise.all(seen.items.map(async ({ job }) => (await client.request(job ?? '')).text()));
  return JSON.stringify(seen) + jobs.join('');
}

describe('an author who is refused', () => {
  const refusals: [string, () => Promise<unknown>][] = [
    ['may not read a source any more', () => registry.setRole(alice, hidden(), undefined)],
    ['is disabled', () => registry.db.query('UPDATE principals SET disabled = true WHERE id = $1', [alice])],
    ['is deleted', () => registry.db.query('DELETE FROM principals WHERE id = $1', [alice])],
    [
      'has a token that is revoked',
      () => registry.db.query('UPDATE tokens SET revoked_at = now() WHERE principal_id = $1', [alice]),
    ],
  ];

  it.each(refusals)(
    'an author who is refused is told of no later version: one that %s',
    async (_, takeAway) => {
      const receiver = await startReceiver();
      await publish(hidden(), 'web', '1.0.0');
      await compose(author, {
        ...recipe({ next: 'same-as-source' }, source(hidden(), 'web')),
        callback: { url: receiver.url },
      });
      await receiver.called(1);
      await takeAway();
      await publish(hidden(), 'web', '7.7.7');
      await expectQuiet();
      await publish(hidden(), 'web', '8.8.8');
      await expectQuiet();
      // It failed once, and not with each publication.
      expect(await states()).toEqual(['failed']);
      const seen = await follow();
      expect(seen).toMatchObject({ state: 'failed', failure: { code: 'access.denied' } });
      expect(seen.items).toMatchObject([{ version: '1.0.1' }]);
      const job = await jobOf(await registry.admin.request(seen.items[0]?.job ?? ''));
      expect(job).toMatchObject({ state: 'failed', sources: [{ space: hidden(), version: '1.0.0' }] });
      expect(await seenBy(registry.admin)).not.toMatch(/7\.7\.7|8\.8\.8/);
      // Neither as its author nor as a reader of the target.
      for (const client of [author, reader]) {
        if ((await client.api(path())).status === 401) continue;
        await expectListed(client);
        expect(await seenBy(client)).not.toMatch(/hidden-|web|7\.7\.7|8\.8\.8/);
      }
      const owed = await registry.db.query('SELECT FROM deliveries WHERE job_id = $1', [job.id]);
      expect(owed).toEqual([]);
      expect(receiver.calls).toHaveLength(1);
    },
  );

  it('an author who is refused is not tried again because somebody publishes the chart, but once it is set again', async () => {
    await publish(hidden(), 'web', '1.0.0');
    await compose(author, recipe({}, source(hidden(), 'web')));
    await registry.setRole(alice, hidden(), undefined);
    await publish(hidden(), 'web', '1.0.1');
    await expectQuiet();
    await compose(registry.admin, recipe(undefined, source(hidden(), 'web', '1.0.*'), 'shop', '1.1.0'));
    await publish(hidden(), 'web', '1.0.2');
    await expectQuiet();
    expect(await states()).toEqual(['failed']);
    await registry.setRole(alice, hidden(), 'reader');
    await setAgain(author);
    await expectQuiet();
    expect(await states()).toEqual(['composed', 'failed']);
    expect(await versions()).toContain('1.1.1');
  });
});

it('a source that is gone is named to nobody who could not read it', async () => {
  await publish(hidden(), 'web', '1.0.0');
  await publish(known(), 'api', '1.0.0');
  await compose(author, recipe({}, { ...source(known(), 'api'), child: source(hidden(), 'web') }));
  expect((await registry.admin.api(`/spaces/${hidden()}/charts/web`, { method: 'DELETE' })).status).toBe(204);
  await publish(known(), 'api', '1.0.1');
  await expectQuiet();
  expect(await follow()).toMatchObject({ failure: { message: expect.stringContaining(hidden()) } });
  const [run] = (await follow()).items;
  const job = await jobOf(await registry.admin.request(run?.job ?? ''));
  expect(job.sources).toMatchObject([{ chart: 'api', version: '1.0.0' }, { chart: 'web' }]);
  expect(await seenBy(reader)).not.toMatch(/hidden-|web/);
  // Nor once the job has gone that knew its sources.
  await registry.db.query("UPDATE jobs SET changed_at = now() - interval '91 days' WHERE id = $1", [job.id]);
  expect(await purgeJobs(registry.db, 90)).toBe(1);
  expect((await follow()).items).toMatchObject([{ error: { message: expect.stringContaining(hidden()) } }]);
  expect(await follow()).toMatchObject({ failure: { message: expect.stringContaining(hidden()) } });
  expect(JSON.stringify(await follow(reader))).not.toMatch(/hidden-|web/);
});

describe('a cycle', () => {
  /** Lets a hidden chart follow the reader's chart, and a known one follow the hidden one. */
  async function closeByHiddenChart() {
    await publish(app(), 'shop', '1.0.0');
    await putAbove();
  }
  async function putAbove() {
    const into = async (space: string, chart: string, configs: object) =>
      expect((await registry.admin.orchestrate(space, recipe({}, configs, chart))).status).toBe(201);
    await into(hidden(), 'between', source(app(), 'shop'));
    await into(known(), 'top', source(hidden(), 'between'));
  }
  const send = (by: TestClient, configs: object, query = '') =>
    by.api(`/spaces/${app()}/charts${query}`, {
      method: 'POST',
      headers: { Prefer: 'wait=30' },
      body: JSON.stringify(recipe({}, configs, 'shop', '1.1.0')),
    });

  it.each(['', '?dryRun=true'])(
    'a cycle is told as far as the sender may know its charts %s',
    async (query) => {
      await closeByHiddenChart();
      const refused = await errorOf(await send(reader, source(known(), 'top'), query));
      expect(refused.message).toContain(`${app()}/shop -> ${known()}/top -> *** -> ${app()}/shop`);
      const whole = await errorOf(await send(registry.admin, source(known(), 'top'), query));
      expect(whole.message).toContain(`${hidden()}/between`);
      // A source that the sender may not read closes nothing, as if it did not exist.
      const unknown = await errorOf(await send(reader, source(hidden(), 'between'), query));
      const absent = await errorOf(await send(reader, source('nowhere', 'between'), query));
      expect(unknown.code).not.toBe('follow.cycle');
      expect(unknown.code).toBe(absent.code);
    },
  );

  it('a cycle is told by a PUT, and in a failure, as far as the author of the follow may know it', async () => {
    await closeByHiddenChart();
    await compose(registry.admin, recipe(undefined, source(known(), 'top'), 'shop', '1.1.0'));
    const put = (by: TestClient) => by.api(path(), { method: 'PUT', body: '{"wait":"0s"}' });
    const refused = await errorOf(await put(reader));
    expect(refused.message).toContain(`${app()}/shop -> ${known()}/top -> *** -> ${app()}/shop`);
    expect((await errorOf(await put(registry.admin))).message).toContain(`${hidden()}/between`);
    expect((await registry.admin.api(path())).status).toBe(404);
    // A version of the hidden chart closes the cycle of follows that are set already.
    const remote = `/spaces/${hidden()}/charts/between/follow`;
    expect((await registry.admin.api(remote, { method: 'DELETE' })).status).toBe(204);
    await publish(hidden(), 'leaf', '1.0.0');
    const other = recipe({}, source(hidden(), 'leaf'), 'between', '1.1.0');
    expect((await registry.admin.orchestrate(hidden(), other)).status).toBe(201);
    await setAgain(registry.admin);
    const closing = recipe(undefined, source(app(), 'shop'), 'between', '1.2.0');
    expect((await registry.admin.orchestrate(hidden(), closing)).status).toBe(201);
    await expectQuiet();
    const failed = async (by: TestClient) => followOf(await by.api(remote));
    const whole = await failed(registry.admin);
    expect(whole.failure).toMatchObject({ code: 'follow.cycle' });
    const names = [`${hidden()}/between`, `${app()}/shop`, `${known()}/top`, `${hidden()}/between`];
    expect(whole.failure?.message).toContain(names.join(' -> '));
    expect(whole.items).toMatchObject([{ state: 'failed', error: whole.failure }]);
    // A reader without the right to each chart of the chain sees none of it, whichever way.
    const carol = await registry.addUser(`carol-${test}`);
    await registry.setRole(carol, hidden(), 'reader');
    const stranger = (await registry.addToken(carol)).client;
    const masked = await failed(stranger);
    expect(masked).toMatchObject({ state: 'failed', failure: { code: 'follow.cycle' } });
    const job = await stranger.request(masked.items[0]?.job ?? '');
    expect(JSON.stringify(masked) + (await job.text())).not.toMatch(/known-|app-|top|shop/);
  });

  it('a follow that fails since a cycle was closed tells its callback and the webhooks of its space once', async () => {
    const [receiver, ofSpace] = [await startReceiver(), await startReceiver()];
    await publish(known(), 'web', '1.0.0');
    await compose(author, { ...recipe({}, source(known(), 'web')), callback: { url: receiver.url } });
    await putAbove();
    await createWebhooks(registry.admin, app()).add({ url: ofSpace.url, events: ['follow.*', 'job.failed'] });
    await compose(author, recipe(undefined, source(known(), 'top'), 'shop', '1.1.0'));
    const chain = [`${app()}/shop`, `${known()}/top`, `${hidden()}/between`, `${app()}/shop`].join(' -> ');
    const [, failed] = await receiver.called(2);
    expect(failed?.event).toMatchObject({
      type: 'job.failed',
      data: { chart: 'shop', version: '1.1.1', error: { message: expect.stringContaining(chain) } },
    });
    const told = (await ofSpace.called(2)).map(({ event }) => event);
    const place = { space: app(), chart: 'shop', version: '1.1.1' };
    expect(told.sort((one, other) => (one.type < other.type ? -1 : 1))).toMatchObject([
      { type: 'follow.failed', data: { ...place, from: '1.1.0', error: 'follow.cycle' } },
      { type: 'job.failed', data: place },
    ]);
    // Neither a new version of a source nor another look tells again, or composes.
    await publish(known(), 'web', '1.0.1');
    await expectQuiet();
    const seen = await follow(author);
    expect(seen).toMatchObject({ state: 'failed', failure: { message: expect.stringContaining(chain) } });
    expect(seen.items.filter(({ state }) => state === 'failed')).toHaveLength(1);
    expect((await follow(reader)).failure?.message).not.toContain('between');
    expect([receiver.calls.length, ofSpace.calls.length]).toEqual([2, 2]);
    // The cycle is broken: the follow goes on, and a later cycle is told anew.
    const broken = await registry.admin.api(`/spaces/${known()}/charts/top/follow`, { method: 'DELETE' });
    expect(broken.status).toBe(204);
    await expect.poll(async () => (await follow(author)).state, { timeout: 30_000 }).toBe('current');
  });
});

it('an error of an earlier recipe names its sources to nobody who may not read them', async () => {
  await publish(hidden(), 'web', '1.0.0');
  await publish(known(), 'api', '1.0.0');
  await compose(author, recipe({}, { ...source(known(), 'api'), child: source(hidden(), 'web') }));
  expect((await registry.admin.api(`/spaces/${hidden()}/charts/web`, { method: 'DELETE' })).status).toBe(204);
  await publish(known(), 'api', '1.0.1');
  await expectQuiet();
  for (const client of [registry.admin, author, reader]) await expectListed(client);
  expect((await follow(reader)).failure?.message).toContain('may not read');
  // From now on the chart has sources that everybody here may read.
  await compose(author, recipe(undefined, source(known(), 'api'), 'shop', '1.1.0'));
  await expectQuiet();
  const whole = (await follow()).items.at(-1)?.error;
  expect(whole?.message).toContain(hidden());
  const masked = (await follow(reader)).items.at(-1)?.error;
  expect(masked).toEqual({ ...whole, message: expect.stringContaining('may not read'), details: undefined });
  expect(await seenBy(reader)).not.toMatch(/hidden-|web/);
});

it('lists of follows have those of readable spaces alone, and their cursors name no others', async () => {
  await publish(known(), 'api', '1.0.0');
  await compose(author, recipe({}, source(known(), 'api')));
  const other = recipe({}, source(known(), 'api'), 'aside');
  for (const space of [hidden(), known()])
    expect((await registry.admin.orchestrate(space, other)).status).toBe(201);
  await expectQuiet();
  const names = async (by: TestClient, path: string) =>
    (await listed(by, path))
      .map(({ space, chart }) => `${space}/${chart}`)
      .filter((name) => name.includes(`-${test}/`));
  const all = [`${app()}/shop`, `${hidden()}/aside`, `${known()}/aside`];
  expect(await names(author, '/follows?limit=100')).toEqual(all);
  expect(await names(reader, '/follows?limit=100')).toEqual([all[0], all[2]]);
  expect((await reader.api(`/spaces/${hidden()}/follows`)).status).toBe(404);
  const first = await reader.api('/follows?limit=1&state=current');
  const next = /<\/api\/v1([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  const cursor = new URLSearchParams(next.split('?')[1]).get('cursor') ?? '';
  expect(Buffer.from(cursor, 'base64url').toString()).toBe(`2/${app()}/shop`);
  expect(await names(reader, next)).toEqual([all[2]]);
  expect(await listed(registry.anonymous, '/follows')).toEqual([]);
});

describe('a space of a source that was deleted and made again', () => {
  it('a space of a source that was deleted and made again is another one: nothing is composed from it until the follow is set again', async () => {
    await publish(hidden(), 'web', '1.0.0');
    await compose(author, recipe({}, source(hidden(), 'web')));
    await expectQuiet();
    expect((await registry.admin.api(`/spaces/${hidden()}`, { method: 'DELETE' })).status).toBe(204);
    await registry.addSpace(hidden(), 'public');
    await publish(hidden(), 'web', '6.6.6');
    await expectQuiet();
    expect((await follow()).failure).toMatchObject({
      code: 'access.denied',
      message: expect.stringContaining('deleted and made again'),
    });
    expect(await versions()).toEqual(['1.0.0']);
    // Another recipe of the same chart, also with another range, says nothing about the space.
    await compose(reader, recipe(undefined, source(hidden(), 'web', '>=1'), 'shop', '1.1.0'));
    await publish(hidden(), 'web', '6.6.7');
    await expectQuiet();
    expect(await states()).toEqual(['failed']);
    await setAgain(author);
    await expectQuiet();
    expect(await states()).toEqual(['composed', 'failed']);
    await publish(hidden(), 'web', '6.6.8');
    await expectQuiet();
    expect(await states()).toEqual(['composed', 'composed', 'failed']);
  });
});
