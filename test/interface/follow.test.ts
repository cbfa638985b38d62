import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, followOf, followsOf, jobOf, lineageOf, namesOf, planOf } from '../support/answers.ts';
import { startReceiver } from '../support/receiver.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { createWebhooks } from '../support/webhooks.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { workers: 3, looksOften: true });
});
afterAll(() => registry.close());

/** Recipe of a chart made of another one and perhaps children, each `space/chart` with a range. */
function recipeOf(chart: string, sources: readonly [string, string][], save: object) {
  const packageOf = ([name, version]: readonly [string, string]) => {
    const [space, source] = name.split('/');
    return { independent: true, space, chart: source, version };
  };
  const [root, ...children] = sources.map(packageOf);
  return {
    save: { chart, version: '1.0.0', ...save },
    configs: {
      package: root,
      ...Object.fromEntries(children.map((child) => [`${child.chart}`, { package: child }])),
    },
  };
}

const publish = async (space: string, name: string, version: string, more: object = {}) =>
  expect((await registry.upload(space, { name, version, ...more })).status).toBe(201);

const compose = async (
  space: string,
  chart: string,
  sources: readonly [string, string][],
  follow: object,
  more: object = {},
) => {
  const response = await registry.orchestrate(space, { ...recipeOf(chart, sources, { follow }), ...more });
  expect(await response.json()).toMatchObject({ chart });
  expect(response.status).toBe(201);
};

const pathOf = (space: string, chart: string) => `/spaces/${space}/charts/${chart}/follow`;
const follow = async (space: string, chart: string) => followOf(await registry.api(pathOf(space, chart)));
const versions = async (space: string, chart: string) =>
  (await namesOf(await registry.api(`/spaces/${space}/charts/${chart}/versions?limit=100`))).items;
const expectVersions = (space: string, chart: string, wanted: readonly string[]) =>
  expect.poll(() => versions(space, chart), { timeout: 30_000 }).toEqual(wanted);
/** Names a space that the second try of a test does not share with the first. */
const nameSpace = (name: string) => `${name}-${Date.now()}`;
/** Waits until a follow has a state that stays. */
const expectState = (space: string, chart: string, state: string) =>
  expect.poll(async () => (await follow(space, chart)).state, { timeout: 30_000 }).toBe(state);
const expectNone = (sql: string) =>
  expect.poll(async () => (await registry.db.query(sql)).length, { timeout: 30_000 }).toBe(0);
const unnoted = "SELECT id FROM version_events UNION ALL SELECT 1 FROM follow_runs WHERE state = 'running'";
/** Waits until every change so far is noted, and no run is open. */
const expectNoted = () => expectNone(unnoted);
/** Waits until every change so far has been acted on. */
const expectQuiet = () => expectNone(`${unnoted} UNION ALL SELECT 1 FROM follows WHERE due_at IS NOT NULL`);

/** Publishes `web` and `db`, and composes `shop` of any version of them, with a follow. */
async function composeOfTwo(space: string, settings: Record<string, string>): Promise<void> {
  const names = ['web', 'db'];
  for (const chart of names) await publish(space, chart, '1.0.0');
  await compose(
    space,
    'shop',
    names.map((chart) => [`${space}/${chart}`, '*']),
    settings,
  );
}

describe('a followed chart', () => {
  it('a followed chart is composed anew when a source has a version that it would resolve to', async () => {
    await publish('plain', 'web', '1.0.0');
    await compose('plain', 'shop', [['plain/web', '^1']], { wait: '0s' });
    expect(await follow('plain', 'shop')).toMatchObject({
      settings: { on: 'any', next: 'patch', wait: '0s', prereleases: false },
      hasCallback: false,
    });
    await publish('plain', 'web', '1.1.0');
    await expectVersions('plain', 'shop', ['1.0.0', '1.0.1']);
    const lineage = await lineageOf(await registry.api('/spaces/plain/charts/shop/versions/1.0.1/lineage'));
    expect(lineage.sources).toMatchObject([{ chart: 'web', requested: '^1', version: '1.1.0' }]);
    expect(lineage.recipe).not.toHaveProperty('save.follow');
    await expectState('plain', 'shop', 'current');
    const { items, metadata } = await follow('plain', 'shop');
    expect(metadata.total).toBe(1);
    expect(items).toMatchObject([{ state: 'composed', from: '1.0.0', version: '1.0.1', deleted: 0 }]);
    expect(await jobOf(await registry.request(items[0]?.job ?? ''))).toMatchObject({ state: 'succeeded' });
  });

  it('a followed chart is not composed for a version outside its ranges, below it, or that does not count', async () => {
    await publish('quiet', 'web', '1.0.0');
    await compose('quiet', 'shop', [['quiet/web', '>=1.0.0-0']], { wait: '0s', on: 'patch' });
    for (const version of ['0.9.0', '1.0.1-rc.1', '1.1.0', '2.0.0']) await publish('quiet', 'web', version);
    await registry.api('/spaces/quiet/charts/web/versions/2.0.0', { method: 'DELETE' });
    await expectQuiet();
    expect(await versions('quiet', 'shop')).toEqual(['1.0.0']);
    expect(await follow('quiet', 'shop')).toMatchObject({ state: 'current', items: [] });
  });

  it('a followed chart is composed once for all that comes within `wait`, in whatever order', async () => {
    const space = nameSpace('once');
    await composeOfTwo(space, { wait: '24h', next: 'minor' });
    // The first run, which begins with the follow, is over.
    await expectQuiet();
    for (const chart of ['web', 'db'])
      for (const version of ['1.0.1', '1.0.2']) await publish(space, chart, version);
    await expectNoted();
    await expectState(space, 'shop', 'due');
    const due = await follow(space, 'shop');
    // Its wait is over at once, once all is noted: a slow machine publishes no version after it.
    expect(Date.parse(due.dueAt ?? '') - Date.now()).toBeGreaterThan(23 * 3_600_000);
    await registry.db.query('UPDATE follows SET due_at = now(), look_at = now() WHERE due_at > now()');
    await expectVersions(space, 'shop', ['1.0.0', '1.1.0']);
    await expectQuiet();
    expect(await versions(space, 'shop')).toEqual(['1.0.0', '1.1.0']);
  });

  it('a followed chart has all sources that are published at once, by one composition or two', async () => {
    const space = nameSpace('both');
    await composeOfTwo(space, { wait: '0s' });
    await Promise.all(['web', 'db'].map((chart) => publish(space, chart, '1.1.0')));
    await expectQuiet();
    const made = await versions(space, 'shop');
    expect([2, 3]).toContain(made.length);
    const newest = await lineageOf(
      await registry.api(`/spaces/${space}/charts/shop/versions/${made.at(-1)}/lineage`),
    );
    expect(newest.sources.map(({ version }) => version)).toEqual(['1.1.0', '1.1.0']);
  });

  it('a followed chart takes the version that its ranges resolve to, and none that a higher one hides', async () => {
    const space = nameSpace('hidden');
    await publish(space, 'web', '1.0.0');
    await compose(space, 'shop', [[`${space}/web`, '>=1.0.0-0']], { wait: '0s', on: 'minor' });
    for (const version of ['2.0.0-rc.1', '1.0.1', '2.0.0', '1.1.0']) await publish(space, 'web', version);
    await expectQuiet();
    expect(await versions(space, 'shop')).toEqual(['1.0.0']);
    for (const version of ['2.0.0', '2.0.0-rc.1'])
      await registry.api(`/spaces/${space}/charts/web/versions/${version}`, { method: 'DELETE' });
    await expectQuiet();
    await publish(space, 'web', '1.1.1');
    await expectVersions(space, 'shop', ['1.0.0', '1.0.1']);
    const { sources } = await lineageOf(
      await registry.api(`/spaces/${space}/charts/shop/versions/1.0.1/lineage`),
    );
    expect(sources).toMatchObject([{ version: '1.1.1' }]);
  });

  it('a followed chart is composed when a source is replaced in place, and not when the version that it has is deleted', async () => {
    await publish('place', 'web', '1.0.0');
    await publish('place', 'web', '1.0.1');
    await compose('place', 'shop', [['place/web', '^1']], { wait: '0s' });
    await expectQuiet();
    const path = '/spaces/place/charts/web/versions/1.0.1';
    const changed = await registry.api(`${path}/manifests/values`, {
      method: 'PUT',
      body: '{"replicas": 2}',
    });
    expect(changed.status).toBeLessThan(300);
    await expectVersions('place', 'shop', ['1.0.0', '1.0.1']);
    await expectQuiet();
    expect((await registry.api(path, { method: 'DELETE' })).ok).toBe(true);
    await expectQuiet();
    expect(await versions('place', 'shop')).toEqual(['1.0.0', '1.0.1']);
  });

  it('a followed chart has the version of its source, or the next patch where that is not above its own', async () => {
    await publish('same', 'web', '1.0.0');
    await publish('same', 'db', '7.0.0');
    await compose(
      'same',
      'shop',
      [
        ['same/web', '*'],
        ['same/db', '*'],
      ],
      { wait: '0s', next: 'same-as-source' },
    );
    await publish('same', 'web', '1.4.0');
    await expectVersions('same', 'shop', ['1.0.0', '1.4.0']);
    await publish('same', 'db', '7.1.0');
    await expectVersions('same', 'shop', ['1.0.0', '1.4.0', '1.4.1']);
  });

  it('a followed chart of followed charts follows in order, each once', async () => {
    await publish('tall', 'leaf', '1.0.0');
    const settings = { wait: '1s' };
    await compose('tall', 'left', [['tall/leaf', '*']], settings);
    await compose('tall', 'right', [['tall/leaf', '*']], settings);
    await compose('tall', 'middle', [['tall/left', '*']], settings);
    await compose(
      'tall',
      'top',
      [
        ['tall/leaf', '*'],
        ['tall/middle', '*'],
        ['tall/right', '*'],
      ],
      { wait: '0s' },
    );
    await expectQuiet();
    await publish('tall', 'leaf', '1.0.1');
    await expectQuiet();
    for (const chart of ['left', 'right', 'middle', 'top'])
      expect(await versions('tall', chart), chart).toEqual(['1.0.0', '1.0.1']);
    const { sources } = await lineageOf(await registry.api('/spaces/tall/charts/top/versions/1.0.1/lineage'));
    expect(sources.map(({ chart, version }) => `${chart} ${version}`).sort()).toEqual([
      'leaf 1.0.1',
      'middle 1.0.1',
      'right 1.0.1',
    ]);
  });

  it('keeps a number of the versions that following made, and none that is used', async () => {
    await publish('keep', 'web', '1.0.0');
    await compose('keep', 'shop', [['keep/web', '*']], { wait: '0s', keep: 2 });
    for (const patch of [1, 2]) {
      await publish('keep', 'web', `1.0.${patch}`);
      await expectQuiet();
    }
    const used = await registry.orchestrate('keep', recipeOf('user', [['keep/shop', '1.0.1']], {}));
    expect(used.status).toBe(201);
    const deletions = async () => (await follow('keep', 'shop')).items.map(({ deleted }) => deleted);
    for (const [patch, deleted] of [
      [3, [0, 0, 0]],
      [4, [1, 0, 0, 0]],
      [5, [1, 1, 0, 0, 0]],
    ] as const) {
      await publish('keep', 'web', `1.0.${patch}`);
      await expectQuiet();
      // Old versions are deleted once the run has ended: the next run must not find them.
      await expect.poll(deletions, { timeout: 30_000 }).toEqual(deleted);
    }
    expect(await versions('keep', 'shop')).toEqual(['1.0.0', '1.0.1', '1.0.4', '1.0.5']);
  });
});

describe('a follow that fails', () => {
  const strict = { type: 'object', properties: { replicas: { type: 'integer' } } };
  const schema = { files: { 'values.schema.json': JSON.stringify(strict) } };

  it('a follow that fails has a failed job with its reason, and is tried again when a source changes', async () => {
    await publish('fails', 'web', '1.0.0');
    await compose('fails', 'shop', [['fails/web', '*']], { wait: '0s' });
    await publish('fails', 'web', '1.0.1', { values: { replicas: 'two' }, ...schema });
    await expectState('fails', 'shop', 'failed');
    const failed = await follow('fails', 'shop');
    expect(failed.failure).toMatchObject({ code: 'values.invalid' });
    expect(failed.items).toMatchObject([{ state: 'failed', from: '1.0.0', version: '1.0.1' }]);
    const job = await jobOf(await registry.request(failed.items[0]?.job ?? ''));
    expect(job).toMatchObject({ state: 'failed', chart: 'shop', error: { code: 'values.invalid' } });
    // Equal sources are not tried again, whatever else happens to them.
    await publish('fails', 'web', '0.1.0');
    await expectQuiet();
    expect((await follow('fails', 'shop')).items).toHaveLength(1);
    await publish('fails', 'web', '1.0.2', { values: { replicas: 2 }, ...schema });
    await expectVersions('fails', 'shop', ['1.0.0', '1.0.1']);
    await expectState('fails', 'shop', 'current');
  });

  it('a follow that fails comes first in the lists of follows, which are read by pages and by state', async () => {
    await publish('lists', 'web', '1.0.0');
    await publish('lists', 'db', '1.0.0');
    for (const chart of ['alpha', 'beta']) await compose('lists', chart, [['lists/db', '*']], { wait: '0s' });
    await compose('lists', 'shop', [['lists/web', '*']], { wait: '0s' });
    await compose('lists', 'waiting', [['lists/db', '*']], { wait: '24h' });
    await expectQuiet();
    await publish('lists', 'web', '1.0.1', { values: { replicas: 'two' }, ...schema });
    await expectState('lists', 'shop', 'failed');
    const list = async (query = '', place = '/spaces/lists') => {
      const response = await registry.api(`${place}/follows${query}`);
      return { items: (await followsOf(response)).items, link: response.headers.get('link') };
    };
    const namesIn = async (query: string, place?: string) =>
      (await list(query, place)).items.map(({ chart, state }) => `${chart} ${state}`);
    const { items, metadata: _, ...seen } = await follow('lists', 'shop');
    expect((await list()).items[0]).toEqual({ ...seen, lastRun: items[0] });
    expect(seen.failure).toMatchObject({ code: 'values.invalid' });
    const rest = ['alpha current', 'beta current', 'waiting current'];
    expect(await namesIn('')).toEqual(['shop failed', ...rest]);
    expect(await namesIn('?state=failed')).toEqual(['shop failed']);
    expect(await namesIn('?state=current')).toEqual(rest);
    expect(await namesIn('?state=running')).toEqual([]);
    await publish('lists', 'db', '1.1.0');
    await expectState('lists', 'waiting', 'due');
    for (const chart of ['alpha', 'beta']) {
      await expectVersions('lists', chart, ['1.0.0', '1.0.1']);
      await expectState('lists', chart, 'current');
    }
    expect(await namesIn('?state=due')).toEqual(['waiting due']);
    const pages: string[] = [];
    let query: string | undefined = '?limit=1';
    while (query !== undefined) {
      pages.push(...(await namesIn(query)));
      query = /<[^>?]*(\?[^>]+)>; rel="next"/.exec((await list(query)).link ?? '')?.[1];
    }
    expect(pages).toEqual(['shop failed', 'waiting due', 'alpha current', 'beta current']);
    expect(await namesIn('?state=failed&limit=100', '')).toContain('shop failed');
    const absent = await registry.api('/spaces/lists-not/follows');
    expect(absent.status).toBe(404);
    for (const wrong of ['state=stopped', 'cursor=x', `cursor=${Buffer.from('3/a/b').toString('base64url')}`])
      expect((await registry.api(`/follows?${wrong}`)).status, wrong).toBe(400);
    // Its wait of a day would keep the tests after it from being quiet.
    expect((await registry.api(pathOf('lists', 'waiting'), { method: 'DELETE' })).status).toBe(204);
  });

  it('tells the callback of its recipe, signed, and webhooks of failure and success', async () => {
    const receiver = await startReceiver();
    const secret = `whsec_${Buffer.from('a secret of thirty-two bytes, or so').toString('base64')}`;
    await publish('told', 'web', '1.0.0');
    const callback = { url: receiver.url, secret };
    await compose('told', 'shop', [['told/web', '*']], { wait: '0s' }, { callback });
    await receiver.called(1);
    const ofSpace = await startReceiver();
    await createWebhooks(registry, 'told').add({ url: ofSpace.url, events: ['follow.*'] });
    expect((await follow('told', 'shop')).hasCallback).toBe(true);
    await publish('told', 'web', '1.0.1', { values: { replicas: 'two' }, ...schema });
    await expectState('told', 'shop', 'failed');
    // Several workers make calls: each is waited for, so that they come in the order of the jobs.
    await receiver.called(2);
    await publish('told', 'web', '1.0.2', { values: { replicas: 2 }, ...schema });
    const calls = await receiver.called(3);
    expect(calls.map(({ event }) => [event.type, event.data.version])).toEqual([
      ['job.succeeded', '1.0.0'],
      ['job.failed', '1.0.1'],
      ['job.succeeded', '1.0.1'],
    ]);
    for (const { body, headers } of calls)
      expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
    const told = (await ofSpace.called(2)).map(({ event }) => event);
    const place = { space: 'told', chart: 'shop', from: '1.0.0', version: '1.0.1' };
    expect(told.sort((one, other) => (one.type < other.type ? -1 : 1))).toMatchObject([
      { type: 'follow.composed', data: place },
      { type: 'follow.failed', data: { ...place, error: 'values.invalid' } },
    ]);
    const kept = await registry.db.query<{ row: string }>('SELECT f::text AS row FROM follows f');
    expect(JSON.stringify(kept)).not.toContain(secret);
  });

  it('a follow that fails is current again when the source at fault is deleted', async () => {
    await publish('mends', 'web', '1.0.0');
    await compose('mends', 'shop', [['mends/web', '*']], { wait: '0s' });
    await publish('mends', 'web', '1.0.1', { values: { replicas: 'two' }, ...schema });
    await expectState('mends', 'shop', 'failed');
    await registry.api('/spaces/mends/charts/web/versions/1.0.1', { method: 'DELETE' });
    await expectState('mends', 'shop', 'current');
    expect(await versions('mends', 'shop')).toEqual(['1.0.0']);
  });

  it('says so where the newest version was uploaded', async () => {
    await publish('uploaded', 'web', '1.0.0');
    await compose('uploaded', 'shop', [['uploaded/web', '*']], { wait: '0s' });
    await publish('uploaded', 'shop', '1.0.1');
    await expectState('uploaded', 'shop', 'failed');
    expect((await follow('uploaded', 'shop')).failure).toMatchObject({ code: 'lineage.notFound' });
    await compose(
      'uploaded',
      'shop',
      [['uploaded/web', '*']],
      { wait: '0s' },
      {
        save: { chart: 'shop', version: '1.0.2' },
      },
    );
    await expectState('uploaded', 'shop', 'current');
  });
});

describe('a cycle of follows', () => {
  it('a cycle of follows is refused when the recipe is accepted, with the chain', async () => {
    for (const chart of ['a', 'b', 'c']) await publish('ring', chart, '1.0.0');
    const save = (follow: object) => ({ version: '1.1.0', follow });
    const send = (chart: string, source: [string, string], query = '') =>
      registry.api(`/spaces/ring/charts${query}`, {
        method: 'POST',
        headers: { Prefer: 'wait=30' },
        body: JSON.stringify(recipeOf(chart, [source], save({ wait: '0s' }))),
      });
    expect((await send('b', ['ring/a', '*'])).status).toBe(201);
    expect((await send('c', ['ring/b', '*'])).status).toBe(201);
    for (const query of ['', '?dryRun=true']) {
      const refused = await send('a', ['ring/c', '^1'], query);
      expect(refused.status).toBe(409);
      expect(await errorOf(refused)).toMatchObject({
        code: 'follow.cycle',
        message: expect.stringContaining('ring/a -> ring/c -> ring/b -> ring/a'),
        details: { pointer: '/save/follow' },
      });
    }
    expect((await send('a', ['ring/a', '*'])).status).toBe(409);
    // By an exact version there is no way back.
    expect((await send('a', ['ring/c', '1.1.0'])).status).toBe(201);
    await expectQuiet();
  });

  it('a cycle of follows by way of a missing part is refused too', async () => {
    const declare = (name: string, version: string) => ({ manifest: { dependencies: [{ name, version }] } });
    await publish('parts', 'util', '1.0.0');
    await publish('parts', 'top', '1.0.0', declare('util', '^1'));
    const send = (chart: string, version: string, query = '') => {
      const source = { independent: true, space: 'parts', chart, version: '1.0.0', subcharts: 'resolve' };
      return registry.api(`/spaces/parts/charts${query}`, {
        method: 'POST',
        headers: { Prefer: 'wait=30' },
        body: JSON.stringify({
          save: { chart: 'own', version, follow: { wait: '0s' } },
          configs: { package: source },
        }),
      });
    };
    expect((await send('top', '1.0.0')).status).toBe(201);
    await publish('parts', 'util', '1.1.0');
    await expectVersions('parts', 'own', ['1.0.0', '1.0.1']);
    await publish('parts', 'loop', '1.0.0', declare('own', '*'));
    for (const query of ['?dryRun=true', '']) {
      const refused = await send('loop', '2.0.0', query);
      expect(refused.status).toBe(409);
      expect(await errorOf(refused)).toMatchObject({
        code: 'follow.cycle',
        message: expect.stringContaining('parts/own -> parts/own'),
        details: { pointer: '/save/follow' },
      });
    }
    await expectQuiet();
    expect(await versions('parts', 'own')).toEqual(['1.0.0', '1.0.1']);
  });

  it('that two recipes close together leaves one of them without effect', async () => {
    for (const chart of ['x', 'y']) await publish('race', chart, '1.0.0');
    const send = (chart: string, source: string) =>
      registry.orchestrate(
        'race',
        recipeOf(chart, [[`race/${source}`, '*']], { version: '1.1.0', follow: { wait: '0s' } }),
      );
    const [one, other] = await Promise.all([send('x', 'y'), send('y', 'x')]);
    const both = [one.status, other.status].sort();
    expect([
      [201, 201],
      [201, 409],
    ]).toContainEqual(both);
    await expectQuiet();
    expect([...(await versions('race', 'x')), ...(await versions('race', 'y'))].length).toBeLessThan(6);
    const texts = await Promise.all(
      ['x', 'y'].map(async (chart) => (await registry.api(pathOf('race', chart))).text()),
    );
    expect(texts.filter((text) => /"follow\.(?:cycle|notFound)"/.test(text))).toHaveLength(1);
  });
});

describe('the follow of a chart', () => {
  it('the follow of a chart is set, changed and ended', async () => {
    await publish('set', 'web', '1.0.0');
    expect((await registry.orchestrate('set', recipeOf('shop', [['set/web', '*']], {}))).status).toBe(201);
    const path = pathOf('set', 'shop');
    const absent = await registry.api(path);
    expect(absent.status).toBe(404);
    expect(await errorOf(absent)).toMatchObject({ code: 'follow.notFound' });
    const put = (body: object) => registry.api(path, { method: 'PUT', body: JSON.stringify(body) });
    const secret = `whsec_${Buffer.from('a quiet secret of enough bytes').toString('base64')}`;
    const set = await put({ wait: '0s', callback: { url: 'http://127.0.0.1:9/x?token=hidden', secret } });
    expect(await set.text()).not.toMatch(/whsec|hidden|sealed/);
    expect(set.status).toBe(200);
    await put({ wait: '1h', next: 'minor' });
    const changed = await follow('set', 'shop');
    expect(changed).toMatchObject({ settings: { wait: '1h', next: 'minor' }, hasCallback: true });
    expect((await put({ wait: '10 minutes' })).status).toBe(400);
    expect(await errorOf(await put({ until: 1 }))).toMatchObject({ details: { pointer: '/until' } });
    expect((await registry.api(path, { method: 'DELETE' })).status).toBe(204);
    expect((await registry.api(path, { method: 'DELETE' })).status).toBe(404);
    await publish('set', 'web', '1.0.1');
    await expectQuiet();
    expect(await versions('set', 'shop')).toEqual(['1.0.0']);
    expect((await registry.api(pathOf('set', 'web'), { method: 'PUT', body: '{}' })).status).toBe(404);
    expect((await registry.api(pathOf('set', 'gone'), { method: 'PUT', body: '{}' })).status).toBe(404);
  });

  it.each([
    [{ on: 'major' }, '/save/follow/on'],
    [{ next: 'major' }, '/save/follow/next'],
    [{ wait: '25h' }, '/save/follow/wait'],
    [{ keep: 0 }, '/save/follow/keep'],
    [{ prerelease: true }, '/save/follow/prerelease'],
    ['daily', '/save/follow'],
  ])('%j is refused with its pointer', async (settings, pointer) => {
    const response = await registry.orchestrate(
      'set',
      recipeOf('x', [['set/web', '*']], { follow: settings }),
    );
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'recipe.invalid', details: { pointer } });
  });

  it('the follow of a chart cannot take the version of its root source where it has none', async () => {
    await publish('rootless', 'web', '1.0.0');
    const web = { package: { independent: true, space: 'rootless', chart: 'web', version: '*' } };
    const send = (save: object) =>
      registry.orchestrate('rootless', { save: { version: '1.0.0', ...save }, configs: { web } });
    const settings = { next: 'same-as-source' };
    const refused = await send({ chart: 'refused', follow: settings });
    expect(refused.status).toBe(400);
    expect(await errorOf(refused)).toMatchObject({ details: { pointer: '/save/follow/next' } });
    expect((await send({ chart: 'umbrella' })).status).toBe(201);
    const path = pathOf('rootless', 'umbrella');
    const put = await registry.api(path, { method: 'PUT', body: JSON.stringify(settings) });
    expect(put.status).toBe(400);
    expect(await errorOf(put)).toMatchObject({ details: { pointer: '/next' } });
    expect((await registry.api(path)).status).toBe(404);
  });

  it('the follow of a chart is not set by a dry run', async () => {
    const recipe = recipeOf('dry', [['set/web', '*']], { follow: { wait: '0s' } });
    const response = await registry.api('/spaces/set/charts?dryRun=true', {
      method: 'POST',
      body: JSON.stringify(recipe),
    });
    await planOf(response);
    expect((await registry.api(pathOf('set', 'dry'))).status).toBe(404);
  });
});
