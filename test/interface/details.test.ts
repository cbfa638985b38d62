import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { digestOf } from '../../core/blobs/content.ts';
import { signInTheClear } from '../../core/chart/provenance.fixture.ts';
import {
  chartDetailsOf,
  errorOf,
  fullDetailsOf,
  spaceDetailsOf,
  versionDetailsOf,
} from '../support/answers.ts';
import { packChart, type TestChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { fillDetails } from '../support/detail-rows.ts';
import { openRepository } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

async function upload(space: string, chart: TestChart): Promise<Buffer> {
  const archive = await packChart(chart);
  expect((await registry.upload(space, archive)).status).toBe(201);
  return archive;
}
const read = async (path: string) => {
  const response = await registry.api(path);
  expect(response.status, path).toBe(200);
  return response;
};
const charts = async (space: string, query = '') =>
  chartDetailsOf(await read(`/spaces/${space}/details?limit=1000${query && `&${query}`}`));
const versions = async (space: string, chart: string, query = '') =>
  versionDetailsOf(await read(`/spaces/${space}/charts/${chart}/details?limit=1000${query && `&${query}`}`));
const spaces = async (query = '') => spaceDetailsOf(await read(`/details?limit=1000${query && `&${query}`}`));
const chartNames = async (space: string, query = '') =>
  (await charts(space, query)).items.map(({ name }) => name);
const versionNames = async (space: string, chart: string, query = '') =>
  (await versions(space, chart, query)).items.map(({ version }) => version);
const rowOf = async (space: string, name: string) =>
  (await charts(space)).items.find((row) => row.name === name);
const remove = async (path: string) =>
  expect((await registry.api(path, { method: 'DELETE' })).status, path).toBe(204);
const sign = (archive: Buffer, name: string, version: string) =>
  signInTheClear(
    `name: ${name}\nversion: ${version}\n\n...\nfiles:\n  ${name}-${version}.tgz: ${digestOf(archive)}\n`,
  );

describe('rows', () => {
  it('a row shows what the version says, and a chart the latest of its versions', async () => {
    await upload('row', { name: 'web', version: '1.0.0' });
    const archive = await upload('row', {
      name: 'web',
      version: '1.1.0-rc.1+b.7',
      manifest: {
        description: 'A front end',
        appVersion: '2.7',
        kubeVersion: '>=1.25',
        type: 'library',
        keywords: ['http', 'web'],
        icon: 'file://icon.svg',
        deprecated: true,
        home: 'https://web.example.test',
        sources: ['https://git.example.test/web'],
        maintainers: [{ name: 'Jo', email: 'jo@example.test' }],
        annotations: { license: 'MIT', 'artifacthub.io/images': '- image: example.test/web:2.7' },
        dependencies: [{ name: 'db', version: '1.x', alias: 'store', condition: 'store.enabled' }],
      },
      files: { 'README.md': '# Web\n', 'templates/a.yaml': 'a: 1\n' },
      subcharts: [{ name: 'db', version: '1.2.0' }],
    });
    const latest = {
      space: 'row',
      chart: 'web',
      version: '1.1.0-rc.1+b.7',
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      size: archive.length,
      digest: digestOf(archive),
      signed: false,
      composed: false,
      deprecated: true,
      preRelease: true,
      description: 'A front end',
      appVersion: '2.7',
      kubeVersion: '>=1.25',
      type: 'library',
      keywords: ['http', 'web'],
      icon: true,
    };
    const { metadata, items } = await charts('row');
    expect(metadata).toEqual({ total: 1, itemsLength: 1 });
    expect(items[0]).toMatchObject({ space: 'row', name: 'web', latest, versions: 2 });
    const listed = await versions('row', 'web');
    expect(
      listed.items.map(({ version, preRelease, type, keywords, icon }) => ({
        version,
        preRelease,
        type,
        keywords,
        icon,
      })),
    ).toEqual([
      { version: '1.1.0-rc.1+b.7', preRelease: true, type: 'library', keywords: ['http', 'web'], icon: true },
      { version: '1.0.0', preRelease: false, type: 'application', keywords: [], icon: false },
    ]);
    expect(listed.items[0]).toMatchObject(latest);
    expect(items[0]?.firstCreatedAt).toBe(listed.items[1]?.createdAt);
    expect(items[0]?.updatedAt).toBe(listed.items[0]?.updatedAt);
    const one = await fullDetailsOf(await read('/spaces/row/charts/web/versions/1.1.0-rc.1+b.7/details'));
    expect(one).toMatchObject({
      ...latest,
      home: 'https://web.example.test',
      sources: ['https://git.example.test/web'],
      maintainers: [{ name: 'Jo', email: 'jo@example.test' }],
      annotations: { license: 'MIT', 'artifacthub.io/images': '- image: example.test/web:2.7' },
      annotationLists: { changes: [], links: [], images: ['example.test/web:2.7'], screenshots: [] },
      dependencies: [{ name: 'db', version: '1.x', alias: 'store', condition: 'store.enabled' }],
      files: { readme: 'README.md' },
    });
    expect(one.counts).toMatchObject({ subcharts: 1 });
  });

  it('an error names the space, chart or version that is not there', async () => {
    for (const [path, code] of [
      ['/spaces/none/details', 'space.notFound'],
      ['/spaces/row/charts/none/details', 'chart.notFound'],
      ['/spaces/row/charts/web/versions/9.9.9/details', 'version.notFound'],
    ] as const)
      expect((await errorOf(await registry.api(path))).code).toBe(code);
  });

  it.each([
    ['/details?sort=size', 'sort'],
    ['/spaces/row/details?order=down', 'order'],
    ['/spaces/row/details?deprecated=yes', 'deprecated'],
    ['/spaces/row/details?since=yesterday', 'since'],
    ['/spaces/row/details?since=2026-13-01', 'since'],
    ['/spaces/row/charts/web/details?range=newest', 'range'],
    [`/spaces/row/charts/web/details?range=${'1'.repeat(251)}`, 'range'],
    ['/spaces/row/charts/web/details?preRelease=0', 'preRelease'],
  ])('the query %s of a list is refused', async (path, parameter) => {
    const response = await registry.api(path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'request.invalid', details: { parameter } });
  });
});

describe('order and filters', () => {
  beforeAll(async () => {
    await upload('shop', { name: 'beta', version: '1.0.0', manifest: { keywords: ['Cache'] } });
    await upload('shop', { name: 'alpha', version: '1.0.0', manifest: { type: 'library' } });
    await upload('shop', { name: 'gamma-web', version: '2.0.0', manifest: { deprecated: true } });
    await upload('shop', { name: 'beta', version: '0.9.0', manifest: { deprecated: true } });
    for (const version of [
      '1.0.0-alpha',
      '1.0.0-rc.2',
      '1.0.0-rc.10',
      '1.0.0',
      '1.0.0+b.1',
      '1.10.0',
      '1.9.0',
      '2.0.0-beta',
    ])
      await upload('versions', { name: 'web', version });
  });

  it.each([
    ['', ['alpha', 'beta', 'gamma-web']],
    ['order=desc', ['gamma-web', 'beta', 'alpha']],
    ['sort=updated&order=desc', ['beta', 'gamma-web', 'alpha']],
    ['sort=created', ['beta', 'alpha', 'gamma-web']],
    ['sort=versions&order=desc', ['beta', 'gamma-web', 'alpha']],
    ['sort=versions', ['alpha', 'gamma-web', 'beta']],
    ['q=A-W', ['gamma-web']],
    ['q=%25', []],
    ['keyword=cache', ['beta']],
    ['type=library', ['alpha']],
    ['deprecated=true', ['gamma-web']],
    ['deprecated=false&order=desc', ['beta', 'alpha']],
    ['signed=true', []],
    ['since=2000-01-01&q=beta', ['beta']],
    ['since=2999-01-01T00:00:00Z', []],
  ])('the list of charts with %j', async (query, expected) => {
    expect(await chartNames('shop', query)).toEqual(expected);
    const { metadata } = await chartDetailsOf(await read(`/spaces/shop/details?limit=0&${query}`));
    expect(metadata).toEqual({ total: expected.length, itemsLength: 0 });
  });

  it.each([
    ['', ['2.0.0-beta', '1.10.0', '1.9.0', '1.0.0+b.1', '1.0.0', '1.0.0-rc.10', '1.0.0-rc.2', '1.0.0-alpha']],
    ['preRelease=false&order=asc', ['1.0.0', '1.0.0+b.1', '1.9.0', '1.10.0']],
    ['preRelease=true', ['2.0.0-beta', '1.0.0-rc.10', '1.0.0-rc.2', '1.0.0-alpha']],
    ['range=^1.9', ['1.10.0', '1.9.0']],
    ['range=>=1.0.0-0 <1.9', ['1.0.0+b.1', '1.0.0', '1.0.0-rc.10', '1.0.0-rc.2', '1.0.0-alpha']],
    ['range=>3', []],
    ['q=RC', ['1.0.0-rc.10', '1.0.0-rc.2']],
    [
      'sort=created&order=asc',
      ['1.0.0-alpha', '1.0.0-rc.2', '1.0.0-rc.10', '1.0.0', '1.0.0+b.1', '1.10.0', '1.9.0', '2.0.0-beta'],
    ],
    ['sort=created&range=1.x', ['1.9.0', '1.10.0', '1.0.0+b.1', '1.0.0']],
  ])('the list of versions with %j', async (query, expected) => {
    const encoded = query.replaceAll('>', '%3E').replaceAll('<', '%3C').replaceAll('+', '%2B');
    expect(await versionNames('versions', 'web', encoded)).toEqual(expected);
    expect((await versions('versions', 'web', encoded)).metadata.total).toBe(expected.length);
  });

  it('spaces by name, counts and time of the last change', async () => {
    await upload('order-b', { name: 'one' });
    await upload('order-a', { name: 'one' });
    await upload('order-a', { name: 'two' });
    await upload('order-c', { name: 'one', version: '1.0.0' });
    await upload('order-c', { name: 'one', version: '1.0.1' });
    await upload('order-c', { name: 'one', version: '1.0.2' });
    await upload('order-b', { name: 'one', version: '2.0.0' });
    const names = async (query: string) =>
      (await spaces(`q=ORDER-&${query}`)).items.map(({ name }) => name.slice(-1)).join('');
    expect(await names('')).toBe('abc');
    expect(await names('order=desc')).toBe('cba');
    expect(await names('sort=changed')).toBe('acb');
    expect(await names('sort=charts&order=desc')).toBe('acb');
    expect(await names('sort=versions&order=desc')).toBe('cba');
    const page = await spaceDetailsOf(await read('/details?q=order-&start=1&limit=1'));
    expect(page).toMatchObject({
      metadata: { total: 3, itemsLength: 1 },
      items: [{ name: 'order-b', charts: 1, versions: 2 }],
    });
  });
});

describe('every door', () => {
  it('counts, bytes and the latest version follow uploads, replacements and deletions', async () => {
    const space = async () => (await spaces('q=doors')).items[0];
    const one = await upload('doors', { name: 'web', version: '1.0.0' });
    const two = await upload('doors', { name: 'web', version: '2.0.0', manifest: { deprecated: true } });
    const other = await upload('doors', { name: 'api', version: '1.0.0' });
    expect(await space()).toMatchObject({
      charts: 2,
      versions: 3,
      bytes: one.length + two.length + other.length,
    });
    expect(await rowOf('doors', 'web')).toMatchObject({
      latest: { version: '2.0.0', deprecated: true },
      versions: 2,
    });

    const before = await rowOf('doors', 'web');
    const changed = await packChart({
      name: 'web',
      version: '2.0.0',
      manifest: { type: 'library' },
      values: { a: 1 },
    });
    const put = { method: 'PUT', body: chartForm(changed) };
    expect((await registry.api('/spaces/doors/charts/web/versions/2.0.0', put)).status).toBe(200);
    const after = await rowOf('doors', 'web');
    expect(after?.latest).toMatchObject({ deprecated: false, type: 'library', digest: digestOf(changed) });
    expect(after?.latest.createdAt).toBe(before?.latest.createdAt);
    expect((after?.updatedAt ?? '') > (before?.updatedAt ?? '')).toBe(true);
    expect(await space()).toMatchObject({ versions: 3, bytes: one.length + changed.length + other.length });
    expect(await chartNames('doors', 'type=library')).toEqual(['web']);

    await remove('/spaces/doors/charts/web/versions/2.0.0');
    expect(await rowOf('doors', 'web')).toMatchObject({ latest: { version: '1.0.0' }, versions: 1 });
    expect(await space()).toMatchObject({ charts: 2, versions: 2, bytes: one.length + other.length });
    await remove('/spaces/doors/charts/web/versions/1.0.0');
    expect(await chartNames('doors')).toEqual(['api']);
    await remove('/spaces/doors/charts/api');
    expect(await charts('doors')).toEqual({ metadata: { total: 0, itemsLength: 0 }, items: [] });
    expect(await space()).toMatchObject({ charts: 0, versions: 0, bytes: 0 });
    await remove('/spaces/doors');
    expect((await spaces('q=doors')).items).toEqual([]);
  });

  it('a push by OCI and an upload of the old interface are rows', async () => {
    const archive = await packChart({ name: 'pushed', version: '1.0.0' });
    expect((await registry.api('/spaces?space=pushes', { method: 'POST' })).status).toBe(201);
    await openRepository(registry, 'pushes/pushed').pushChart(archive, '1.0.0');
    const museum = await packChart({ name: 'pushed', version: '1.1.0' });
    const response = await registry.request('/api/pushes/charts', {
      method: 'POST',
      body: new Uint8Array(museum),
    });
    expect(response.status).toBe(201);
    expect(await rowOf('pushes', 'pushed')).toMatchObject({ latest: { version: '1.1.0' }, versions: 2 });
    expect((await spaces('q=pushes')).items[0]?.bytes).toBe(archive.length + museum.length);
  });

  it('a provenance file signs, and so does a signature of cosign, until it is deleted', async () => {
    const archive = await upload('signed', { name: 'web' });
    await upload('signed', { name: 'api' });
    await upload('signed', { name: 'job' });
    const provenance = { method: 'PUT', body: new Uint8Array(sign(archive, 'web', '1.0.0')) };
    expect(
      (await registry.api('/spaces/signed/charts/web/versions/1.0.0/provenance', provenance)).status,
    ).toBe(204);
    expect(await chartNames('signed', 'signed=true')).toEqual(['web']);
    expect((await rowOf('signed', 'web'))?.latest.signed).toBe(true);

    const api = openRepository(registry, 'signed/api');
    const subject = async (repository: typeof api) =>
      (await repository.call('manifests/1.0.0', { method: 'HEAD' })).headers.get('docker-content-digest') ??
      '';
    const size = 1;
    const { digest: signature } = await api.pushArtifact(undefined, 'signature', {
      artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      subject: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: await subject(api), size },
    });
    const job = openRepository(registry, 'signed/job');
    const tag = `${(await subject(job)).replace(':', '-')}.sig`;
    await job.pushArtifact(tag, 'signature of another kind');
    expect(await chartNames('signed', 'signed=true')).toEqual(['api', 'job', 'web']);
    expect((await charts('signed')).items.map(({ latest }) => latest.signed)).toEqual([true, true, true]);
    expect((await versions('signed', 'api')).items[0]?.signed).toBe(true);

    expect((await api.remove(`manifests/${signature}`)).status).toBe(202);
    expect((await job.remove(`manifests/${tag}`)).status).toBe(202);
    expect(await chartNames('signed', 'signed=false')).toEqual(['api', 'job']);
    const put = { method: 'PUT', body: chartForm(await packChart({ name: 'web', values: { a: 1 } })) };
    expect((await registry.api('/spaces/signed/charts/web/versions/1.0.0', put)).status).toBe(200);
    expect(await chartNames('signed', 'signed=true')).toEqual([]);
  });

  it('a composed version says so, with its state, until an upload replaces it', async () => {
    await upload('made', { name: 'web', version: '1.0.0' });
    const recipe = {
      save: { chart: 'all', version: '1.0.0' },
      configs: { package: { independent: true, space: 'made', chart: 'web', version: '^1' } },
    };
    expect((await registry.orchestrate('made', recipe)).status).toBe(201);
    const state = async () => (await rowOf('made', 'all'))?.latest.state;
    expect((await rowOf('made', 'all'))?.latest.composed).toBe(true);
    await expect.poll(state, { timeout: 30_000 }).toBe('current');
    const path = '/spaces/made/charts/all/versions/1.0.0/details';
    const etag = (await read(path)).headers.get('etag') ?? '';
    const again = () => registry.api(path, { headers: { 'If-None-Match': etag } });
    expect((await again()).status).toBe(304);
    await upload('made', { name: 'web', version: '1.1.0' });
    await expect.poll(state, { timeout: 30_000 }).toBe('outdated');
    expect((await again()).status).toBe(200);
    expect(await fullDetailsOf(await read(path))).toMatchObject({ composed: true, state: 'outdated' });
    const put = { method: 'PUT', body: chartForm(await packChart({ name: 'all', version: '1.0.0' })) };
    expect((await registry.api('/spaces/made/charts/all/versions/1.0.0', put)).status).toBe(200);
    const row = await rowOf('made', 'all');
    expect(row?.latest.composed).toBe(false);
    expect(row?.latest).not.toHaveProperty('state');
  });
});

describe('pages', () => {
  it('an unchanged list is answered with 304, and a write changes its ETag', async () => {
    await upload('etags', { name: 'web' });
    for (const path of ['/spaces/etags/details', '/spaces/etags/charts/web/details', '/details?q=etags']) {
      const etag = (await read(path)).headers.get('etag') ?? '';
      const again = () => registry.api(path, { headers: { 'If-None-Match': etag } });
      expect((await again()).status).toBe(304);
      expect((await again()).status).toBe(304);
      await upload('etags', { name: 'web', version: `1.0.${path.length}` });
      expect((await again()).status).toBe(200);
    }
  });

  it('pages under concurrent uploads are in order, and in the end have every chart once', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `chart-${String(index).padStart(2, '0')}`);
    await upload('busy', { name: 'first' });
    const todo = names.flatMap((name) => ['1.0.0', '1.1.0'].map((version) => ({ name, version })));
    let isDone = false;
    const uploadNext = async (): Promise<void> => {
      for (let chart = todo.pop(); chart; chart = todo.pop()) await upload('busy', chart);
    };
    const uploads = Promise.all([uploadNext(), uploadNext(), uploadNext(), uploadNext()]).finally(() => {
      isDone = true;
    });
    do {
      const page = await chartDetailsOf(await read('/spaces/busy/details?start=1&limit=7'));
      const listed = page.items.map(({ name }) => name);
      expect(listed).toEqual([...new Set(listed)].sort());
      expect(page.metadata.total).toBeGreaterThanOrEqual(page.items.length);
    } while (!isDone);
    await uploads;
    const all: string[] = [];
    for (let path: string | undefined = '/api/v1/spaces/busy/details?limit=7'; path; ) {
      const response = await registry.request(path);
      path = /<([^>]+)>/.exec(response.headers.get('link') ?? '')?.[1];
      const { items } = await chartDetailsOf(response);
      all.push(...items.map(({ name, versions, latest }) => `${name} ${versions} ${latest.version}`));
    }
    expect(all).toEqual([...names.map((name) => `${name} 2 1.1.0`), 'first 1 1.0.0']);
  });

  it('5,000 versions of one chart are listed, filtered and read to their end', async () => {
    await fillDetails(registry.db, { space: 'deep', charts: 1, versions: 5_000 });
    expect(await rowOf('deep', 'chart-00001')).toMatchObject({
      versions: 5_000,
      latest: { version: '1.5000.0' },
    });
    const list = async (query: string) =>
      versionDetailsOf(await read(`/spaces/deep/charts/chart-00001/details?${query}`));
    expect((await list('start=4999&limit=50')).items.map(({ version }) => version)).toEqual(['1.1.0']);
    const ranged = await list('range=~1.4000&limit=5');
    expect(ranged).toMatchObject({ metadata: { total: 1 }, items: [{ version: '1.4000.0' }] });
    expect((await list('range=%3C1.4000&limit=1')).metadata.total).toBe(3_999);
    expect((await list('limit=1000')).items).toHaveLength(1_000);
  });

  it('every list of the interface says its ceiling, and refuses a page that is larger', async () => {
    const { paths } = z
      .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse(await (await registry.request('/openapi.json')).json());
    // Parameters of paths are references; those of queries stand at their route.
    const parameter = z.looseObject({
      name: z.string().optional(),
      in: z.string().optional(),
      schema: z.unknown().optional(),
    });
    const operation = z.looseObject({ parameters: z.array(parameter).default([]) });
    const lists = Object.entries(paths).flatMap(([path, methods]) => {
      const { parameters } = operation.parse(methods.get ?? {});
      const limit = parameters.find(({ name, in: place }) => name === 'limit' && place === 'query');
      return limit && path.startsWith('/api/v1/') ? [{ path, schema: limit.schema }] : [];
    });
    expect(lists.length).toBeGreaterThan(15);
    const values: Record<string, string> = { space: 'shop', chart: 'beta', version: '1.0.0', other: '0.9.0' };
    for (const { path, schema } of lists) {
      expect(schema, path).toMatchObject({ type: 'integer', maximum: 1_000 });
      const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? crypto.randomUUID());
      const response = await registry.request(`${url}?limit=1001`);
      expect([path, response.status]).toEqual([path, 400]);
      expect(await response.json()).toMatchObject({
        code: 'request.invalid',
        details: { parameter: 'limit' },
      });
    }
    expect((await registry.api('/spaces/shop/charts?limit=1000')).status).toBe(200);
    expect((await registry.request('/v2/_catalog?n=100000')).status).toBe(200);
  });
});
