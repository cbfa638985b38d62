import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { digest, manifestOf } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
let archive: Buffer;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
  archive = await packChart({ name: 'web', values: { a: 1 } });
  expect((await registry.upload('lib', archive)).status).toBe(201);
  // An archive whose file name is ambiguous is served under a path with chart and version.
  expect((await registry.upload('lib', { name: 'web-2.0.0', version: '1.0.0' })).status).toBe(201);
  const manifest = await registry.request('/v2/lib/web/manifests/1.0.0');
  doors.push(`/v2/lib/web/blobs/${(await manifestOf(manifest)).config.digest}`);
});
afterAll(() => registry.close());

const archives = [
  '/api/v1/spaces/lib/charts/web/versions/1.0.0',
  '/lib/charts/web-1.0.0.tgz',
  '/lib/charts/web/1.0.0/web-1.0.0.tgz',
];
const blob = () => `/v2/lib/web/blobs/${digest(archive)}`;
const doors = [
  ...archives,
  '/lib/index.yaml',
  '/api/lib/charts',
  '/api/lib/charts/web',
  '/api/lib/charts/web/1.0.0',
  '/api/lib/charts/web/1.0.0/templates',
  '/api/lib/charts/web/1.0.0/values',
  '/api/v1/spaces/lib/charts',
  '/api/v1/spaces/lib/charts/web/versions',
  '/api/v1/spaces/lib/metadata',
  '/api/v1/spaces/lib/charts/web/versions/1.0.0/manifests/metadata',
  '/api/v1/spaces/lib/charts/web/versions/1.0.0/manifests/values',
  '/v2/lib/web/manifests/1.0.0',
];

/** Sends requests to one and the same API process. */
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${registry.url}${path}`, {
    method,
    headers: { ...registry.headers, ...headers },
    redirect: 'manual',
  });
const statusOf = async (path: string, headers: Record<string, string>, method?: string) => {
  const response = await ask(path, headers, method);
  await response.arrayBuffer();
  return response.status;
};

describe('If-None-Match', () => {
  it('If-None-Match is heeded by GET and HEAD wherever an ETag is sent', async () => {
    for (const path of [...doors, blob()]) {
      const first = await ask(path);
      const etag = first.headers.get('etag') ?? '';
      const length = (await first.arrayBuffer()).byteLength;
      expect(etag, path).toMatch(/^"[^"]+"$/);
      for (const method of ['GET', 'HEAD']) {
        for (const known of [etag, `W/${etag}`, '*', ` "x" ,W/${etag}, "y"`]) {
          const response = await ask(path, { 'If-None-Match': known }, method);
          expect([response.status, await response.text()], `${path} ${known}`).toEqual([304, '']);
          expect(response.headers.get('etag')).toBe(etag);
        }
        for (const other of ['"x"', etag.replaceAll('"', ''), `w/${etag}`, ''])
          expect(await statusOf(path, { 'If-None-Match': other }, method), `${path} ${other}`).toBe(200);
      }
      const head = await ask(path, { 'Accept-Encoding': 'identity' }, 'HEAD');
      expect(await head.text()).toBe('');
      expect([path, head.headers.get('content-length')]).toEqual([path, String(length)]);
    }
  });
});

describe('If-Modified-Since', () => {
  it('If-Modified-Since is heeded wherever Last-Modified is sent, and only if it is an HTTP date', async () => {
    for (const path of archives) {
      const modified = (await ask(path)).headers.get('last-modified') ?? '';
      const time = Date.parse(modified);
      const at = (shift: number) => new Date(time + shift).toUTCString();
      const asctime = modified.replace(/^(\w+), (\d\d) (\w+) (\d+) (\S+) GMT$/, '$1 $3 $2 $5 $4');
      const day = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(time);
      const rfc850 = modified.replace(/^\w+, (\d\d) (\w+) \d\d(\d\d) /, `${day}, $1-$2-$3 `);
      for (const method of ['GET', 'HEAD']) {
        for (const since of [modified, at(1000), at(86_400_000), asctime, rfc850])
          expect(await statusOf(path, { 'If-Modified-Since': since }, method), since).toBe(304);
        const none = [
          at(-1000),
          '',
          '2999',
          '2999-01-01',
          new Date(time).toISOString(),
          'tomorrow',
          `${time}`,
        ];
        for (const since of none)
          expect(await statusOf(path, { 'If-Modified-Since': since }, method), since).toBe(200);
        // If-None-Match has precedence over the date.
        const both = { 'If-Modified-Since': at(1000), 'If-None-Match': '"x"' };
        expect(await statusOf(path, both, method)).toBe(200);
      }
    }
  });
});

describe('Range', () => {
  it('Range returns a part to GET and is ignored by HEAD', async () => {
    for (const path of [...archives, blob()]) {
      const { length } = archive;
      for (const [range, from, to] of [
        ['bytes=2-5', 2, 6],
        ['BYTES=2-5', 2, 6],
        ['bytes = 2 - 5', 2, 6],
        ['bytes=-3', length - 3, length],
        [`bytes=${length - 1}-`, length - 1, length],
        ['bytes=0-99999999999999999999', 0, length],
      ] as const) {
        const part = await ask(path, { Range: range });
        expect([part.status, part.headers.get('content-range')], `${path} ${range}`).toEqual([
          206,
          `bytes ${from}-${to - 1}/${length}`,
        ]);
        expect(Buffer.from(await part.arrayBuffer())).toEqual(archive.subarray(from, to));
      }
      for (const range of ['bytes=-', 'bytes=a-b', 'items=0-1', 'bytes=0-1,3-4', 'bytes=1.5-2', ''])
        expect(await statusOf(path, { Range: range }), range).toBe(200);
      for (const range of [`bytes=${length}-`, 'bytes=-0', 'bytes=99999999999999999999-'])
        expect(await statusOf(path, { Range: range }), range).toBe(416);
      for (const range of ['bytes=0-1', `bytes=${length}-`]) {
        const head = await ask(path, { Range: range }, 'HEAD');
        expect([head.status, head.headers.get('content-length')]).toEqual([200, String(length)]);
      }
    }
  });

  it('Range is heeded only if If-Range has the current ETag', async () => {
    for (const path of [...archives, blob()]) {
      const known = await ask(path, {}, 'HEAD');
      const etag = known.headers.get('etag') ?? '';
      const modified = known.headers.get('last-modified') ?? new Date().toUTCString();
      const statuses = [etag, `W/${etag}`, '"x"', modified].map((value) =>
        statusOf(path, { Range: 'bytes=0-1', 'If-Range': value }),
      );
      expect(await Promise.all(statuses), path).toEqual([206, 200, 200, 200]);
    }
  });
});
