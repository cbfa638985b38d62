import { posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { digestOf } from '../../core/blobs/content.ts';
import { signInTheClear } from '../../core/chart/provenance.fixture.ts';
import { errorOf } from '../support/answers.ts';
import { packChart, type TestChart } from '../support/charts.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  // Long enough that no upload of a race is refused with a lock timeout.
  registry = await startRegistry({ rootSpace: 'main', lockTimeout: 30_000 }, { worker: false });
});
afterAll(() => registry.close());

const entry = z.looseObject({
  name: z.string(),
  version: z.string(),
  urls: z.array(z.string()).length(1),
  digest: z.string(),
});
const chartList = z.record(z.string(), z.array(entry));
const refusal = z.strictObject({ error: z.string().min(1) });
const indexShape = z.looseObject({
  serverInfo: z.strictObject({ contextPath: z.string() }),
  entries: chartList,
});

const get = (path: string) => registry.request(path);
const post = (path: string, body: NonNullable<RequestInit['body']>) =>
  registry.request(path, { method: 'POST', body });
const raw = (bytes: Buffer) => new Uint8Array(bytes);
const form = (files: { chart?: Buffer; prov?: Buffer }) => {
  const body = new FormData();
  for (const [field, bytes] of Object.entries(files))
    body.set(field, new Blob([raw(bytes)]), `/tmp/${field}`);
  return body;
};
const sign = (archive: Buffer, name: string, version = '1.0.0') =>
  signInTheClear(
    `name: ${name}\nversion: ${version}\n\n...\nfiles:\n  ${name}-${version}.tgz: ${digestOf(archive)}\n`,
  );
const pack = (name: string, more: Partial<TestChart> = {}) => packChart({ name, ...more });
/** Reads the status and the error of a refusal, whose body must have the format of ChartMuseum. */
const refused = async (response: Response) => {
  const { error } = refusal.parse(await response.json());
  return { status: response.status, error };
};
const namesIn = async (path: string) => {
  const charts = chartList.parse(await (await get(path)).json());
  return Object.entries(charts).map(([name, versions]) => [name, versions.map(({ version }) => version)]);
};

describe('an upload', () => {
  it.each([
    ['as the body', (archive: Buffer) => raw(archive)],
    ['as a field of a form', (archive: Buffer) => form({ chart: archive })],
  ])('an archive %s is saved once, and overwritten with force', async (how, bodyOf) => {
    const space = how.replaceAll(' ', '-');
    const [first, second] = [
      await pack('web', { values: { a: 1 } }),
      await pack('web', { values: { a: 2 } }),
    ];
    const saved = await post(`/api/${space}/charts`, bodyOf(first));
    expect([saved.status, await saved.json()]).toEqual([201, { saved: true }]);
    expect((await refused(await post(`/api/${space}/charts`, bodyOf(second)))).status).toBe(409);
    const download = async () =>
      Buffer.from(await (await get(`/${space}/charts/web-1.0.0.tgz`)).arrayBuffer());
    expect(await download()).toEqual(first);
    const forced = await post(`/api/${space}/charts?force`, bodyOf(second));
    expect([forced.status, await forced.json()]).toEqual([201, { saved: true }]);
    expect(await download()).toEqual(second);
    expect(await namesIn(`/api/${space}/charts`)).toEqual([['web', ['1.0.0']]]);
  });

  it('an upload with force of a new version is saved', async () => {
    expect((await post('/api/forced/charts?force=true', raw(await pack('web')))).status).toBe(201);
    expect(await namesIn('/api/forced/charts')).toEqual([['web', ['1.0.0']]]);
  });

  it('force does not overwrite a version of an immutable space', async () => {
    await registry.api('/spaces?space=fixed&overwriting=immutable', { method: 'POST' });
    await post('/api/fixed/charts', raw(await pack('web')));
    const other = raw(await pack('web', { values: { a: 1 } }));
    expect((await refused(await post('/api/fixed/charts?force', other))).status).toBe(409);
    const deletion = await registry.request('/api/fixed/charts/web/1.0.0', { method: 'DELETE' });
    expect((await refused(deletion)).status).toBe(409);
  });

  it('concurrent uploads with force are all saved, and one of them is there in the end', async () => {
    const archives = await Promise.all(Array.from({ length: 8 }, (_, n) => pack('web', { values: { n } })));
    const answers = await Promise.all(
      archives.map((archive) => post('/api/race/charts?force', raw(archive))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const [listed] = z.array(entry).parse(await (await get('/api/race/charts/web')).json());
    expect(archives.map((archive) => digestOf(archive))).toContain(`sha256:${listed?.digest}`);
  });

  it('an upload that is no chart is refused with the reason', async () => {
    expect(await refused(await post('/api/bad/charts', raw(Buffer.from('no archive'))))).toMatchObject({
      status: 400,
      error: expect.stringContaining('gzip'),
    });
    expect((await refused(await post('/api/bad/charts', form({})))).status).toBe(400);
    expect((await refused(await post('/api/_bad/charts', raw(await pack('web'))))).status).toBe(400);
    expect((await refused(await get('/api/bad/charts'))).status).toBe(404);
  });
});

describe('a provenance file', () => {
  it.each([
    [
      'with its chart',
      async (archive: Buffer, prov: Buffer, path: string) =>
        post(`${path}/charts`, form({ chart: archive, prov })),
    ],
    [
      'by itself',
      async (archive: Buffer, prov: Buffer, path: string) => {
        await post(`${path}/charts`, raw(archive));
        return post(`${path}/prov`, raw(prov));
      },
    ],
    [
      'in a form of its own',
      async (archive: Buffer, prov: Buffer, path: string) => {
        await post(`${path}/charts`, raw(archive));
        return post(`${path}/charts`, form({ prov }));
      },
    ],
  ])('a provenance file %s is saved once, and overwritten with force', async (how, upload) => {
    const space = how.replaceAll(' ', '-');
    const archive = await pack('web');
    const prov = sign(archive, 'web');
    const saved = await upload(archive, prov, `/api/${space}`);
    expect([saved.status, await saved.json()]).toEqual([201, { saved: true }]);
    const file = await get(`/${space}/charts/web-1.0.0.tgz.prov`);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(prov);
    expect((await refused(await post(`/api/${space}/prov`, raw(prov)))).status).toBe(409);
    expect((await post(`/api/${space}/prov?force`, raw(prov))).status).toBe(201);
  });

  it('a provenance file for a missing version or other bytes is refused', async () => {
    const archive = await pack('web');
    expect((await refused(await post('/api/nothing/prov', raw(sign(archive, 'web'))))).status).toBe(404);
    await post('/api/other/charts', raw(archive));
    const wrong = sign(await pack('web', { values: { a: 1 } }), 'web');
    expect((await refused(await post('/api/other/prov', raw(wrong)))).status).toBe(400);
    expect((await refused(await post('/api/other/prov', 'no signature'))).status).toBe(400);
  });
});

describe('reading', () => {
  const versions = ['1.0.0', '1.10.0', '1.9.0', '2.0.0-rc.1'];
  const template = 'kind: ConfigMap\n# é\n';
  beforeAll(async () => {
    for (const version of versions) {
      const chart = await pack('web', {
        version,
        values: { at: version },
        files: { 'templates/map.yaml': template, 'templates/_helpers.tpl': '', 'README.md': 'no template' },
        subcharts: [{ name: 'db', values: { inner: true }, files: { 'templates/db.yaml': 'a: 1' } }],
      });
      await registry.upload('reads', chart);
    }
    for (const name of ['a', 'b', 'c']) await registry.upload('reads', { name });
  });

  it('charts are listed with their versions, newest first, whole or in pages', async () => {
    const web = ['web', ['2.0.0-rc.1', '1.10.0', '1.9.0', '1.0.0']];
    const one = ['1.0.0'];
    const path = '/api/reads/charts';
    expect(await namesIn(path)).toEqual([['a', one], ['b', one], ['c', one], web]);
    expect(await namesIn(`${path}?offset=1&limit=2`)).toEqual([
      ['b', one],
      ['c', one],
    ]);
    expect(await namesIn(`${path}?offset=2`)).toEqual([['c', one], web]);
    expect(await namesIn(`${path}?limit=1`)).toEqual([['a', one]]);
    expect(await namesIn(`${path}?offset=9`)).toEqual([]);
    for (const query of ['offset=-1', 'offset=x', 'limit=0', 'limit=-1', 'limit=1.5'])
      expect((await refused(await get(`${path}?${query}`))).status).toBe(400);
  });

  it('the list of charts has the entries of the index', async () => {
    const { entries } = indexShape.parse(await (await get('/reads/index.yaml')).json());
    expect(await (await get('/api/reads/charts')).json()).toEqual(entries);
    expect(await (await get('/api/reads/charts?limit=100')).json()).toEqual(entries);
    expect(await (await get('/api/reads/charts/web')).json()).toEqual(entries.web);
    expect(await (await get('/api/reads/charts/web/1.9.0')).json()).toEqual(entries.web?.[2]);
  });

  it.each([
    ['1.9.0', '1.9.0'],
    ['latest', '1.10.0'],
    ['2.0.0-rc.1', '2.0.0-rc.1'],
    ['^1.0.0-0', '1.10.0'],
    ['1.9', '1.9.0'],
  ])('the version %s is found as %s', async (requested, found) => {
    const described = entry.parse(await (await get(`/api/reads/charts/web/${requested}`)).json());
    expect(described.version).toBe(found);
    expect(await (await get(`/api/reads/charts/web/${requested}/values`)).text()).toBe(`at: ${found}\n`);
    const head = await registry.request(`/api/reads/charts/web/${requested}`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('templates and values of a version are those of its root chart', async () => {
    const response = await get('/api/reads/charts/web/latest/templates');
    expect(await response.json()).toEqual({
      templates: expect.arrayContaining([
        { name: 'templates/map.yaml', data: Buffer.from(template).toString('base64') },
        { name: 'templates/_helpers.tpl', data: '' },
      ]),
      values: { at: '1.10.0' },
    });
    const values = await get('/api/reads/charts/web/latest/values');
    expect(values.headers.get('content-type')).toBe('application/yaml');
    expect(await (await get('/api/reads/charts/a/1.0.0/templates')).json()).toEqual({
      templates: [],
      values: {},
    });
  });

  it.each([
    '/api/nowhere/charts',
    '/api/nowhere/charts?offset=1',
    '/api/reads/charts/nothing',
    '/api/reads/charts/nothing/latest',
    '/api/reads/charts/web/3.0.0',
    '/api/reads/charts/web/no-version',
    '/api/reads/charts/web/%00',
    '/api/reads/charts/a/1.0.0/values',
    '/api/reads/charts/web/3.0.0/templates',
  ])('GET and HEAD of %s are 404', async (path) => {
    expect((await refused(await get(path))).status).toBe(404);
    expect((await registry.request(path, { method: 'HEAD' })).status).toBe(404);
  });

  it('a read sees each write immediately, through whichever interface it was made', async () => {
    const latest = async () => entry.parse(await (await get('/api/sees/charts/web/latest')).json()).version;
    for (let n = 0; n < 20; n++) {
      const version = `1.${n}.0`;
      if (n % 2 === 0) await registry.upload('sees', { name: 'web', version });
      else await post('/api/sees/charts', raw(await pack('web', { version })));
      expect(await latest()).toBe(version);
    }
    const deletion = await registry.request('/api/sees/charts/web/1.19.0', { method: 'DELETE' });
    expect([deletion.status, await deletion.json()]).toEqual([200, { deleted: true }]);
    expect(await latest()).toBe('1.18.0');
    expect((await registry.api('/spaces/sees/charts/web/versions/1.19.0')).status).toBe(404);
    const again = await registry.request('/api/sees/charts/web/1.19.0', { method: 'DELETE' });
    expect((await refused(again)).status).toBe(404);
    const unclear = await registry.request('/api/sees/charts/web/latest', { method: 'DELETE' });
    expect((await refused(unclear)).status).toBe(400);
  });
});

/** Sends the requests of the plugin (chartmuseum/helm-push, `cmd/helm-cm-push`): reads the index, posts a chunked form. */
async function cmPush(repository: string, archive: Buffer, force = false): Promise<Response> {
  const index = indexShape.parse(await (await get(posix.join(repository, 'index.yaml'))).json());
  const { contextPath } = index.serverInfo;
  const path = posix.join('/', contextPath, 'api', repository, 'charts');
  const encoded = new Request('http://localhost', { method: 'POST', body: form({ chart: archive }) });
  const type = encoded.headers.get('content-type') ?? '';
  return registry.request(`${path}${force ? '?force' : ''}`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body: encoded.body,
    duplex: 'half',
  });
}

describe('helm cm-push', () => {
  it.each(['/', '/pushes'])(
    'helm cm-push to %s pushes, is refused for an existing version, and overwrites with force',
    async (repository) => {
      if (repository !== '/') await registry.api(`/spaces?space=${repository.slice(1)}`, { method: 'POST' });
      const archive = await pack('pushed');
      expect((await cmPush(repository, archive)).status).toBe(201);
      expect((await refused(await cmPush(repository, archive))).error).toContain('exists');
      expect((await cmPush(repository, await pack('pushed', { values: { a: 1 } }), true)).status).toBe(201);
    },
  );
});

describe('the space at the root', () => {
  it('the space at the root exists from the start, and has the paths of other spaces too', async () => {
    expect((await registry.api('/spaces/main')).status).toBe(200);
    const archive = await pack('rooted');
    const prov = sign(archive, 'rooted');
    expect((await post('/api/charts', form({ chart: archive, prov }))).status).toBe(201);
    for (const base of ['', '/main']) {
      const { entries } = indexShape.parse(await (await get(`${base}/index.yaml`)).json());
      const file = await get(`${base}/${entries.rooted?.[0]?.urls[0]}`);
      expect(Buffer.from(await file.arrayBuffer())).toEqual(archive);
      const signature = await get(`${base}/charts/rooted-1.0.0.tgz.prov`);
      expect(Buffer.from(await signature.arrayBuffer())).toEqual(prov);
    }
    expect((await registry.api('/spaces/main/charts/rooted/versions/1.0.0')).status).toBe(200);
    for (const path of ['/api/charts', '/api/charts?limit=100'])
      expect(await (await get(path)).json()).toEqual(
        await (await get(path.replace('/api', '/api/main'))).json(),
      );
    for (const path of ['', '/1.0.0', '/latest', '/latest/templates'])
      expect((await get(`/api/charts/rooted${path}`)).status).toBe(200);
    expect((await refused(await post('/api/prov', raw(prov)))).status).toBe(409);
    const deletion = await registry.request('/api/charts/rooted/1.0.0', { method: 'DELETE' });
    expect(await deletion.json()).toEqual({ deleted: true });
    expect((await refused(await get('/charts/rooted-1.0.0.tgz'))).status).toBe(404);
  });

  it('the space at the root leaves the paths of version 1 and of all other spaces', async () => {
    for (const space of ['v1', 'charts']) {
      await registry.upload(space, { name: 'web' });
      expect((await get(`/${space}/charts/web-1.0.0.tgz`)).status).toBe(200);
      expect((await get(`/api/${space}/charts/web/1.0.0`)).status).toBe(404);
    }
    expect((await post('/api/v1/charts', raw(await pack('web', { version: '2.0.0' })))).status).toBe(404);
    expect((await registry.api('/spaces/v1/charts/web/versions/2.0.0')).status).toBe(404);
    await post('/api/charts', raw(await pack('charts')));
    expect(entry.parse(await (await get('/api/charts/charts/1.0.0')).json()).name).toBe('charts');
    for (const space of ['api', 'prov', 'spaces']) {
      expect((await post(`/api/${space}/charts`, raw(await pack('web')))).status).toBe(201);
      expect(await namesIn(`/api/${space}/charts`)).toEqual([['web', ['1.0.0']]]);
    }
  });
});

it('ChartMuseum paths /health and /info are answered', async () => {
  expect(await (await get('/health')).json()).toEqual({ healthy: true });
  expect(await (await get('/info')).json()).toEqual({ version: expect.stringMatching(/^v\d+\.\d+\.\d+/) });
});

it('the paths of the root are 404 unless a space is set for them', async () => {
  const plain = await startRegistry({}, { worker: false });
  onTestFinished(() => plain.close());
  for (const path of ['/index.yaml', '/charts/web-1.0.0.tgz', '/api/charts', '/api/charts/web/1.0.0'])
    expect((await errorOf(await plain.request(path))).code).toBe('route.notFound');
  expect(
    (await plain.request('/api/charts/charts', { method: 'POST', body: raw(await pack('web')) })).status,
  ).toBe(201);
  expect((await plain.request('/api/charts/charts/web/latest')).status).toBe(200);
});
