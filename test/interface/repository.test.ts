import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { digestOf } from '../../core/blobs/content.ts';
import { signInTheClear } from '../../core/chart/provenance.fixture.ts';
import { parseYamlMap } from '../../core/yaml/yaml.ts';
import { errorOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

const indexShape = z.strictObject({
  apiVersion: z.literal('v1'),
  generated: z.iso.datetime(),
  serverInfo: z.strictObject({ contextPath: z.literal('') }),
  entries: z.record(
    z.string(),
    z.array(
      z.looseObject({ name: z.string(), version: z.string(), urls: z.array(z.string()), digest: z.string() }),
    ),
  ),
});
const at = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${registry.url}${path}`, { headers: { ...registry.headers, ...headers } });
const indexOf = async (space: string) => indexShape.parse(await (await at(`/${space}/index.yaml`)).json());
const versionsOf = async (space: string) =>
  Object.fromEntries(
    Object.entries((await indexOf(space)).entries).map(([name, entries]) => [
      name,
      entries.map(({ version }) => version),
    ]),
  );
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

/** Sends a GET without the headers that fetch adds, and does not decompress the body. */
function rawGet(path: string, headers: Record<string, string>) {
  return new Promise<{ encoding: string | undefined; bytes: Buffer }>((resolve, reject) => {
    const asking = request(
      `${registry.url}${path}`,
      { headers: { ...registry.headers, ...headers } },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(Buffer.from(chunk));
        resolve({ encoding: response.headers['content-encoding'], bytes: Buffer.concat(chunks) });
      },
    );
    asking.on('error', reject);
    asking.end();
  });
}

describe('the index of a space', () => {
  it('the index lists every version, newest first, with URL and digest', async () => {
    const archives = await Promise.all(
      ['1.0.0', '1.10.0', '1.9.0', '2.0.0-rc.1', '2.0.0+b.1'].map((version) =>
        packChart({ name: 'web', version }),
      ),
    );
    for (const archive of archives) await registry.upload('lists', archive);
    await registry.upload('lists', { name: 'db' });
    expect(await versionsOf('lists')).toEqual({
      db: ['1.0.0'],
      web: ['2.0.0+b.1', '2.0.0-rc.1', '1.10.0', '1.9.0', '1.0.0'],
    });
    const { entries } = await indexOf('lists');
    expect(entries.web?.[0]).toMatchObject({
      urls: ['charts/web-2.0.0+b.1.tgz'],
      digest: digestOf(archives[4] ?? Buffer.alloc(0)).slice('sha256:'.length),
    });
  });

  it('the index shows each write immediately: upload, rewrite, replacement, composition, deletion', async () => {
    const web = '/spaces/shows/charts/web';
    const description = async () => (await indexOf('shows')).entries.web?.[0]?.description;
    await registry.upload('shows', { name: 'web', manifest: { description: 'first' } });
    expect(await description()).toBe('first');
    const metadata = { name: 'web', version: '1.0.0', description: 'second' };
    await registry.api(`${web}/versions/1.0.0/manifests/metadata`, {
      method: 'PUT',
      body: JSON.stringify(metadata),
    });
    expect(await description()).toBe('second');
    const third = await packChart({ name: 'web', manifest: { description: 'third' } });
    await registry.api(`${web}/versions/1.0.0`, { method: 'PUT', body: chartForm(third) });
    expect(await description()).toBe('third');
    const made = await registry.orchestrate('shows', {
      save: { chart: 'shop', version: '1.0.0' },
      configs: { package: { independent: true, space: 'shows', chart: 'web', version: '1.0.0' } },
    });
    expect(made.status).toBe(201);
    expect(await versionsOf('shows')).toEqual({ shop: ['1.0.0'], web: ['1.0.0'] });
    await registry.api(web, { method: 'DELETE' });
    expect(await versionsOf('shows')).toEqual({ shop: ['1.0.0'] });
    await registry.api('/spaces/shows', { method: 'DELETE' });
    expect((await errorOf(await at('/shows/index.yaml'))).code).toBe('space.notFound');
    await registry.api('/spaces?space=shows', { method: 'POST' });
    expect(await versionsOf('shows')).toEqual({});
  });

  it('the index is served as JSON or YAML of the same content, as Accept requests', async () => {
    await registry.upload('forms', { name: 'web', manifest: { description: '"yes": no # \u{1f600} é' } });
    await registry.upload('forms', { name: 'web', version: '1.1.0' });
    await registry.upload('forms', { name: 'null' });
    for (const [space, count] of [
      ['forms', 2],
      ['empty', 0],
    ] as const) {
      if (count === 0) await registry.api('/spaces?space=empty', { method: 'POST' });
      const json = await at(`/${space}/index.yaml`, { Accept: 'application/json' });
      const yaml = await at(`/${space}/index.yaml`, { Accept: 'application/yaml' });
      expect(json.headers.get('content-type')).toBe('application/json');
      expect(yaml.headers.get('content-type')).toBe('application/yaml');
      expect(yaml.headers.get('etag')).not.toBe(json.headers.get('etag'));
      const body = await json.text();
      const read = (text: string) => parseYamlMap(text, { file: 'index', code: 'values.invalid' });
      expect(read(body)).toEqual(JSON.parse(body));
      expect(read(await yaml.text())).toEqual(JSON.parse(body));
      expect(Object.keys(JSON.parse(body).entries)).toHaveLength(count);
    }
  });

  it('the index is compressed as Accept-Encoding allows', async () => {
    await registry.upload('packed', { name: 'web' });
    const path = '/packed/index.yaml';
    const plain = await rawGet(path, {});
    expect(plain.encoding).toBeUndefined();
    const gzip = await rawGet(path, { 'Accept-Encoding': 'gzip' });
    expect([gzip.encoding, gunzipSync(gzip.bytes)]).toEqual(['gzip', plain.bytes]);
    const br = await rawGet(path, { 'Accept-Encoding': 'gzip;q=0.5, br;q=0.8, *;q=0' });
    expect([br.encoding, brotliDecompressSync(br.bytes)]).toEqual(['br', plain.bytes]);
    expect((await rawGet(path, { 'Accept-Encoding': 'gzip;q=0, br;q=0' })).encoding).toBeUndefined();
  });

  it.each([
    ['application/yaml;q=0.5, application/json', 'application/json'],
    ['application/json;q=0.2, text/yaml;q=0.9', 'application/yaml'],
    ['application/yaml, application/json', 'application/yaml'],
    ['application/json;q=0, */*', 'application/yaml'],
    ['*/*;q=0.1, application/x-yaml', 'application/yaml'],
    ['text/html, */*;q=0.8', 'application/json'],
    ['text/html', 'application/json'],
    ['application/json;q=7, application/yaml', 'application/json'],
    ['application/json;q=-1, application/yaml;q=0.1', 'application/yaml'],
    ['application/json;q=many, application/yaml;q=0.001', 'application/yaml'],
    ['application/json ; Q=0 , APPLICATION/YAML', 'application/yaml'],
    ['application/json;charset=utf-8;q=0.3, application/yaml;charset=utf-8;q=0.4', 'application/yaml'],
    ['application/*;q=0.5, application/yaml;q=0.4', 'application/json'],
    ['application/json;q=0, application/yaml;q=0', 'application/json'],
    [', ,', 'application/json'],
  ])('the index is in the format that the weights of Accept prefer: %s', async (accept, type) => {
    await registry.upload('weighed', { name: 'web' });
    expect((await at('/weighed/index.yaml', { Accept: accept })).headers.get('content-type')).toBe(type);
  });

  it('the index is not compressed for a client that prefers identity', async () => {
    await registry.upload('identity', { name: 'web' });
    const accepts = { 'Accept-Encoding': 'gzip;q=0.5, identity' };
    expect((await rawGet('/identity/index.yaml', accepts)).encoding).toBeUndefined();
  });

  it('the address of a repository redirects to its index', async () => {
    await registry.upload('address', { name: 'web' });
    for (const path of ['/address', '/address/']) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await registry.request(path, { method, redirect: 'manual' });
        expect([answer.status, answer.headers.get('location')]).toEqual([302, '/address/index.yaml']);
        expect((await registry.request(path, { method })).status).toBe(200);
      }
    }
    expect((await registry.request('/nowhere')).status).toBe(404);
    expect((await fetch(`${registry.url}/docs`)).headers.get('content-type')).toContain('text/html');
    expect((await fetch(`${registry.url}/healthz`)).status).toBe(200);
  });

  it('the index is answered 304 until it changes', async () => {
    await registry.upload('tagged', { name: 'web' });
    const etag = (await at('/tagged/index.yaml')).headers.get('etag') ?? '';
    expect((await at('/tagged/index.yaml', { 'If-None-Match': etag })).status).toBe(304);
    const head = await registry.request('/tagged/index.yaml', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    await registry.upload('tagged', { name: 'other' });
    expect((await at('/tagged/index.yaml', { 'If-None-Match': etag })).status).toBe(200);
  });

  it('the index has every version once during concurrent uploads', async () => {
    const versions = Array.from({ length: 100 }, (_, n) => `1.0.${n}`);
    const reading = new AbortController();
    const read = async () => {
      while (!reading.signal.aborted) {
        const { entries } = await indexOf('busy').catch(() => ({ entries: {} }));
        for (const listed of Object.values(entries))
          expect(new Set(listed.map(({ version }) => version)).size).toBe(listed.length);
      }
    };
    const readers = [read(), read()];
    const statuses = await Promise.all(
      versions.map(
        async (version, n) => (await registry.upload('busy', { name: `web-${n % 3}`, version })).status,
      ),
    );
    reading.abort();
    await Promise.all(readers);
    expect(new Set(statuses)).toEqual(new Set([201]));
    expect(
      Object.values(await versionsOf('busy'))
        .flat()
        .sort(),
    ).toEqual([...versions].sort());
  });
});

describe('a file of a repository', () => {
  it.each([
    ['web', '1.0.0'],
    ['foo-1x', '1.0.0'],
    ['a-1', '2.0.0-rc-1'],
    ['a', '1.0.0+b-2'],
    ['x.y_z', 'v1.2'],
  ])('the file of %s %s is the uploaded archive', async (name, version) => {
    const archive = await packChart({ name, version });
    expect((await registry.upload('files', archive)).status).toBe(201);
    const entry = (await indexOf('files')).entries[name]?.find((listed) => listed.version === version);
    const response = await at(`/files/${entry?.urls[0]}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/gzip');
    expect(await bytesOf(response)).toEqual(archive);
    const head = await registry.request(`/files/${entry?.urls[0]}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(archive.length)]);
  });

  it('a file of a repository is not found under a similar name', async () => {
    await registry.upload('alike', { name: 'foo', version: '1.0.0' });
    await registry.upload('alike', { name: 'foo-1', version: '1.0.0' });
    for (const file of ['foo-1x-1.0.0.tgz', 'foo-1.0.tgz', 'foo-1.0.0-1.tgz', 'fo-1.0.0.tgz', 'foo-.tgz'])
      expect((await errorOf(await at(`/alike/charts/${file}`))).code).toBe('version.notFound');
  });

  it('a file of a repository has its provenance file at .prov', async () => {
    const archive = await packChart({ name: 'signed' });
    const text = `name: signed\nversion: 1.0.0\n\n...\nfiles:\n  signed-1.0.0.tgz: ${digestOf(archive)}\n`;
    const provenance = signInTheClear(text);
    await registry.upload('prov', archive);
    const path = '/prov/charts/signed-1.0.0.tgz.prov';
    expect((await errorOf(await at(path))).code).toBe('provenance.notFound');
    await registry.api('/spaces/prov/charts/signed/versions/1.0.0/provenance', {
      method: 'PUT',
      body: new Uint8Array(provenance),
    });
    const response = await at(path);
    expect(response.headers.get('content-type')).toBe('application/pgp-signature');
    expect(await bytesOf(response)).toEqual(provenance);
  });

  it.each([
    ['/nowhere/charts/web-1.0.0.tgz', 'space.notFound'],
    ['/nowhere/index.yaml', 'space.notFound'],
    ['/files/charts/web', 'route.notFound'],
    ['/files/charts/web-1.0.0.zip', 'route.notFound'],
    ['/api/index.yaml', 'route.notFound'],
    ['/api/charts/web-1.0.0.tgz', 'route.notFound'],
    ['/_bad/index.yaml', 'name.invalid'],
  ])('a file at %s is refused with %s', async (path, code) => {
    await registry.upload('api', { name: 'web' });
    expect((await errorOf(await at(path))).code).toBe(code);
  });

  it('a space named v2 has no chart repository, because OCI has that path', async () => {
    await registry.upload('v2', { name: 'web' });
    for (const path of ['/v2/index.yaml', '/v2/charts/web-1.0.0.tgz'])
      expect((await at(path)).status).toBe(404);
  });

  it('a space may have the name of a path of the server', async () => {
    for (const space of ['docs', 'healthz', 'charts']) {
      const archive = await packChart({ name: 'web', values: { space } });
      await registry.upload(space, archive);
      expect(await versionsOf(space)).toEqual({ web: ['1.0.0'] });
      expect(await bytesOf(await at(`/${space}/charts/web-1.0.0.tgz`))).toEqual(archive);
    }
  });
});

describe('two versions of one file name', () => {
  const named = [
    ['mongo', '89.1.0-1.0.0'],
    ['mongo-89.1.0', '1.0.0'],
  ] as const;
  const space = 'one-file-name';
  const urlOf = async (chart: string) => (await indexOf(space)).entries[chart]?.[0]?.urls[0] ?? '';
  const pull = (url: string) => at(`/${space}/${url}`);

  it('two versions of one file name are pulled with their provenance files, also after the deletion of one', async () => {
    const stored = new Map<string, { url: string; archive: Buffer; provenance: Buffer }>();
    for (const [name, version] of named) {
      const archive = await packChart({ name, version });
      const provenance = Buffer.from(
        signInTheClear(
          `name: ${name}\nversion: ${version}\n\n...\nfiles:\n  ${name}-${version}.tgz: ${digestOf(archive)}\n`,
        ),
      );
      expect((await registry.upload(space, archive)).status).toBe(201);
      const path = `/spaces/${space}/charts/${name}/versions/${version}/provenance`;
      const body = new Uint8Array(provenance);
      expect((await registry.api(path, { method: 'PUT', body })).status).toBe(204);
      stored.set(name, { url: await urlOf(name), archive, provenance });
    }
    for (const [name] of named) {
      const { url = '', archive, provenance } = stored.get(name) ?? {};
      expect(await urlOf(name)).toBe(url);
      expect(url.endsWith('/mongo-89.1.0-1.0.0.tgz')).toBe(true);
      expect(await bytesOf(await pull(url))).toEqual(archive);
      expect(await bytesOf(await pull(`${url}.prov`))).toEqual(provenance);
    }
    const [first, second] = named;
    await registry.api(`/spaces/${space}/charts/${second[0]}/versions/${second[1]}`, { method: 'DELETE' });
    expect((await pull(stored.get(second[0])?.url ?? '')).status).toBe(404);
    expect(await bytesOf(await pull(stored.get(first[0])?.url ?? ''))).toEqual(stored.get(first[0])?.archive);
    expect((await pull('charts/mongo/89.1.0-1.0.0/other.tgz')).status).toBe(404);
  });
});
