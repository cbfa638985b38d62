import { request } from 'node:http';
import { connect } from 'node:net';
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

/** Sends a request with path and host as given; `fetch` would normalize the path and set the host. */
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

/** Sends the lines of a request unchanged, as no HTTP client does. @returns status and body of the response */
async function sendLines(url: string, ...lines: string[]): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write([...lines, 'Connection: close', '', ''].join('\r\n'));
  const answer = await text(socket);
  return { status: Number(answer.split(' ')[1]), body: answer.slice(answer.indexOf('\r\n\r\n') + 4) };
}

async function startWith(overrides: Partial<Config>): Promise<EmbeddedRegistry> {
  const other = await startEmbedded(overrides, { worker: false });
  onTestFinished(() => other.close());
  return other;
}

const createSpace = (url: string, space: string, headers: Record<string, string>) =>
  send(url, `/api/v1/spaces?space=${space}`, { method: 'POST', ...headers });

describe('a write from a page in a browser', () => {
  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a file or a sandbox', { origin: 'null' }],
    ['an origin that is none', { origin: '%' }],
    ['another site and without an origin', { 'sec-fetch-site': 'cross-site' }],
  ])('a write from a page of %s is refused, whatever its type', async (_, headers) => {
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

  it('a write from a page of this host or of PUBLIC_URL is accepted', async () => {
    const sameOrigin = await createSpace(registry.url, 'own', {
      origin: registry.url,
      'sec-fetch-site': 'same-origin',
    });
    expect(sameOrigin.status).toBe(201);
    const proxied = await startWith({ publicUrl: 'https://charts.example.com' });
    const origin = 'https://charts.example.com';
    expect((await createSpace(proxied.url, 'a', { origin, host: 'charts.example.com' })).status).toBe(201);
    expect((await createSpace(proxied.url, 'b', { origin })).status).toBe(201);
    expect((await createSpace(proxied.url, 'c', { origin: 'https://example.com' })).status).toBe(403);
  });

  it('a write from a page of another site is refused in the format of each interface', async () => {
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
  it('a foreign host is refused on loopback, also for cached responses', async () => {
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
  ])('a host of this machine is accepted: %s', async (host) => {
    expect((await send(registry.url, '/api/v1/spaces', { host })).status).toBe(200);
  });

  it.each(['localhost.example', '127.0.0.1.example', 'x127.0.0.1', '10.0.0.1'])(
    'a host that only looks like this machine is refused: %j',
    async (host) => {
      expect((await send(registry.url, '/api/v1/spaces', { host })).status).toBe(403);
    },
  );

  it('a host of ALLOWED_HOSTS or PUBLIC_URL is accepted', async () => {
    const named = await startWith({ publicUrl: 'https://a.example', allowedHosts: ['b.example'] });
    const statusOf = async (host: string) => (await send(named.url, '/api/v1/spaces', { host })).status;
    expect(await Promise.all(['A.example', 'b.example:8099', 'c.example'].map(statusOf))).toEqual([
      200, 200, 403,
    ]);
  });
});

describe('several Host headers', () => {
  const mine = 'Host: 127.0.0.1';
  const foreign = 'Host: rebound.example';

  it.each([
    ['our own first', [mine, foreign]],
    ['our own last', [foreign, mine]],
    ['in other letters', [mine, 'hOST: rebound.example']],
    ['with other headers between', [mine, 'Accept: */*', foreign]],
    ['one of them empty', [mine, 'Host:']],
    ['twice the same', [mine, mine]],
  ])('a request with several Host headers is refused: %s', async (_, headers) => {
    for (const path of ['/api/v1/spaces/lib/charts', '/v2/', '/healthz']) {
      const { status, body } = await sendLines(registry.url, `GET ${path} HTTP/1.1`, ...headers);
      expect([status, body]).toEqual([400, expect.stringContaining('more than one Host header')]);
    }
  });

  it('a write with several Host headers is refused, also where both hosts are allowed', async () => {
    const open = await startWith({ allowedHosts: ['a.example', 'b.example'] });
    const write = ['POST /api/v1/spaces?space=twice HTTP/1.1', 'Content-Length: 0'];
    const { status } = await sendLines(open.url, ...write, 'Host: a.example', 'Host: b.example');
    expect(status).toBe(400);
    expect((await registry.api('/spaces/twice')).status).toBe(404);
  });
});

describe('an absolute target', () => {
  const get = (target: string, host = '127.0.0.1') =>
    sendLines(registry.url, `GET ${target} HTTP/1.1`, `Host: ${host}`);
  const path = '/api/v1/spaces/lib/charts';

  it('an absolute target is accepted or refused by its own host, not by the header, also the second time', async () => {
    for (const _ of ['first', 'again']) {
      expect((await get(`http://127.0.0.1${path}`, 'rebound.example')).status).toBe(200);
      expect(await get(`http://rebound.example${path}`)).toEqual({
        status: 403,
        body: expect.stringContaining('host.forbidden'),
      });
    }
    expect((await get(`http://localhost:1${path}`)).status).toBe(200);
    expect((await get('http://rebound.example/healthz')).status).toBe(200);
    expect((await get('http://rebound.example/v2/')).status).toBe(403);
  });

  it('an absolute target may be written to by a page of its host only', async () => {
    const create = (space: string, origin: string) =>
      sendLines(
        registry.url,
        `POST http://localhost:99/api/v1/spaces?space=${space} HTTP/1.1`,
        'Host: 127.0.0.1:98',
        'Content-Length: 0',
        `Origin: ${origin}`,
      );
    expect((await create('absolute', 'http://localhost:99')).status).toBe(201);
    expect((await create('header', 'http://127.0.0.1:98')).status).toBe(403);
  });

  it.each([
    ['a user that looks like a host', `http://127.0.0.1@rebound.example${path}`],
    ['a host that looks like a user', `http://rebound.example@127.0.0.1${path}`],
    ['no host', `http:///127.0.0.1${path}`],
    ['a path that is read in two ways', `http://127.0.0.1/lib/../api/v1/spaces`],
    ['an encoded dot segment', `http://127.0.0.1/lib/%2e%2e/api/v1/spaces`],
    ['another scheme', `ftp://127.0.0.1${path}`],
    ['a port that none can be', `http://127.0.0.1:99999${path}`],
  ])('an absolute target with %s is refused', async (_, target) => {
    const { status, body } = await get(target);
    expect([status, body]).toEqual([400, expect.stringContaining('request.invalid')]);
  });

  it.each(['rebound.example/.localhost', 'rebound.example#.localhost', 'a@127.0.0.1'])(
    'a Host header that is no host is refused: %s',
    async (host) => {
      const { status, body } = await get(path, host);
      expect([status, body]).toEqual([400, expect.stringContaining('request.invalid')]);
    },
  );
});

describe('a path', () => {
  it.each([
    '/public/%2e%2e/api/v1/spaces',
    '/public/.%2E/api/v1/spaces',
    '/lib/../api/v1/spaces',
    '/api/v1/%2e/spaces',
    '/v2/lib%2Fweb/tags/list',
    '/v2/lib/web%2fmanifests/1.0.0',
  ])('a path that parsers may read in two ways is refused: %s', async (path) => {
    const answer = await send(registry.url, path);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('dot segment');
  });

  it.each([
    '/api/v1/spaces/lib%2F',
    '/api/v1/spaces/lib%2Fcharts',
    '/api/lib%2F/charts',
    '/lib%2Findex.yaml',
  ])('a path with an encoded slash in a name is refused or not found: %s', async (path) => {
    const answer = await send(registry.url, path);
    expect([400, 404]).toContain(answer.status);
  });

  it('a path with dots inside its names is accepted', async () => {
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
  ])('every response forbids browsers to sniff and frame it, also the second time: %s', async (path) => {
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
