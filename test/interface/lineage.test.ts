import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dependentsOf, errorOf, jobsOf, lineageOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.upload('lib', { name: 'web', version: '1.2.0', values: { a: 1 } });
  await registry.upload('lib', { name: 'db', version: '2.0.0' });
});
afterAll(() => registry.close());

const source = (chart: string, version: string) => ({
  package: { independent: true, space: 'lib', chart, version },
});
const recipe = (chart: string) => ({
  save: { chart, version: '1.0.0' },
  configs: {
    ...source('web', '^1'),
    _config: { a: 2 },
    store: source('db', '2.0.0'),
    other: source('db', 'latest'),
  },
});
const of = (chart: string, version = '1.0.0') => `/spaces/lib/charts/${chart}/versions/${version}`;
const lineage = (chart: string, version?: string) => registry.api(`${of(chart, version)}/lineage`);
const dependents = async (chart: string, version: string, query = '') =>
  dependentsOf(await registry.api(`${of(chart, version)}/dependents${query}`));
const namesOf = async (chart: string, version: string, query = '') =>
  (await dependents(chart, version, query)).items.map((item) => item.chart);

async function compose(chart: string): Promise<void> {
  const callback = { url: 'http://127.0.0.1:9/', secret: `whsec_${'c2Vj'.repeat(8)}` };
  const response = await registry.orchestrate('lib', { ...recipe(chart), callback });
  expect(response.status, await response.clone().text()).toBe(201);
}

describe('lineage', () => {
  it('lineage has recipe, plan, sources and job, and no secret', async () => {
    await compose('shop');
    const found = await lineageOf(await lineage('shop'));
    const archive = await registry.api(of('shop'));
    const [job] = (await jobsOf(await registry.api('/jobs?space=lib&chart=shop'))).items;
    expect(archive.headers.get('etag')).toBe(`"${found.digest}"`);
    expect(found).toMatchObject({ modified: false, job: job?.id, recipe: recipe('shop') });
    expect(found.plan).toMatchObject({ chart: 'shop', root: { source: { chart: 'web', version: '1.2.0' } } });
    expect(found.sources).toEqual(job?.sources);
    expect(found.sources.map(({ pointer, requested, version }) => [pointer, requested, version])).toEqual([
      ['/configs/package', '^1', '1.2.0'],
      ['/configs/other/package', 'latest', '2.0.0'],
      ['/configs/store/package', '2.0.0', '2.0.0'],
    ]);
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  it('each route shows a recipe with its keys as they were sent, also of what was composed anew', async () => {
    const sent = {
      save: { version: '1.0.0', description: 'In this order', chart: 'ordered' },
      configs: {
        web: { _config: { z: 1, nested: { long: 1, b: 2 }, a: 3 }, ...source('web', '^1') },
        db: { package: { version: '2.0.0', chart: 'db', space: 'lib', independent: true } },
      },
    };
    expect((await registry.orchestrate('lib', sent)).status).toBe(201);
    const { job } = await lineageOf(await lineage('ordered'));
    for (const path of [`${of('ordered')}/recipe`, `/jobs/${job}/recipe`])
      expect(JSON.stringify(await (await registry.api(path)).json()), path).toBe(JSON.stringify(sent));
    expect(JSON.stringify((await lineageOf(await lineage('ordered'))).recipe)).toBe(JSON.stringify(sent));

    const anew = { method: 'POST', body: JSON.stringify({ next: 'patch' }), headers: { Prefer: 'wait=30' } };
    expect((await registry.api(`${of('ordered')}/recompose`, anew)).status).toBe(201);
    const { recipe } = await lineageOf(await lineage('ordered', '1.0.1'));
    expect(JSON.stringify(recipe)).toBe(JSON.stringify(sent).replace('"1.0.0"', '"1.0.1"'));
  });

  it.each([
    ['web', '1.2.0', 'lineage.notFound'],
    ['none', '1.0.0', 'chart.notFound'],
    ['web', '9.9.9', 'version.notFound'],
  ])('lineage of %s %s is answered 404 with %s', async (chart, version, code) => {
    const response = await registry.api(`${of(chart, version)}/lineage`);
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code });
  });

  it('lineage survives a rewrite of values as modified, and ends with another archive', async () => {
    await compose('changed');
    await registry.api(`${of('changed')}/manifests/values`, { method: 'PUT', body: '{"a":3}' });
    expect(await lineageOf(await lineage('changed'))).toMatchObject({ modified: true });
    expect(await namesOf('db', '2.0.0')).toContain('changed');
    const form = new FormData();
    form.set('chartfile', new Blob([await packChart({ name: 'changed' })]));
    expect((await registry.api(of('changed'), { method: 'PUT', body: form })).status).toBe(200);
    expect((await lineage('changed')).status).toBe(404);
    expect(await namesOf('db', '2.0.0')).not.toContain('changed');
  });

  it.each(['version', 'chart', 'space'])('lineage is deleted with its %s', async (kind) => {
    await registry.api(`/spaces?space=gone-${kind}`, { method: 'POST' });
    const response = await registry.orchestrate(`gone-${kind}`, recipe('shop'));
    expect(response.status).toBe(201);
    const { db } = registry;
    const count = async () =>
      db.query(
        `SELECT FROM lineage l JOIN lineage_sources s USING (version_id) WHERE l.plan->>'space' = $1`,
        [`gone-${kind}`],
      );
    expect(await count()).toHaveLength(2);
    const path = { version: '/charts/shop/versions/1.0.0', chart: '/charts/shop', space: '' }[kind];
    await registry.api(`/spaces/gone-${kind}${path}`, { method: 'DELETE' });
    expect(await count()).toEqual([]);
  });
});

describe('dependents', () => {
  it('dependents are listed newest first, in pages, with the digest of their source', async () => {
    await registry.upload('lib', { name: 'base', version: '1.0.0' });
    expect(await dependents('base', '1.0.0')).toEqual({ metadata: { total: 0, itemsLength: 0 }, items: [] });
    for (const name of ['one', 'two', 'three']) {
      const body = {
        save: { chart: name, version: '1.0.0' },
        configs: { ...source('base', '*'), b: source('base', '1.0.0') },
      };
      expect((await registry.orchestrate('lib', body)).status).toBe(201);
    }
    expect(await namesOf('base', '1.0.0')).toEqual(['three', 'two', 'one']);
    const page = await dependents('base', '1.0.0', '?start=1&limit=1');
    const archive = await registry.api(of('base'));
    expect(page).toEqual({
      metadata: { total: 3, itemsLength: 1 },
      items: [
        {
          space: 'lib',
          chart: 'two',
          version: '1.0.0',
          link: `/api/v1${of('two')}`,
          sourceDigest: archive.headers.get('etag')?.replaceAll('"', ''),
        },
      ],
    });
    await registry.api(of('base'), { method: 'DELETE' });
    expect(await namesOf('base', '1.0.0')).toEqual(['three', 'two', 'one']);
    await registry.api(of('two'), { method: 'DELETE' });
    expect(await namesOf('base', '1.0.0')).toEqual(['three', 'one']);
  });

  it('dependents of a missing chart are 404, and of a bad limit 400', async () => {
    expect((await registry.api(`${of('none', '1.0.0')}/dependents`)).status).toBe(404);
    expect((await registry.api(`${of('web', '1.2.0')}/dependents?limit=x`)).status).toBe(400);
  });
});
