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

/** Sends the lines of a request as they are, which no HTTP client does. @returns the answer's status and body */
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

describe('a host that is named more than once', () => {
  const mine = 'Host: 127.0.0.1';
  const foreign = 'Host: rebound.example';

  it.each([
    ['our own first', [mine, foreign]],
    ['our own last', [foreign, mine]],
    ['in other letters', [mine, 'hOST: rebound.example']],
    ['with other headers between', [mine, 'Accept: */*', foreign]],
    ['one of them empty', [mine, 'Host:']],
    ['twice the same', [mine, mine]],
  ])('is refused: %s', async (_, headers) => {
    for (const path of ['/api/v1/spaces/lib/charts', '/v2/', '/healthz']) {
      const { status, body } = await sendLines(registry.url, `GET ${path} HTTP/1.1`, ...headers);
      expect([status, body]).toEqual([400, expect.stringContaining('more than one Host header')]);
    }
  });

  it('is refused for a write as well, and where every host is answered', async () => {
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

  it('is judged by its own host, whatever the header says, the second time too', async () => {
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

  it('may be written to by a page of its own host only', async () => {
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
  ])('is refused with %s', async (_, target) => {
    const { status, body } = await get(target);
    expect([status, body]).toEqual([400, expect.stringContaining('request.invalid')]);
  });

  it.each(['rebound.example/.localhost', 'rebound.example#.localhost', 'a@127.0.0.1'])(
    'is no way around the header: %s is no host',
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
