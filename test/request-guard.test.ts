import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../core/config/settings.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
  await registry.upload('lib', { name: 'web' });
});
afterAll(() => registry.close());

/** Sends a request as it is written here: `fetch` would mend the path and choose the host. */
async function send(
  url: string,
  path: string,
  { method = 'GET', body = '', ...headers }: Record<string, string> = {},
): Promise<{ status: number | undefined; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { path, method, headers: { connection: 'close', ...headers } },
      async (answer) => {
        resolve({ status: answer.statusCode, headers: answer.headers, body: await text(answer) });
      },
    );
    sent.on('error', reject).end(body);
  });
}

async function startWith(overrides: Partial<Config>): Promise<EmbeddedRegistry> {
  const other = await startEmbedded(overrides, { worker: false });
  onTestFinished(() => other.close());
  return other;
}

const createSpace = (url: string, space: string, headers: Record<string, string>) =>
  send(url, `/api/v1/spaces?space=${space}`, { method: 'POST', ...headers });

describe('a write that a page in a browser sends', () => {
  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a file or a sandbox', { origin: 'null' }],
    ['an origin that is none', { origin: '%' }],
    ['another site without an origin', { 'sec-fetch-site': 'cross-site' }],
  ])('is refused when the page is of %s, whatever its type', async (_, headers) => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await createSpace(registry.url, 'foreign', { ...headers, 'content-type': type });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin.forbidden' });
    }
    expect((await registry.api('/spaces/foreign')).status).toBe(404);
  });

  it('is taken when the page is of this host, or of PUBLIC_URL', async () => {
    const own = await createSpace(registry.url, 'own', {
      origin: registry.url,
      'sec-fetch-site': 'same-origin',
    });
    expect(own.status).toBe(201);
    const proxied = await startWith({ publicUrl: 'https://charts.example.com' });
    const origin = 'https://charts.example.com';
    expect((await createSpace(proxied.url, 'a', { origin, host: 'charts.example.com' })).status).toBe(201);
    expect((await createSpace(proxied.url, 'b', { origin })).status).toBe(201);
    expect((await createSpace(proxied.url, 'c', { origin: 'https://example.com' })).status).toBe(403);
  });

  it('is refused by every interface in the format of that interface', async () => {
    const headers = { method: 'POST', origin: 'https://evil.example' };
    const museum = await send(registry.url, '/api/lib/charts', headers);
    expect([museum.status, JSON.parse(museum.body)]).toEqual([
      403,
      { error: expect.stringContaining('evil') },
    ]);
    const oci = await send(registry.url, '/v2/lib/web/blobs/uploads/', headers);
    expect([oci.status, JSON.parse(oci.body)]).toMatchObject([403, { errors: [{ code: 'DENIED' }] }]);
  });
});

describe('a host', () => {
  it('that is a stranger’s is refused on loopback, also for what was answered before', async () => {
    expect((await send(registry.url, '/api/v1/spaces/lib/charts')).status).toBe(200);
    for (const path of ['/api/v1/spaces/lib/charts', '/lib/index.yaml', '/v2/', '/docs', '/openapi.json']) {
      const answer = await send(registry.url, path, { host: 'rebound.example:8099' });
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('ALLOWED_HOSTS');
    }
    expect((await send(registry.url, '/healthz', { host: 'rebound.example' })).status).toBe(200);
  });

  it.each([
    'localhost',
    'localhost:1',
    'LOCALHOST.',
    'charts.localhost:80',
    '127.0.0.1',
    '127.1.2.3:5',
    '[::1]:9',
  ])('that is this machine is answered: %s', async (host) => {
    expect((await send(registry.url, '/api/v1/spaces', { host })).status).toBe(200);
  });

  it.each(['localhost.example', '127.0.0.1.example', 'x127.0.0.1', '10.0.0.1'])(
    'that only looks like this machine is refused: %j',
    async (host) => {
      expect((await send(registry.url, '/api/v1/spaces', { host })).status).toBe(403);
    },
  );

  it('is answered when ALLOWED_HOSTS or PUBLIC_URL names it', async () => {
    const named = await startWith({ publicUrl: 'https://a.example', allowedHosts: ['b.example'] });
    const statusOf = async (host: string) => (await send(named.url, '/api/v1/spaces', { host })).status;
    expect(await Promise.all(['A.example', 'b.example:8099', 'c.example'].map(statusOf))).toEqual([
      200, 200, 403,
    ]);
  });
});

describe('a path', () => {
  it.each([
    '/public/%2e%2e/api/v1/spaces',
    '/public/.%2E/api/v1/spaces',
    '/lib/../api/v1/spaces',
    '/api/v1/%2e/spaces',
    '/v2/lib%2Fweb/tags/list',
    '/v2/lib/web%2fmanifests/1.0.0',
  ])('that parsers read in two ways is refused: %s', async (path) => {
    const answer = await send(registry.url, path);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('dot segment');
  });

  it.each([
    '/api/v1/spaces/lib%2F',
    '/api/v1/spaces/lib%2Fcharts',
    '/api/lib%2F/charts',
    '/lib%2Findex.yaml',
  ])('with an encoded slash in a name is that of nothing: %s', async (path) => {
    const answer = await send(registry.url, path);
    expect([400, 404]).toContain(answer.status);
  });

  it('with dots inside its names is as good as any', async () => {
    expect((await send(registry.url, '/api/v1/spaces/lib/charts/a..b')).status).toBe(405);
    expect((await send(registry.url, '/lib/charts/web-1.0.0.tgz')).status).toBe(200);
  });
});

describe('every answer', () => {
  it.each([
    '/api/v1/spaces/lib/charts',
    '/nothing',
    '/docs',
    '/openapi.json',
    '/lib/index.yaml',
    '/v2/',
    '/api/lib/charts',
  ])('keeps browsers from sniffing and framing it, the second time too: %s', async (path) => {
    for (const _ of ['first', 'again']) {
      const { headers } = await send(registry.url, path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
    }
  });
});
