import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { listRouteAccess } from '../api/access/declared-routes.ts';
import { createApp } from '../api/app.ts';
import type { Config } from '../core/config/settings.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

let registry: EmbeddedRegistry;
/** Routes of all interfaces that change something, each with a path of things that exist. */
let writes: { method: string; path: string }[];
beforeAll(async () => {
  registry = await startEmbedded({ rootSpace: 'main' }, { worker: false });
  await registry.upload('lib', { name: 'web' });
  writes = listRouteAccess(createApp(registry.context).routes)
    .flatMap(({ method, path }) =>
      (method === 'ALL' ? writeMethods : [method]).map((one) => ({ method: one, path: fill(path) })),
    )
    .filter(({ method }) => writeMethods.includes(method));
});
afterAll(() => registry.close());

const writeMethods = ['POST', 'PUT', 'PATCH', 'DELETE'];
const names: Record<string, string> = {
  space: 'lib',
  chart: 'web',
  version: '1.0.0',
  name: 'web',
  repo: 'lib',
};

/** Puts names into the parameters of a route's path. */
function fill(path: string): string {
  return path
    .replaceAll(/:(\w+)(?:\{[^}]*\})?/g, (_, parameter: string) => names[parameter] ?? 'lib')
    .replaceAll('*', 'lib/web/manifests/1.0.0');
}

interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** Sends a request with headers that `fetch` would not let a program set. */
function send(
  url: string,
  { method, path, headers, body = '' }: Sent,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, path, headers: { connection: 'close', ...headers } }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
    });
    sent.on('error', reject).end(body);
  });
}

/** Headers with which browsers send writes of foreign pages. */
const foreignPages: [string, Record<string, string>][] = [
  ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['another port of this machine', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
  ['a file, a sandbox or a hidden referrer', { origin: 'null' }],
  ['a sandbox of the registry itself', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
  ['another site, without an origin', { 'sec-fetch-site': 'cross-site' }],
  ['a subdomain or another port, without an origin', { 'sec-fetch-site': 'same-site' }],
  ['a relation that is not known yet, without an origin', { 'sec-fetch-site': 'same-party' }],
];

/** Content types that forms may have, those that a script needs permission for, and none. */
const contentTypes = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json',
  'application/octet-stream',
  'application/vnd.oci.image.manifest.v1+json',
  undefined,
];

describe('a write of a foreign page', () => {
  it.each(foreignPages)(
    'a write of a foreign page of %s is refused by every route of every interface',
    async (_, page) => {
      for (const door of ['/api/v1/', '/api/lib/', '/api/charts', '/v2/'])
        expect(writes.some(({ path }) => path.startsWith(door))).toBe(true);
      for (const write of writes) {
        const answer = await send(registry.url, { ...write, headers: page });
        expect([write, answer]).toEqual([
          write,
          { status: 403, body: expect.stringMatching(/may not write to/) },
        ]);
      }
      expect((await registry.api('/spaces/lib/charts/web/versions/1.0.0')).status).toBe(200);
    },
  );

  it.each(foreignPages)(
    'a write of a foreign page of %s is refused under any content type',
    async (_, page) => {
      const body = JSON.stringify({ save: { chart: 'made', version: '1.0.0' } });
      for (const type of contentTypes) {
        const headers = { ...page, ...(type === undefined ? {} : { 'content-type': type }) };
        for (const path of ['/api/v1/spaces/lib/charts', '/api/lib/charts', '/v2/lib/web/blobs/uploads/'])
          expect((await send(registry.url, { method: 'POST', path, headers, body })).status).toBe(403);
      }
    },
  );
});

describe('a write that the registry may accept', () => {
  const statusOf = async (
    { url }: EmbeddedRegistry,
    space: string,
    headers: Record<string, string>,
  ): Promise<number> =>
    (await send(url, { method: 'POST', path: `/api/v1/spaces?space=${space}`, headers })).status;

  it('a write of a program, of a page of its own, or typed by the user is accepted', async () => {
    expect(await statusOf(registry, 'program', {})).toBe(201);
    const { origin } = new URL(registry.url);
    expect(await statusOf(registry, 'page', { origin, 'sec-fetch-site': 'same-origin' })).toBe(201);
    expect(await statusOf(registry, 'vouched', { 'sec-fetch-site': 'same-origin' })).toBe(201);
    expect(await statusOf(registry, 'typed', { 'sec-fetch-site': 'none' })).toBe(201);
  });

  async function startWith(overrides: Partial<Config>): Promise<EmbeddedRegistry> {
    const other = await startEmbedded(overrides, { worker: false });
    onTestFinished(() => other.close());
    return other;
  }

  it('a write of a page of PUBLIC_URL has its scheme, host and port', async () => {
    const proxied = await startWith({
      publicUrl: 'https://charts.example/',
      allowedHosts: ['mirror.example'],
    });
    const host = 'charts.example';
    expect(await statusOf(proxied, 'a', { host, origin: 'https://charts.example' })).toBe(201);
    expect(await statusOf(proxied, 'b', { origin: 'https://charts.example' })).toBe(201);
    expect(await statusOf(proxied, 'c', { host, origin: 'http://charts.example' })).toBe(403);
    expect(await statusOf(proxied, 'd', { host, origin: 'https://charts.example:8443' })).toBe(403);
    expect(await statusOf(proxied, 'e', { origin: 'https://mirror.example' })).toBe(201);
    expect(await statusOf(proxied, 'f', { origin: 'https://mirror.example:8443' })).toBe(403);
  });

  it('a write of a page of the host that a trusted proxy was asked for is accepted, and no other', async () => {
    const origin = 'https://charts.example';
    const forwarded = { 'x-forwarded-host': 'charts.example', 'x-forwarded-proto': 'https', origin };
    const trusting = await startWith({ trustedProxies: ['127.0.0.0/8'], allowedHosts: ['charts.example'] });
    expect(await statusOf(trusting, 'a', forwarded)).toBe(201);
    const evil = { ...forwarded, origin: 'https://evil.example' };
    expect(await statusOf(trusting, 'b', evil)).toBe(403);
    // A name that resolves to the proxy gives its page the same origin: the name must be the registry's.
    expect(await statusOf(trusting, 'c', { ...evil, 'x-forwarded-host': 'evil.example' })).toBe(403);
    const distrusting = await startWith({ trustedProxies: ['192.0.2.0/24'] });
    expect(await statusOf(distrusting, 'd', forwarded)).toBe(403);
  });
});
