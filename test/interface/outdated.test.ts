import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { composedStateOf, composedStatesOf, errorOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { workers: 3 });
});
afterAll(() => registry.close());

const of = (space: string, chart: string, version = '1.0.0') =>
  `/spaces/${space}/charts/${chart}/versions/${version}`;
const outdated = async (space: string, chart: string, version?: string) =>
  composedStateOf(await registry.api(`${of(space, chart, version)}/outdated`));

async function publish(space: string, name: string, version: string, manifest = {}): Promise<void> {
  const response = await registry.upload(space, { name, version, manifest });
  expect(response.status, await response.clone().text()).toBe(201);
}

async function replace(space: string, name: string): Promise<void> {
  const body = chartForm(await packChart({ name, values: { other: true } }));
  const response = await registry.api(of(space, name), { method: 'PUT', body });
  expect(response.ok, await response.clone().text()).toBe(true);
}

/** Composes a chart of sources, the first of which is its root. */
async function compose(
  target: { space: string; chart: string; version?: string },
  ...sources: [space: string, chart: string, version: string][]
): Promise<void> {
  const [root, ...children] = sources.map(([space, chart, version]) => ({
    package: { independent: true, space, chart, version },
  }));
  const { space, chart, version = '1.0.0' } = target;
  const configs = Object.assign({}, root, ...children.map((child, index) => ({ [`child${index}`]: child })));
  const response = await registry.orchestrate(
    space,
    { save: { chart, version }, configs },
    { Prefer: 'wait=30' },
  );
  expect(response.status, await response.clone().text()).toBe(201);
}

describe('whether a composed version is up to date', () => {
  it('shows what each source was resolved to, would be now, and what is newer', async () => {
    for (const version of ['1.0.0', '1.1.0']) await publish('one', 'web', version);
    await publish('one', 'db', '2.0.0');
    await compose(
      { space: 'one', chart: 'shop' },
      ['one', 'web', '^1.0'],
      ['one', 'db', '2.0.0'],
      ['one', 'db', 'latest'],
    );
    const before = await outdated('one', 'shop');
    expect(before).toMatchObject({
      state: 'current',
      outdated: false,
      newer: 'none',
      hidden: 0,
      link: `/api/v1${of('one', 'shop')}`,
    });
    expect(before.sources.map(({ now, stored }) => [now?.version, stored])).toEqual([
      ['1.1.0', 'unchanged'],
      ['2.0.0', 'unchanged'],
      ['2.0.0', 'unchanged'],
    ]);

    for (const version of ['1.1.1', '1.2.0-rc.1', '2.0.0', '2.1.0', '3.0.0-a'])
      await publish('one', 'web', version);
    for (const version of ['2.0.1', '2.0.2', '2.3.0']) await publish('one', 'db', version);
    await publish('one', 'db', '4.0.0', { deprecated: true });
    const after = await outdated('one', 'shop');
    expect(after).toMatchObject({ state: 'outdated', outdated: true, newer: 'major' });
    expect(after.sources).toMatchObject([
      {
        pointer: '/configs/package',
        requested: '^1.0',
        version: '1.1.0',
        stored: 'unchanged',
        outdated: true,
        now: { version: '1.1.1', deprecated: false },
      },
      { requested: '2.0.0', version: '2.0.0', outdated: false, now: { version: '2.0.0' } },
      { requested: 'latest', version: '2.0.0', outdated: true, now: { version: '4.0.0', deprecated: true } },
    ]);
    expect(after.sources.map(({ newer, prereleases }) => ({ newer, prereleases }))).toEqual([
      {
        newer: { major: { version: '2.1.0', deprecated: false } },
        prereleases: {
          minor: { version: '1.2.0-rc.1', deprecated: false },
          major: { version: '3.0.0-a', deprecated: false },
        },
      },
      {
        newer: {
          patch: { version: '2.0.2', deprecated: false },
          minor: { version: '2.3.0', deprecated: false },
          major: { version: '4.0.0', deprecated: true },
        },
        prereleases: {},
      },
      { newer: {}, prereleases: {} },
    ]);
  });

  it('deprecated releases do not count as newer', async () => {
    await publish('old', 'web', '1.0.0');
    await compose({ space: 'old', chart: 'shop' }, ['old', 'web', '1.0.0']);
    await publish('old', 'web', '1.1.0', { deprecated: true });
    expect(await outdated('old', 'shop')).toMatchObject({ state: 'current', newer: 'none' });
    await publish('old', 'web', '1.0.1');
    expect(await outdated('old', 'shop')).toMatchObject({ state: 'newer', outdated: false, newer: 'patch' });
  });

  it('says which sources are gone or have other bytes', async () => {
    for (const chart of ['web', 'db', 'cache']) await publish('lost', chart, '1.0.0');
    await publish('lost', 'db', '0.9.0');
    await compose(
      { space: 'lost', chart: 'shop' },
      ['lost', 'web', '1.0.0'],
      ['lost', 'db', '<2'],
      ['lost', 'cache', '1.0.0'],
    );
    await replace('lost', 'web');
    for (const chart of ['db', 'cache'])
      expect((await registry.api(of('lost', chart), { method: 'DELETE' })).ok).toBe(true);
    const { state, sources } = await outdated('lost', 'shop');
    expect(state).toBe('outdated');
    expect(sources).toMatchObject([
      { chart: 'web', stored: 'replaced', outdated: true, now: { version: '1.0.0' } },
      { chart: 'db', stored: 'gone', outdated: true, now: { version: '0.9.0' } },
      { chart: 'cache', stored: 'gone', outdated: true, now: null },
    ]);
    expect(sources[0]?.now?.digest).not.toBe(sources[0]?.digest);
  });

  it('a resolved part that has a newer version makes a version outdated, and composing it again takes that', async () => {
    await publish('parts', 'db', '1.0.0');
    const dependencies = [
      { name: 'db', version: '^1', alias: 'main', repository: 'https://charts.test' },
      { name: 'log', version: '^2', repository: 'https://charts.test' },
    ];
    await publish('parts', 'web', '1.0.0', { dependencies });
    await publish('more', 'log', '2.0.0');
    const configs = {
      package: { independent: true, space: 'parts', chart: 'web', version: '^1', subcharts: 'resolve' },
    };
    const save = { chart: 'shop', version: '1.0.0', from: ['more'] };
    expect((await registry.orchestrate('parts', { save, configs })).status).toBe(201);
    expect(await outdated('parts', 'shop')).toMatchObject({ state: 'current', newer: 'none' });
    await publish('more', 'log', '2.1.0');
    await publish('more', 'db', '1.9.0');
    await publish('parts', 'db', '2.0.0');
    const { state, newer, sources } = await outdated('parts', 'shop');
    expect({ state, newer }).toEqual({ state: 'outdated', newer: 'major' });
    expect(sources).toMatchObject([
      { space: 'parts', chart: 'web', outdated: false },
      { space: 'parts', chart: 'db', outdated: false, newer: { major: { version: '2.0.0' } } },
      { space: 'more', chart: 'log', requested: '^2', outdated: true, now: { version: '2.1.0' } },
    ]);
    const again = await registry.api(`${of('parts', 'shop')}/recompose`, {
      method: 'POST',
      headers: { Prefer: 'wait=30' },
      body: JSON.stringify({ next: 'patch' }),
    });
    expect(again.status, await again.clone().text()).toBe(201);
    const { sources: resolved } = await outdated('parts', 'shop', '1.0.1');
    expect(resolved.map(({ space, chart, version }) => `${space}/${chart} ${version}`)).toEqual([
      'parts/web 1.0.0',
      'parts/db 1.0.0',
      'more/log 2.1.0',
    ]);
  });

  it.each([
    ['plain', '1.0.0', 404, 'lineage.notFound'],
    ['plain', '9.9.9', 404, 'version.notFound'],
    ['none', '1.0.0', 404, 'chart.notFound'],
    ['plain', 'x', 400, 'version.invalid'],
  ])('%s %s is an error', async (chart, version, status, code) => {
    await registry.upload('errors', { name: 'plain' });
    const response = await registry.api(`${of('errors', chart, version)}/outdated`);
    expect([response.status, (await errorOf(response)).code]).toEqual([status, code]);
  });
});

describe('lists of composed versions', () => {
  const list = async (query = '', space = 'list') => {
    const response = await registry.api(`/spaces/${space}/outdated${query}`);
    expect(response.status, await response.clone().text()).toBe(200);
    const { items } = await composedStatesOf(response);
    return items.map(({ chart, version, state }) => `${chart} ${version} ${state}`);
  };
  const all = ['a 1.0.0 newer', 'b 1.0.0 outdated', 'b 1.1.0 current', 'c 1.0.0 outdated'];
  beforeAll(async () => {
    for (const version of ['1.0.0', '2.0.0']) await publish('list', 'base', version);
    await publish('list', 'moving', '1.0.0');
    await compose({ space: 'list', chart: 'a' }, ['list', 'base', '1.0.0']);
    await compose({ space: 'list', chart: 'b' }, ['list', 'base', '*'], ['list', 'moving', '^1']);
    await compose({ space: 'list', chart: 'b', version: '1.1.0' }, ['list', 'base', '*']);
    await compose({ space: 'list', chart: 'c' }, ['list', 'base', '2.0.0'], ['list', 'moving', '^1']);
    await publish('list', 'moving', '1.0.1');
    // The choice of a list follows changes a moment later.
    await vi.waitFor(
      async () => {
        expect(await list('?versions=all')).toEqual(all);
        expect(await list('?state=newer')).toEqual(['a 1.0.0 newer']);
        expect(await list('?state=current')).toEqual(['b 1.1.0 current']);
        expect(await list('?state=outdated')).toEqual(['c 1.0.0 outdated']);
        expect(await list('?state=outdated&versions=all')).toEqual(['b 1.0.0 outdated', 'c 1.0.0 outdated']);
      },
      { timeout: 30_000, interval: 200 },
    );
  });

  it('lists of composed versions have the highest composed version of each chart, or all, of one state or of any', async () => {
    expect(await list()).toEqual(['a 1.0.0 newer', 'b 1.1.0 current', 'c 1.0.0 outdated']);
    expect(await list('?state=newer')).toEqual(['a 1.0.0 newer']);
    expect(await list('?state=current')).toEqual(['b 1.1.0 current']);
    expect(await list('?state=outdated&versions=all')).toEqual(['b 1.0.0 outdated', 'c 1.0.0 outdated']);
    expect(await list('', 'one')).toEqual(['shop 1.0.0 outdated']);
  });

  it('lead from page to page, to every version once', async () => {
    for (const path of ['/spaces/list/outdated?versions=all&limit=1', '/outdated?limit=2']) {
      const found: string[] = [];
      for (let next: string | undefined = path; next; ) {
        const response = await registry.api(next);
        const { items } = await composedStatesOf(response.clone());
        found.push(...items.map(({ space, chart, version }) => `${space}/${chart}/${version}`));
        next = /<\/api\/v1([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
      }
      expect(found).toEqual([...new Set(found)].sort());
      expect(found.filter((name) => name.startsWith('list/'))).toEqual(
        path.includes('all')
          ? ['list/a/1.0.0', 'list/b/1.0.0', 'list/b/1.1.0', 'list/c/1.0.0']
          : ['list/a/1.0.0', 'list/b/1.1.0', 'list/c/1.0.0'],
      );
    }
  });

  it('leave out a version whose archive was replaced by an upload, or that is gone, at once', async () => {
    await publish('gone', 'base', '1.0.0');
    await compose({ space: 'gone', chart: 'a' }, ['list', 'base', '1.0.0']);
    await compose({ space: 'gone', chart: 'b' }, ['list', 'base', '1.0.0']);
    await expect.poll(() => list('', 'gone'), { timeout: 30_000 }).toHaveLength(2);
    expect((await registry.api(of('gone', 'a'), { method: 'DELETE' })).ok).toBe(true);
    await replace('gone', 'b');
    expect(await list('', 'gone')).toEqual([]);
  });

  it.each([
    ['/spaces/list/outdated?state=old', 400, 'request.invalid'],
    ['/spaces/list/outdated?cursor=x', 400, 'request.invalid'],
    [`/outdated?cursor=${Buffer.from('a/\0/1').toString('base64url')}`, 400, 'request.invalid'],
    ['/spaces/nowhere/outdated', 404, 'space.notFound'],
  ])('a list of composed versions with %s is an error', async (path, status, code) => {
    const response = await registry.api(path);
    expect([response.status, (await errorOf(response)).code]).toEqual([status, code]);
  });
});
