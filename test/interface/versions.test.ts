import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { metadataListOf, metadataOf, namesOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
});
afterAll(() => registry.close());

const put = (path: string, archive: Buffer) =>
  registry.api(path, { method: 'PUT', body: chartForm(archive) });

describe('an upload', () => {
  it('an upload creates space, chart and version, and answers the link', async () => {
    const response = await registry.upload('lib', { name: 'web', version: '1.2.3' });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({
      space: 'lib',
      chart: 'web',
      version: '1.2.3',
      link: '/api/v1/spaces/lib/charts/web/versions/1.2.3',
    });
  });

  it('an upload of an existing version is refused', async () => {
    const response = await registry.upload('lib', { name: 'web', version: '1.2.3', values: { other: true } });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'version.exists', reason: 'ReasonInternal' });
  });

  it('an upload may keep the date of its publication, which is not to come', async () => {
    const upload = async (created: string, name: string) =>
      registry.api(`/spaces/copied/charts?created=${encodeURIComponent(created)}`, {
        method: 'POST',
        body: chartForm(await packChart({ name })),
      });
    expect((await upload('2020-02-03T04:05:06+01:00', 'old')).status).toBe(201);
    expect(await (await registry.api('/spaces/copied/charts/old/details')).json()).toMatchObject({
      items: [{ createdAt: '2020-02-03T03:05:06.000Z' }],
    });
    expect(await (await registry.request('/copied/index.yaml')).text()).toContain('2020-02-03T03:05:06.000Z');
    for (const wrong of ['yesterday', '2020-02-03', '2999-01-01T00:00:00Z', '']) {
      const refused = await upload(wrong, 'new');
      expect([wrong, refused.status]).toEqual([wrong, 400]);
      expect(await refused.json()).toMatchObject({ details: { parameter: 'created' } });
    }
  });

  it('an upload may have a name with a dot and a version with v, as in Helm', async () => {
    expect((await registry.upload('lib', { name: 'cert.manager', version: 'v1.16.1' })).status).toBe(201);
    expect((await registry.api('/spaces/lib/charts/cert.manager/versions/v1.16.1')).status).toBe(200);
  });

  it('an upload into a missing space is refused where spaces are not created automatically', async () => {
    const strict = await startRegistry({ autoCreateSpaces: false }, { worker: false });
    onTestFinished(() => strict.close());
    expect((await strict.upload('lib', { name: 'web' })).status).toBe(404);
    expect((await namesOf(await strict.api('/spaces'))).items).toEqual([]);
  });
});

describe('versions', () => {
  it('versions are listed ascending by SemVer precedence', async () => {
    const ascending = [
      '0.9.0',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0',
      '1.0.0+b',
      '1.9.0',
      '1.10.0',
    ];
    for (const version of [...ascending].reverse()) await registry.upload('order', { name: 'c', version });
    const list = await namesOf(await registry.api('/spaces/order/charts/c/versions?limit=100'));
    expect(list.items).toEqual(ascending);
    expect((await metadataOf(await registry.api('/spaces/order/charts/c/metadata/latest'))).version).toBe(
      '1.10.0',
    );
  });

  it('versions with build metadata are found by their path', async () => {
    expect((await registry.api('/spaces/order/charts/c/versions/1.0.0+b')).status).toBe(200);
    expect((await registry.api('/spaces/order/charts/c/versions/1.0.0%2Bb')).status).toBe(200);
  });

  it.each([
    ['/spaces/none/charts', 'space.notFound'],
    ['/spaces/none/charts/c/versions', 'space.notFound'],
    ['/spaces/order/charts/none/versions', 'chart.notFound'],
    ['/spaces/order/charts/c/versions/9.9.9', 'version.notFound'],
    ['/spaces/order/charts/c/versions/9.9.9/manifests/values', 'version.notFound'],
    ['/spaces/none/metadata', 'space.notFound'],
    ['/spaces/order/charts/none/metadata/latest', 'chart.notFound'],
  ])('a missing resource at %s is 404 with %s', async (path, code) => {
    const response = await registry.api(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code, reason: 'ReasonInternal' });
  });

  it.each([
    ['/spaces/a%2Fb/charts', 'name.invalid'],
    ['/spaces/lib/charts/a%2F..%2Fb/versions', 'name.invalid'],
    ['/spaces/lib/charts/web/versions/1.2', 'version.notFound'],
    ['/spaces/lib/charts/web/versions/..%2F..%2Fetc', 'version.invalid'],
  ])('an invalid name in %s is refused with %s', async (path, code) => {
    expect(await (await registry.api(path)).json()).toMatchObject({ code });
  });
});

describe('a download', () => {
  const path = '/spaces/bytes/charts/web/versions/1.0.0';
  let archive: Buffer;
  beforeAll(async () => {
    archive = await packChart({ name: 'web', files: { 'data.bin': Buffer.from([0, 255, 13, 10, 0]) } });
    await registry.upload('bytes', archive);
  });

  it('a download returns the stored bytes', async () => {
    const response = await registry.api(path);
    expect(response.headers.get('content-type')).toBe('application/gzip');
    expect(Buffer.from(await response.arrayBuffer()).equals(archive)).toBe(true);
  });

  it('HEAD of a download has its length', async () => {
    const response = await registry.api(path, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(archive.length));
  });

  it('a download is 304 for the current ETag', async () => {
    const etag = (await registry.api(path, { method: 'HEAD' })).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"sha256:[0-9a-f]{64}"$/);
    expect((await registry.api(path, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    expect((await registry.api(path, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
  });

  it('a download is 304 for the current date, unless another ETag is sent', async () => {
    const modified = (await registry.api(path, { method: 'HEAD' })).headers.get('last-modified') ?? '';
    const before = new Date(Date.parse(modified) - 1000).toUTCString();
    const statusOf = async (headers: Record<string, string>) =>
      (await registry.api(path, { headers })).status;
    expect(await statusOf({ 'If-Modified-Since': modified })).toBe(304);
    expect(await statusOf({ 'If-Modified-Since': before })).toBe(200);
    expect(await statusOf({ 'If-Modified-Since': 'yesterday' })).toBe(200);
    expect(await statusOf({ 'If-Modified-Since': modified, 'If-None-Match': '"other"' })).toBe(200);
    expect(await statusOf({ 'If-Modified-Since': modified, Range: 'bytes=0-9' })).toBe(304);
  });

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=5-', 5, undefined],
    ['bytes=-7', -7, undefined],
    ['bytes=3-99999999', 3, undefined],
  ])('a download is answered in part to Range: %s', async (range, from, to) => {
    const response = await registry.api(path, { headers: { Range: range } });
    expect(response.status).toBe(206);
    const part = Buffer.from(await response.arrayBuffer());
    expect(part.equals(archive.subarray(from, to))).toBe(true);
    expect(response.headers.get('content-range')).toMatch(new RegExp(`^bytes \\d+-\\d+/${archive.length}$`));
  });

  it('a download past the end is 416', async () => {
    const response = await registry.api(path, { headers: { Range: 'bytes=99999999-' } });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${archive.length}`);
  });

  it('a download of several ranges, or of one for another ETag, is whole', async () => {
    expect((await registry.api(path, { headers: { Range: 'bytes=0-1,4-5' } })).status).toBe(200);
    const ifRange = { Range: 'bytes=0-1', 'If-Range': '"other"' };
    expect((await registry.api(path, { headers: ifRange })).status).toBe(200);
  });
});

describe('replacing', () => {
  it('a replacement gives an existing version other bytes', async () => {
    await registry.upload('put', { name: 'web', values: { a: 1 } });
    const archive = await packChart({ name: 'web', values: { a: 2 } });
    const response = await put('/spaces/put/charts/web/versions/1.0.0', archive);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ space: 'put', chart: 'web', version: '1.0.0' });
    expect(
      await (await registry.api('/spaces/put/charts/web/versions/1.0.0/manifests/values')).json(),
    ).toEqual({ a: 2 });
    const download = await registry.api('/spaces/put/charts/web/versions/1.0.0');
    expect(Buffer.from(await download.arrayBuffer()).equals(archive)).toBe(true);
  });

  it('a replacement is 404 for a missing version and 400 for another chart', async () => {
    const archive = await packChart({ name: 'other' });
    expect((await put('/spaces/put/charts/other/versions/1.0.0', archive)).status).toBe(404);
    const mismatch = await put('/spaces/put/charts/web/versions/1.0.0', archive);
    expect(mismatch.status).toBe(400);
    expect(await mismatch.json()).toMatchObject({ code: 'upload.mismatch' });
  });
});

describe('deleting', () => {
  it('the deletion of the last version deletes the chart', async () => {
    await registry.upload('del', { name: 'web', version: '1.0.0' });
    await registry.upload('del', { name: 'web', version: '2.0.0' });
    const remove = (path: string) => registry.api(path, { method: 'DELETE' });
    expect((await remove('/spaces/del/charts/web/versions/1.0.0')).status).toBe(204);
    expect((await namesOf(await registry.api('/spaces/del/charts'))).items).toEqual(['web']);
    expect((await remove('/spaces/del/charts/web/versions/1.0.0')).status).toBe(404);
    expect((await remove('/spaces/del/charts/web/versions/2.0.0')).status).toBe(204);
    expect(await (await registry.api('/spaces/del/charts')).json()).toEqual({
      metadata: { total: 0, itemsLength: 0 },
      items: [],
    });
  });

  it('the deletion of a chart deletes all its versions', async () => {
    await registry.upload('del', { name: 'api', version: '1.0.0' });
    await registry.upload('del', { name: 'api', version: '2.0.0' });
    await registry.upload('del', { name: 'stays', version: '1.0.0' });
    expect((await registry.api('/spaces/del/charts/api', { method: 'DELETE' })).status).toBe(204);
    expect((await registry.api('/spaces/del/charts/api', { method: 'DELETE' })).status).toBe(404);
    expect((await metadataListOf(await registry.api('/spaces/del/metadata'))).metadata).toEqual({
      total: 1,
      itemsLength: 1,
    });
  });
});
