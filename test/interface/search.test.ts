import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorOf } from '../support/answers.ts';
import { packChart, type TestChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  // Long enough that no write of a race is refused with a lock timeout.
  registry = await startRegistry({ lockTimeout: 30_000 });
});
afterAll(() => registry.close());

const found = z.strictObject({
  metadata: z.strictObject({ total: z.int(), itemsLength: z.int() }),
  corrected: z.string().optional(),
  items: z.array(
    z.strictObject({
      space: z.string(),
      chart: z.string(),
      version: z.string(),
      link: z.string(),
      match: z.string(),
      createdAt: z.iso.datetime(),
      updatedAt: z.iso.datetime(),
      versions: z.int(),
      description: z.string().nullable(),
      keywords: z.array(z.string()).nullable(),
      appVersion: z.string().nullable(),
      type: z.string(),
      deprecated: z.boolean(),
      signed: z.boolean(),
      composed: z.boolean(),
      icon: z.boolean(),
    }),
  ),
});
const search = async (query: Record<string, string>) => {
  const response = await registry.api(`/search?${new URLSearchParams(query)}`);
  expect(response.status).toBe(200);
  return found.parse(await response.json());
};
const namesFor = async (q: string, space: string) =>
  (await search({ q, space })).items.map(({ chart }) => chart);
const chart = (name: string, manifest: TestChart['manifest'] = {}, version = '1.0.0'): TestChart => ({
  name,
  version,
  manifest,
});

describe('the results of a search', () => {
  beforeAll(async () => {
    for (const stored of [
      chart('sql'),
      chart('sqlite', { description: 'A library', appVersion: '3.5', keywords: ['embedded'] }),
      chart('my-sql-proxy', { keywords: ['sql'] }),
      chart('postgresql', { keywords: ['database', 'SQL'] }),
      chart('admin', { description: 'Web pages for SQL/NoSQL servers (e.g. mysql.example.com)' }),
      chart('Under_Score.dot', { description: 'geprüft\u0000 日本語 \u{1f600} <b>"quoted"</b> \\ ok' }),
      chart('1e5foo'),
      chart('bare', { keywords: ['', '-'], description: '' }),
    ])
      expect((await registry.upload('ranks', stored)).status).toBe(201);
    for (const space of ['many-a', 'many-b']) await registry.upload(space, chart('everywhere'));
  });

  it('search results are in order of the kind of match, then of the name', async () => {
    const { metadata, items } = await search({ q: 'sql', space: 'ranks' });
    expect(items.map(({ chart, match }) => [chart, match])).toEqual([
      ['sql', 'name'],
      ['sqlite', 'prefix'],
      ['my-sql-proxy', 'word'],
      ['postgresql', 'keyword'],
      ['admin', 'description'],
    ]);
    expect(metadata).toEqual({ total: 5, itemsLength: 5 });
    expect(items[1]).toMatchObject({
      space: 'ranks',
      chart: 'sqlite',
      version: '1.0.0',
      link: '/api/v1/spaces/ranks/charts/sqlite/versions/1.0.0',
      match: 'prefix',
      description: 'A library',
      keywords: ['embedded'],
      appVersion: '3.5',
    });
  });

  it.each([
    ['SQL', ['sql', 'sqlite', 'my-sql-proxy', 'postgresql', 'admin']],
    ['my-sql', ['my-sql-proxy', 'admin']],
    ['my sql proxy', ['my-sql-proxy']],
    ['proxy my', ['my-sql-proxy']],
    ['postgres database', ['postgresql']],
    ['postgres missing', []],
    ['mysql example', ['admin']],
    ['under_score', ['Under_Score.dot']],
    ['SCORE dot', ['Under_Score.dot']],
    ['geprüft', ['Under_Score.dot']],
    ['日本', ['Under_Score.dot']],
    ['quoted ok', ['Under_Score.dot']],
    ['1e5', ['1e5foo']],
    ['gres', []],
    ["'; DROP TABLE charts; --", []],
    ['sql & | ! ( ) : * < >', ['sql', 'sqlite', 'my-sql-proxy', 'postgresql', 'admin']],
    ['sql\u0000', ['sql', 'sqlite', 'my-sql-proxy', 'postgresql', 'admin']],
    ['***', []],
    ['\\', []],
    ['~', []],
  ])('a search for %j finds %j', async (q, names) => {
    expect(await namesFor(q, 'ranks')).toEqual(names);
  });

  it('a search is in all spaces, or in the given one', async () => {
    const all = await search({ q: 'everywhere' });
    expect(all.items.map(({ space }) => space)).toEqual(['many-a', 'many-b']);
    const one = await search({ q: 'everywhere', space: 'many-b' });
    expect(one.items.map(({ space }) => space)).toEqual(['many-b']);
    expect(one.metadata.total).toBe(1);
  });

  it('search results are paged as lists are', async () => {
    const page = async (start: string, limit: string) => {
      const { metadata, items } = await search({ q: 'sql', space: 'ranks', start, limit });
      return [metadata.total, ...items.map(({ chart }) => chart)];
    };
    expect(await page('1', '2')).toEqual([5, 'sqlite', 'my-sql-proxy']);
    expect(await page('4', '10')).toEqual([5, 'admin']);
    expect(await page('50', '10')).toEqual([5]);
    expect(await page('0', '0')).toEqual([5]);
    expect(await page('-1', '10')).toEqual([5]);
  });

  it.each([
    [`?q=${'a'.repeat(251)}`, 400, 'request.invalid'],
    ['?q=sql&limit=x', 400, 'request.invalid'],
    ['?q=sql&space=nowhere', 404, 'space.notFound'],
    ['?q=sql&space=_bad', 400, 'name.invalid'],
  ])('the search /search%s is refused with %i', async (query, status, code) => {
    const response = await registry.api(`/search${query}`);
    expect(response.status).toBe(status);
    expect((await errorOf(response)).code).toBe(code);
  });
});

describe('the latest version', () => {
  const described = async (space: string) =>
    (await search({ q: 'web', space })).items.map(({ version, description }) => [version, description]);

  it('the latest version of a chart is searched after every write', async () => {
    const space = 'follows';
    const web = `/spaces/${space}/charts/web`;
    await registry.upload(space, chart('web', { description: 'first' }));
    await registry.upload(space, chart('web', { description: 'second' }, '2.0.0'));
    await registry.upload(space, chart('web', { description: 'older' }, '1.5.0'));
    expect(await described(space)).toEqual([['2.0.0', 'second']]);
    expect(await namesFor('first', space)).toEqual([]);
    const third = await packChart(chart('web', { description: 'third' }, '2.0.0'));
    await registry.api(`${web}/versions/2.0.0`, { method: 'PUT', body: chartForm(third) });
    expect(await described(space)).toEqual([['2.0.0', 'third']]);
    expect(await namesFor('third', space)).toEqual(['web']);
    expect(await namesFor('second', space)).toEqual([]);
    await registry.api(`${web}/versions/2.0.0/manifests/metadata`, {
      method: 'PUT',
      body: JSON.stringify({ apiVersion: 'v2', name: 'web', version: '2.0.0', keywords: ['fourth'] }),
    });
    expect(await namesFor('fourth', space)).toEqual(['web']);
    await registry.api(`${web}/versions/2.0.0`, { method: 'DELETE' });
    expect(await described(space)).toEqual([['1.5.0', 'older']]);
    const made = await registry.orchestrate(space, {
      save: { chart: 'shop', version: '1.0.0', description: 'composed' },
      configs: { package: { independent: true, space, chart: 'web', version: '1.5.0' } },
    });
    expect(made.status).toBe(201);
    expect(await namesFor('composed', space)).toEqual(['shop']);
    await registry.api(`${web}/versions/1.5.0`, { method: 'DELETE' });
    await registry.api(`${web}/versions/1.0.0`, { method: 'DELETE' });
    expect(await described(space)).toEqual([]);
    await registry.api(`/spaces/${space}/charts/shop`, { method: 'DELETE' });
    expect(await namesFor('composed', space)).toEqual([]);
    await registry.upload(space, chart('last'));
    await registry.api(`/spaces/${space}`, { method: 'DELETE' });
    expect((await search({ q: 'last' })).items).toEqual([]);
  });

  it('the latest version is searched also after concurrent writes of one chart', async () => {
    for (let round = 0; round < 5; round++) {
      const space = `race-${round}`;
      await registry.upload(space, chart('web', { description: 'before' }, '2.0.0'));
      const rewritten = await packChart(chart('web', { description: 'rewritten' }, '2.0.0'));
      const writes = [
        registry.api(`/spaces/${space}/charts/web/versions/2.0.0`, {
          method: 'PUT',
          body: chartForm(rewritten),
        }),
        ...[1, 2, 3, 4].map((minor) =>
          registry.upload(space, chart('web', { description: `added ${minor}` }, `2.${minor}.0`)),
        ),
      ];
      for (const { status } of await Promise.all(writes)) expect([200, 201]).toContain(status);
      expect(await described(space)).toEqual([['2.4.0', 'added 4']]);
      const deletions = ['2.4.0', '2.3.0', '2.2.0', '2.1.0'].map((version) =>
        registry.api(`/spaces/${space}/charts/web/versions/${version}`, { method: 'DELETE' }),
      );
      for (const { status } of await Promise.all(deletions)) expect(status).toBe(204);
      expect(await described(space)).toEqual([['2.0.0', 'rewritten']]);
    }
  });
});
