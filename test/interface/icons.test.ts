import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/blobs/content.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==',
  'base64',
);
const gif = Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00;', 'latin1');
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]);
const webp = Buffer.from('RIFF\x04\x00\x00\x00WEBP', 'latin1');
const svg = Buffer.from(
  '<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
);

let registry: TestRegistry;
let host: IconHost;
let names = 0;
beforeAll(async () => {
  host = await startIconHost();
  registry = await startRegistry({}, { worker: false });
});
afterAll(async () => {
  await registry.close();
  await host.close();
});

/** Server of icons that counts what is asked for. */
interface IconHost {
  url: string;
  /** Requests by path. */
  asked: Map<string, number>;
  answer(path: string, handle: (request: IncomingMessage, response: ServerResponse) => void): string;
  close(): Promise<void>;
}

async function startIconHost(): Promise<IconHost> {
  const handlers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.set(path, (asked.get(path) ?? 0) + 1);
    const handle = handlers.get(path);
    if (handle) handle(request, response);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    url,
    asked,
    answer(path, handle) {
      handlers.set(path, handle);
      return `${url}${path}`;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Uploads a chart with an icon. @returns the path of its icon */
async function publish(icon: string | undefined, files: Record<string, string | Buffer> = {}, to = registry) {
  names += 1;
  const name = `chart${names}`;
  const manifest = icon === undefined ? {} : { icon };
  const upload = await to.upload('lib', { name, manifest, files });
  expect(upload.status).toBe(201);
  return `/spaces/lib/charts/${name}/versions/1.0.0/icon`;
}

async function expectIcon(path: string, type: string, bytes: Buffer) {
  const response = await registry.api(path);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
  expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
  return response;
}

async function expectNone(path: string, to = registry) {
  const response = await to.api(path);
  const { code, message } = Object(await response.json());
  expect([response.status, code]).toEqual([404, 'icon.notFound']);
  return String(message);
}

describe('an icon in the archive', () => {
  it.each(['logo.png', './logo.png', 'file://logo.png', 'file:///logo.png', 'file:logo.png', ' logo.png '])(
    'an icon in the archive is found as %j',
    async (icon) => {
      await expectIcon(await publish(icon, { 'logo.png': png }), 'image/png', png);
    },
  );

  it('an icon in the archive may be in a folder, have blanks, and belong to a chart inside', async () => {
    await expectIcon(await publish('img/my logo.png', { 'img/my logo.png': png }), 'image/png', png);
    await expectIcon(await publish('file://img/my%20logo.png', { 'img/my logo.png': png }), 'image/png', png);
  });

  it('an icon in the archive has the type of its bytes, whatever its name says', async () => {
    const cases: [string, Buffer][] = [
      ['image/png', png],
      ['image/gif', gif],
      ['image/jpeg', jpeg],
      ['image/webp', webp],
      ['image/svg+xml', svg],
    ];
    for (const [type, bytes] of cases)
      await expectIcon(await publish('a.bmp', { 'a.bmp': bytes }), type, bytes);
  });

  it('an icon in the archive is validated by the digest of its bytes', async () => {
    const path = await publish('a.png', { 'a.png': png });
    const etag = `"${digestOf(png)}"`;
    expect((await registry.api(path)).headers.get('etag')).toBe(etag);
    const again = await registry.api(path, { headers: { 'If-None-Match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const head = await registry.api(path, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(png.length)]);
  });

  it('an icon in the archive is 204 for a page that shows a picture of its own where there is none', async () => {
    const none = await registry.api(`${await publish('gone.png')}?missing=empty`);
    expect([none.status, await none.text()]).toEqual([204, '']);
    expect(none.headers.get('cache-control')).toBe('private, max-age=600');
    await expectIcon(`${await publish('a.png', { 'a.png': png })}?missing=empty`, 'image/png', png);
    expect((await registry.api('/spaces/lib/charts/absent/versions/1.0.0/icon?missing=empty')).status).toBe(
      404,
    );
  });

  it.each<[string, string | undefined, Record<string, string | Buffer>]>([
    ['none declared', undefined, { 'icon.png': png }],
    ['a missing file', 'gone.png', {}],
    ['a page', 'a.svg', { 'a.svg': '<html><svg></svg></html>' }],
    [
      'an SVG with entities of its own',
      'a.svg',
      { 'a.svg': '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>' },
    ],
    ['a comment without end', 'a.svg', { 'a.svg': '<!-- <svg></svg>' }],
    ['more than 1 MiB', 'a.png', { 'a.png': Buffer.concat([png, Buffer.alloc(1024 * 1024)]) }],
    ['a path out of the archive', '../../../../etc/hostname', {}],
    ['an address of the file system', 'file:///etc/hostname', {}],
    ['another scheme', 'ftp://example.com/a.png', {}],
    ['a script', 'javascript:alert(1)', {}],
    ['nothing but a scheme', 'file://', {}],
  ])('an icon in the archive is not found: %s', async (_, icon, files) => {
    await expectNone(await publish(icon, files));
  });
});

describe('an icon in a data: URL', () => {
  it('an icon in a data: URL is decoded', async () => {
    await expectIcon(await publish(`data:image/png;base64,${png.toString('base64')}`), 'image/png', png);
    const text = '<svg xmlns="http://www.w3.org/2000/svg"/>';
    const path = await publish(`data:image/svg+xml,${encodeURIComponent(text)}`);
    await expectIcon(path, 'image/svg+xml', Buffer.from(text));
  });

  it('an icon in a data: URL is refused where it is no image', async () => {
    await expectNone(await publish('data:text/html,<script>alert(1)</script>'));
    await expectNone(await publish('data:image/png;base64,AAAA'));
    await expectNone(await publish('data:image/png'));
  });
});

it('an SVG runs nothing, also where it is opened by itself', async () => {
  const { headers } = await expectIcon(await publish('a.svg', { 'a.svg': svg }), 'image/svg+xml', svg);
  const policy = (headers.get('content-security-policy') ?? '').split(/;\s*/);
  expect(policy).toEqual(
    expect.arrayContaining(['sandbox', "default-src 'none'", "style-src 'unsafe-inline'"]),
  );
  expect(policy.some((rule) => rule.startsWith('script-src'))).toBe(false);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

describe('an icon elsewhere', () => {
  it('an icon elsewhere is fetched once for all that name it, without credentials', async () => {
    let seen: IncomingMessage['headers'] = {};
    const url = host.answer('/once.png', (request, response) => {
      seen = request.headers;
      // A wrong type of the sender does not matter.
      response.writeHead(200, { 'content-type': 'text/html' }).end(png);
    });
    const paths = [await publish(url), await publish(url)];
    await Promise.all([...paths, ...paths].map((path) => expectIcon(path, 'image/png', png)));
    // Each process has a cache of its own.
    expect(host.asked.get('/once.png')).toBeLessThanOrEqual(registry.urls.length);
    expect(seen.authorization).toBeUndefined();
    expect(seen.cookie).toBeUndefined();
  });

  it('an icon elsewhere is found behind redirects, and asked for no more than they lead', async () => {
    const end = host.answer('/end.png', (_, response) => response.end(png));
    const first = host.answer('/first', (_, response) =>
      response.writeHead(302, { location: '/second' }).end(),
    );
    host.answer('/second', (_, response) => response.writeHead(308, { location: end }).end());
    await expectIcon(await publish(first), 'image/png', png);
    const loop = host.answer('/loop', (_, response) => response.writeHead(301, { location: '/loop' }).end());
    await expectNone(await publish(loop));
    expect(host.asked.get('/loop')).toBe(4);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['an error', (response) => response.writeHead(500).end(png)],
    ['a page', (response) => response.end('<!doctype html><p>Hello</p>')],
    ['nothing', (response) => response.end()],
    [
      'too much, and says so',
      (response) => response.writeHead(200, { 'content-length': 2 ** 21 }).write(png),
    ],
    ['too much', (response) => response.end(Buffer.concat([png, Buffer.alloc(2 ** 20)]))],
    [
      'a broken body',
      (response) => response.writeHead(200, { 'content-length': 100 }).write(png, () => response.destroy()),
    ],
    ['a redirect to a file', (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end()],
    [
      'a redirect to an address that is not public',
      (response) => response.writeHead(302, { location: 'http://10.0.0.1/a.png' }).end(),
    ],
    [
      'a redirect to the address of a cloud',
      (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end(),
    ],
  ])('an icon whose host answers %s is not shown, and not asked for again soon', async (what, handle) => {
    const own = await startIconHost();
    try {
      const url = own.answer('/a.png', (_, response) => handle(response));
      const path = await publish(url);
      const message = await expectNone(path);
      expect([what, message]).not.toContain('10.0.0.1');
      for (const _ of registry.urls) await expectNone(path);
      expect(own.asked.get('/a.png')).toBeLessThanOrEqual(registry.urls.length);
    } finally {
      await own.close();
    }
  });

  it('an icon elsewhere of a host that does not answer delays one reader, not the next', async () => {
    const silent = createServer(() => undefined);
    let connections = 0;
    silent.on('connection', () => {
      connections += 1;
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    try {
      const path = await publish(`${base}/a.png`);
      const late = await registry.api(`${path}?missing=empty`);
      expect([late.status, late.headers.get('cache-control')]).toEqual([204, 'no-store']);
      await expectNone(path);
      for (const path of ['/a.png', '/b.png', '/c.png']) await expectNone(await publish(`${base}${path}`));
      expect(connections).toBeLessThanOrEqual(registry.urls.length);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  it('an icon elsewhere is refused in the same words whether its address is private or nobody is there', async () => {
    const words = await Promise.all(
      ['http://10.1.2.3/a.png', 'http://127.0.0.1:1/a.png', 'http://nobody.invalid/a.png'].map(async (url) =>
        (await expectNone(await publish(url))).replaceAll(/chart\d+/g, 'CHART'),
      ),
    );
    expect(new Set(words).size).toBe(1);
  });

  it('an icon elsewhere is not fetched from addresses that webhooks may not reach', async () => {
    const strict = await startRegistry({ webhookAllow: [] }, { worker: false });
    try {
      const url = host.answer('/strict.png', (_, response) => response.end(png));
      await expectNone(await publish(url, {}, strict), strict);
      await expectNone(await publish(url.replace('127.0.0.1', 'localhost'), {}, strict), strict);
      expect(host.asked.get('/strict.png')).toBeUndefined();
    } finally {
      await strict.close();
    }
  });

  it('an icon elsewhere is not fetched where the operator has switched that off, and those in archives are shown', async () => {
    const closed = await startRegistry({ iconFetch: false }, { worker: false });
    try {
      const url = host.answer('/off.png', (_, response) => response.end(png));
      expect(await expectNone(await publish(url, {}, closed), closed)).toContain('ICON_FETCH');
      expect(host.asked.get('/off.png')).toBeUndefined();
      expect((await closed.api(await publish('a.png', { 'a.png': png }, closed))).status).toBe(200);
    } finally {
      await closed.close();
    }
  });
});
