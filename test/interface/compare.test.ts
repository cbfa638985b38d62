import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/blobs/content.ts';
import { comparisonOf, errorOf, planOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  const uploads = [
    await registry.upload('lib', {
      name: 'web',
      version: '1.0.0',
      manifest: {
        appVersion: '7.0',
        annotations: { 'a.b/c': 'old', kept: 'x' },
        dependencies: [
          { name: 'db', version: '^1', repository: '' },
          { name: 'cache', version: '1.0.0', alias: 'sessions' },
          { name: 'old', version: '1.0.0' },
        ],
      },
      values: {
        image: { tag: '7', pull: true },
        'a.b/c~d': 1,
        gone: { deep: [1] },
        list: [1, { a: 1 }],
        kind: {},
      },
      files: {
        'templates/a.yaml': 'a: 1\n',
        'templates/same.yaml': 'same\n',
        'crds/c.yaml': 'crd: 1\n',
        'crds/README.md': 'old\n',
        'logo.png': Buffer.from([0, 1, 2]),
      },
      subcharts: [
        {
          name: 'db',
          version: '1.0.0',
          values: { port: 1 },
          subcharts: [{ name: 'deep', version: '1.0.0' }],
        },
        { name: 'cache', version: '1.1.0', files: { 'templates/c.yaml': 'c: 1\n' } },
        { name: 'old', version: '1.0.0' },
      ],
    }),
    await registry.upload('lib', {
      name: 'web',
      version: '2.0.0',
      manifest: {
        description: 'a web',
        appVersion: '8.0',
        annotations: { 'a.b/c': 'new', kept: 'x' },
        dependencies: [
          { name: 'db', version: '^2', repository: '' },
          { name: 'cache', version: '1.0.0', alias: 'sessions' },
        ],
      },
      values: {
        image: { tag: '8', pull: true },
        'a.b/c~d': 2,
        list: [1, { a: 2 }],
        kind: 'text',
        fresh: null,
      },
      files: {
        'templates/a.yaml': 'a: 2\n',
        'templates/same.yaml': 'same\n',
        'templates/new.yaml': 'new: 1\n',
        'crds/c.yaml': 'crd: 2\n',
        'logo.png': Buffer.from([0, 1, 3]),
        // A packed subchart is the same chart as a folder.
        'charts/db-2.0.0.tgz': await packChart({
          name: 'db',
          version: '2.0.0',
          values: { port: 2 },
          subcharts: [{ name: 'deep', version: '0.9.0' }],
        }),
      },
      subcharts: [{ name: 'cache', version: '1.1.0', files: { 'templates/c.yaml': 'c: 2\n' } }],
    }),
  ];
  expect(uploads.map(({ status }) => status)).toEqual([201, 201]);
});
afterAll(() => registry.close());

const path = '/spaces/lib/charts/web/versions/1.0.0/compare/2.0.0';
const read = async (query = '', from = path) => comparisonOf(await registry.api(`${from}${query}`));

describe('a comparison', () => {
  it('names both versions with digest and size of their archives', async () => {
    const { from, to, truncated } = await read();
    expect(truncated).toBe(false);
    for (const side of [from, to]) {
      const archive = await registry.api(`/spaces/lib/charts/web/versions/${side.version}`);
      expect(`"${side.digest}"`).toBe(archive.headers.get('etag'));
      expect((await archive.arrayBuffer()).byteLength).toBe(side.size);
    }
    expect([from.version, to.version]).toEqual(['1.0.0', '2.0.0']);
  });

  it('lists changed keys of Chart.yaml without dependencies', async () => {
    expect((await read()).metadata).toEqual({
      total: 4,
      items: [
        { pointer: '/annotations/a.b~1c', change: 'changed', from: 'old', to: 'new' },
        { pointer: '/appVersion', change: 'changed', from: '7.0', to: '8.0' },
        { pointer: '/description', change: 'added', to: 'a web' },
        { pointer: '/version', change: 'changed', from: '1.0.0', to: '2.0.0' },
      ],
    });
  });

  it('tells declared dependencies and the charts inside apart', async () => {
    const { dependencies, subcharts } = await read();
    expect(dependencies).toEqual({
      total: 2,
      items: [
        {
          name: 'db',
          change: 'changed',
          from: { name: 'db', version: '^1', repository: '' },
          to: { name: 'db', version: '^2', repository: '' },
        },
        { name: 'old', change: 'removed', from: { name: 'old', version: '1.0.0' } },
      ],
    });
    expect(subcharts).toEqual({
      total: 4,
      items: [
        { path: 'charts/cache', name: 'cache', change: 'changed', from: '1.1.0', to: '1.1.0' },
        { path: 'charts/db', name: 'db', change: 'upgraded', from: '1.0.0', to: '2.0.0' },
        { path: 'charts/db/charts/deep', name: 'deep', change: 'downgraded', from: '1.0.0', to: '0.9.0' },
        { path: 'charts/old', name: 'old', change: 'removed', from: '1.0.0' },
      ],
    });
  });

  it('lists changed values as manifests/values shows them, by JSON pointers', async () => {
    const { values } = await read();
    expect(values?.items).toEqual([
      { pointer: '/a.b~1c~0d', change: 'changed', from: 1, to: 2 },
      { pointer: '/db/port', change: 'changed', from: 1, to: 2 },
      { pointer: '/gone', change: 'removed', from: { deep: [1] } },
      { pointer: '/image/tag', change: 'changed', from: '7', to: '8' },
      { pointer: '/kind', change: 'changed', from: {}, to: 'text' },
      { pointer: '/list', change: 'changed', from: [1, { a: 1 }], to: [1, { a: 2 }] },
      { pointer: '/old', change: 'removed', from: { global: {} } },
    ]);
    const shown = await Promise.all(
      ['1.0.0', '2.0.0'].map(async (version) =>
        (await registry.api(`/spaces/lib/charts/web/versions/${version}/manifests/values`)).json(),
      ),
    );
    for (const { pointer, from, to } of values?.items ?? [])
      expect(shown.map((document) => valueAt(document, pointer))).toEqual([from, to]);
  });

  it('lists changed files with their diffs; templates, CRDs and others told apart', async () => {
    const { files } = await read();
    const brief = files?.items.map(({ path, kind, change }) => `${change} ${kind} ${path}`);
    expect(brief).toEqual([
      'changed other Chart.yaml',
      'changed template charts/cache/templates/c.yaml',
      'changed other charts/db/Chart.yaml',
      'changed other charts/db/charts/deep/Chart.yaml',
      'changed other charts/db/values.yaml',
      'removed other charts/old/Chart.yaml',
      'removed other crds/README.md',
      'changed crd crds/c.yaml',
      'changed other logo.png',
      'changed template templates/a.yaml',
      'added template templates/new.yaml',
      'changed other values.yaml',
    ]);
    const of = (name: string) => files?.items.find(({ path }) => path === name);
    expect(of('templates/a.yaml')).toMatchObject({
      from: { size: 5, digest: digestOf(Buffer.from('a: 1\n')) },
      diff: `diff --git a/templates/a.yaml b/templates/a.yaml
--- a/templates/a.yaml
+++ b/templates/a.yaml
@@ -1 +1 @@
-a: 1
+a: 2
`,
    });
    expect(of('logo.png')).toMatchObject({ binary: true, from: { size: 3 }, to: { size: 3 } });
    expect(of('logo.png')).not.toHaveProperty('diff');
    expect(of('templates/new.yaml')).not.toHaveProperty('from');
  });

  it('a comparison is empty for a version with itself', async () => {
    const same = await read('', path.replace('2.0.0', '1.0.0'));
    for (const part of ['metadata', 'dependencies', 'subcharts', 'values', 'files'] as const)
      expect(same[part]).toEqual({ total: 0, items: [] });
  });

  it('of two charts, also of two spaces, is asked for by the query', async () => {
    await registry.upload('other', { name: 'site', version: '3.0.0', values: { image: { tag: '7' } } });
    const compared = await read('?space=other&chart=site', path.replace('2.0.0', '3.0.0'));
    expect(compared.to).toMatchObject({ space: 'other', chart: 'site', version: '3.0.0' });
    expect(compared.metadata?.items).toContainEqual({
      pointer: '/name',
      change: 'changed',
      from: 'web',
      to: 'site',
    });
  });
});

describe('a page of a comparison', () => {
  it('a page of a comparison has a part of each list, and a link to the next', async () => {
    const whole = await read();
    const collected: unknown[] = [];
    let next: string | undefined = `/api/v1${path}?limit=5`;
    while (next !== undefined) {
      const response = await registry.request(next);
      const { files } = await comparisonOf(response.clone());
      expect(files?.total).toBe(whole.files?.total);
      expect(files?.items.length).toBeLessThanOrEqual(5);
      collected.push(...(files?.items ?? []));
      next = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    expect(collected).toEqual(whole.files?.items);
  });

  it('a page of a comparison has one list, or one file, where that is asked for', async () => {
    const whole = await read();
    const { from, to, truncated } = whole;
    expect(await read('?only=subcharts')).toEqual({ from, to, truncated, subcharts: whole.subcharts });
    expect(await read('?file=templates/a.yaml')).toEqual({
      from,
      to,
      truncated,
      files: { total: 1, items: whole.files?.items.filter(({ path }) => path === 'templates/a.yaml') },
    });
    expect((await read('?file=templates/same.yaml')).files).toEqual({ total: 0, items: [] });
  });

  it.each(['only=nothing', 'start=-1', 'limit=x', 'against=1.0.0'])(
    'a comparison with ?%s is refused',
    async (query) => {
      const response = await registry.api(`${path}?${query}`);
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({
        code: 'request.invalid',
        details: { parameter: query.split('=')[0] },
      });
    },
  );
});

describe('the ETag of a comparison', () => {
  it('answers 304 until one of both archives is replaced', async () => {
    const upload = (version: string, a: number) => ({ name: 'tagged', version, values: { a } });
    await registry.upload('lib', upload('1.0.0', 1));
    await registry.upload('lib', upload('2.0.0', 2));
    const ask = (etag: string, query = '') =>
      registry.api(`/spaces/lib/charts/tagged/versions/1.0.0/compare/2.0.0${query}`, {
        headers: { 'If-None-Match': etag },
      });
    const etag = (await ask('"none"')).headers.get('etag') ?? '';
    expect((await ask(etag)).status).toBe(304);
    expect((await ask(etag, '?limit=1')).status).toBe(200);
    for (const version of ['1.0.0', '2.0.0']) {
      const before = (await ask('"none"')).headers.get('etag') ?? '';
      const replaced = await registry.api(`/spaces/lib/charts/tagged/versions/${version}`, {
        method: 'PUT',
        body: chartForm(await packChart(upload(version, 3))),
      });
      expect(replaced.status).toBe(200);
      const after = await ask(before);
      expect(after.status).toBe(200);
      expect(after.headers.get('etag')).not.toBe(before);
    }
    expect((await comparisonOf(await ask('"none"'))).values).toEqual({ total: 0, items: [] });
  });
});

describe('a comparison with what is not there', () => {
  it.each([
    ['9.9.9/compare/1.0.0', 'version.notFound', 404],
    ['1.0.0/compare/9.9.9', 'version.notFound', 404],
    ['1.0.0/compare/1.0.0?chart=none', 'chart.notFound', 404],
    ['1.0.0/compare/1.0.0?space=none', 'space.notFound', 404],
    ['1.0.0/compare/latest', 'version.invalid', 400],
  ])('%s is refused with %s', async (versions, code, status) => {
    const response = await registry.api(`/spaces/lib/charts/web/versions/${versions}`);
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ code });
  });
});

describe('a dry run with against', () => {
  const recipe = (version: string, tag: string) => ({
    save: { chart: 'made', version },
    configs: {
      package: { independent: true, space: 'lib', chart: 'web', version: '2.0.0', subcharts: 'keep' },
      _config: { image: { tag } },
    },
  });
  const dryRun = (body: unknown, query: string) =>
    registry.api(`/spaces/lib/charts?${query}`, { method: 'POST', body: JSON.stringify(body) });

  it('answers the comparison that the stored versions would have', async () => {
    expect((await registry.orchestrate('lib', recipe('1.0.0', '8'))).status).toBe(201);
    const next = recipe('1.1.0', '9');
    const found = [];
    for (const against of ['1.0.0', 'latest'])
      found.push((await planOf(await dryRun(next, `dryRun=true&against=${against}`))).comparison);
    expect((await registry.orchestrate('lib', next)).status).toBe(201);
    const stored = await read('', '/spaces/lib/charts/made/versions/1.0.0/compare/1.1.0');
    expect(found).toEqual([stored, stored]);
    expect(stored.values?.items).toEqual([{ pointer: '/image/tag', change: 'changed', from: '8', to: '9' }]);
  });

  it.each([
    ['dryRun=true&against=9.9.9', 404, 'version.notFound'],
    ['dryRun=true&against=x', 400, 'version.invalid'],
    ['against=1.0.0', 400, 'request.invalid'],
  ])('a dry run with against is refused for ?%s, and nothing is stored', async (query, status, code) => {
    const response = await dryRun(recipe('1.9.0', '9'), query);
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ code });
    expect((await registry.api('/spaces/lib/charts/made/versions/1.9.0')).status).toBe(404);
  });

  it('a dry run with against of a chart that has no version yet is 404', async () => {
    const body = { ...recipe('1.0.0', '8'), save: { chart: 'unmade', version: '1.0.0' } };
    for (const against of ['latest', '1.0.0']) {
      const response = await dryRun(body, `dryRun=true&against=${against}`);
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toMatchObject({ code: 'chart.notFound' });
    }
  });
});

/** Reads the value that a JSON pointer names. */
function valueAt(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((value: unknown, key) => Object(value)[key], document);
}
