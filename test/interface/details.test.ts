import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  const upload = async (space: string, chart: Parameters<typeof packChart>[0]) =>
    expect((await registry.upload(space, chart)).status).toBe(201);
  for (const version of ['1.0.0', '1.10.0', '1.9.0', '2.0.0-rc.1', '1.10.0+build.1'])
    await upload('lib', {
      name: 'web',
      version,
      manifest: { keywords: ['http', 'proxy'], description: 'Serves pages' },
    });
  await upload('lib', {
    name: 'db',
    version: '3.0.0',
    manifest: { deprecated: true, keywords: ['sql'], appVersion: '17' },
  });
  await upload('lib', {
    name: 'common',
    version: '0.1.0',
    manifest: { type: 'library', icon: 'https://example.com/i.png' },
  });
  await upload('other', { name: 'web', version: '0.0.1' });
});
afterAll(() => registry.close());

const page = z.object({
  metadata: z.object({ total: z.number(), itemsLength: z.number() }),
  items: z.array(z.looseObject({ name: z.string().optional(), version: z.string().optional() })),
});
async function list(path: string) {
  const response = await registry.api(path);
  expect(response.status).toBe(200);
  return page.parse(await response.json());
}
const namesOf = async (path: string) => (await list(path)).items.map(({ name, version }) => name ?? version);

describe('details of spaces', () => {
  it('are listed by name, with what is in them', async () => {
    const { metadata, items } = await list('/details');
    expect(metadata).toEqual({ total: 2, itemsLength: 2 });
    expect(items[0]).toMatchObject({ name: 'lib', overwriting: 'mutable', charts: 3, versions: 7 });
    expect(Date.parse(String(items[0]?.changedAt))).toBeGreaterThan(
      Date.parse(String(items[0]?.createdAt)) - 1,
    );
  });

  it.each([
    ['sort=charts', ['lib', 'other']],
    ['sort=charts&order=asc', ['other', 'lib']],
    ['sort=changed', ['other', 'lib']],
    ['q=OTH', ['other']],
    ['q=%25', []],
    ['start=1&limit=1', ['other']],
    ['start=5', []],
  ])('are chosen by %s', async (query, names) => {
    expect(await namesOf(`/details?${query}`)).toEqual(names);
  });
});

describe('details of charts', () => {
  it('have the latest version of each', async () => {
    const { metadata, items } = await list('/spaces/lib/details');
    expect(metadata).toEqual({ total: 3, itemsLength: 3 });
    expect(items.map(({ name, versions }) => [name, versions])).toEqual([
      ['common', 1],
      ['db', 1],
      ['web', 5],
    ]);
    expect(items[1]?.latest).toMatchObject({
      ...{ space: 'lib', chart: 'db', version: '3.0.0', deprecated: true, signed: false, composed: false },
      ...{ preRelease: false, appVersion: '17', type: 'application', keywords: ['sql'], icon: false },
      digest: expect.stringMatching(/^sha256:/),
    });
    expect(items[0]?.latest).toMatchObject({ type: 'library', icon: true, keywords: [] });
    expect(items[2]?.latest).toMatchObject({
      version: '2.0.0-rc.1',
      preRelease: true,
      description: 'Serves pages',
    });
  });

  it.each([
    ['sort=updated', ['common', 'db', 'web']],
    ['sort=updated&order=asc', ['web', 'db', 'common']],
    ['sort=created', ['common', 'db', 'web']],
    ['sort=versions', ['web', 'common', 'db']],
    ['order=desc', ['web', 'db', 'common']],
    ['q=PAGES', ['web']],
    ['q=w_b', []],
    ['keyword=proxy', ['web']],
    ['keyword=prox', []],
    ['type=library', ['common']],
    ['type=application', ['db', 'web']],
    ['deprecated=true', ['db']],
    ['deprecated=false', ['common', 'web']],
    ['signed=true', []],
    ['since=2000-01-01T00:00:00Z', ['common', 'db', 'web']],
    ['since=2100-01-01T00:00:00%2B02:00', []],
    ['limit=1&start=1', ['db']],
    ['sort=versions&limit=1&start=2', ['db']],
  ])('are chosen by %s', async (query, names) => {
    expect(await namesOf(`/spaces/lib/details?${query}`)).toEqual(names);
  });

  it('tell the number of all of them also past the end', async () => {
    expect((await list('/spaces/lib/details?start=9')).metadata).toEqual({ total: 3, itemsLength: 0 });
    expect((await list('/spaces/lib/details?start=9&type=library')).metadata.total).toBe(1);
  });
});

describe('details of versions', () => {
  it.each([
    ['', ['2.0.0-rc.1', '1.10.0+build.1', '1.10.0', '1.9.0', '1.0.0']],
    ['order=asc&limit=2', ['1.0.0', '1.9.0']],
    ['sort=created', ['1.10.0+build.1', '2.0.0-rc.1', '1.9.0', '1.10.0', '1.0.0']],
    ['preRelease=false&limit=2', ['1.10.0+build.1', '1.10.0']],
    ['range=^1.9', ['1.10.0+build.1', '1.10.0', '1.9.0']],
    ['range=>=2.0.0-0', ['2.0.0-rc.1']],
    ['q=10', ['1.10.0+build.1', '1.10.0']],
    ['range=^1.9&start=1&limit=1', ['1.10.0']],
    ['range=^7', []],
  ])('are chosen by “%s”', async (query, versions) => {
    const { items } = await list(
      `/spaces/lib/charts/web/details?${query.replaceAll('^', '%5E').replaceAll('>=', '%3E%3D')}`,
    );
    expect(items.map(({ version }) => version)).toEqual(versions);
  });

  it('count those that are chosen', async () => {
    expect((await list('/spaces/lib/charts/web/details?limit=1')).metadata.total).toBe(5);
    expect((await list('/spaces/lib/charts/web/details?range=%5E1.9&limit=1')).metadata.total).toBe(3);
  });

  it('have all of one version at its own address', async () => {
    const details = await registry.api('/spaces/lib/charts/db/versions/3.0.0/details');
    expect(await details.json()).toMatchObject({
      chart: 'db',
      sources: [],
      maintainers: [],
      annotations: {},
    });
  });

  it('say that a version was composed and whether it is up to date', async () => {
    const recipe = {
      save: { chart: 'shop', version: '1.0.0' },
      configs: { web: { package: { independent: true, chart: 'web', version: '1.9.0' } } },
    };
    expect((await registry.orchestrate('lib', recipe, { Prefer: 'wait=30' })).status).toBe(201);
    await expect
      .poll(async () => (await registry.api('/spaces/lib/charts/shop/versions/1.0.0/details')).json())
      .toMatchObject({ composed: true, state: 'newer' });
    await registry.api('/spaces/lib/charts/shop', { method: 'DELETE' });
    expect(await namesOf('/spaces/lib/details')).toEqual(['common', 'db', 'web']);
  });

  it('say that a version has a provenance file', async () => {
    const archive = await packChart({ name: 'sealed' });
    const body = chartForm(archive);
    body.set('provfile', new Blob(['-----BEGIN PGP SIGNED MESSAGE-----\n']), 'sealed-1.0.0.tgz.prov');
    const put = await registry.api('/spaces/other/charts', { method: 'POST', body });
    expect(put.status).toBe(201);
    expect(await namesOf('/spaces/other/details?signed=true')).toEqual(['sealed']);
  });
});

it.each([
  ['/details?sort=size', 400],
  ['/details?order=up', 400],
  ['/spaces/lib/details?since=yesterday', 400],
  ['/spaces/lib/details?deprecated=yes', 400],
  ['/spaces/lib/charts/web/details?range=a..b', 400],
  ['/spaces/nowhere/details', 404],
  ['/spaces/lib/charts/nothing/details', 404],
  ['/spaces/lib/charts/web/versions/9.9.9/details', 404],
])('answers %s with %i', async (path, status) => {
  expect((await registry.api(path)).status).toBe(status);
});
