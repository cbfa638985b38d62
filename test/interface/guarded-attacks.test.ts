import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { chartForm, createClient, type TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { statusWithLines } from '../support/header-lines.ts';
import { digest, openRepository } from '../support/oci.ts';
import { beginSlowUpload } from '../support/slow-upload.ts';

let registry: GuardedRegistry;
let stranger: TestClient;
beforeAll(async () => {
  registry = await startGuarded({ rootSpace: 'hidden' }, { worker: false });
  await registry.db.query("UPDATE spaces SET visibility = 'private'");
  await registry.admin.upload('hidden', { name: 'web' });
  stranger = (await registry.addToken(await registry.addUser('stranger'))).client;
});
afterAll(() => registry.close());
// Each test sends wrong credentials, and none so many that a delay begins.
beforeEach(() => registry.db.query('DELETE FROM login_failures'));

/** Addresses of what a space has, with SPACE for its name, by every interface that has an address for it. */
const reads = [
  '/api/v1/spaces/SPACE',
  '/api/v1/spaces/SPACE/charts',
  '/api/v1/spaces/SPACE/charts/web/versions/1.0.0',
  '/api/v1/spaces/SPACE/charts/web/versions/1.0.0/manifests/values',
  '/api/v1/spaces/SPACE/charts/web/versions/1.0.0/manifests/metadata',
  '/SPACE/index.yaml',
  '/SPACE/charts/web-1.0.0.tgz',
  '/api/SPACE/charts',
  '/v2/SPACE/web/tags/list',
  '/v2/SPACE/web/manifests/1.0.0',
];

/** Describes all that a client sees of a response, whichever process answered, with SPACE for the name of the space. */
async function seenOf(response: Response, space: string): Promise<string> {
  const headers = [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return JSON.stringify([response.status, headers, await response.text()])
    .replaceAll(new URL(response.url).host, 'HOST')
    .replaceAll(space, 'SPACE');
}

describe('a caller who may not read a space', () => {
  it.each(reads)('learns nothing by conditions and ranges of %s', async (path) => {
    const real = path.replace('SPACE', 'hidden');
    const read = await registry.admin.request(real);
    expect(read.status).toBe(200);
    const etag = read.headers.get('etag') ?? '"none"';
    for (const client of [registry.anonymous, stranger])
      for (const headers of [
        { 'If-None-Match': etag },
        { 'If-None-Match': '*' },
        { 'If-Match': etag },
        { 'If-Match': '"other"' },
        { Range: 'bytes=0-0', 'If-Range': etag },
        { Range: 'bytes=999999999-' },
        { 'If-Modified-Since': new Date().toUTCString() },
      ])
        for (const method of ['GET', 'HEAD']) {
          const hidden = await client.request(real, { method, headers });
          const absent = await client.request(path.replace('SPACE', 'absent'), { method, headers });
          expect(hidden.status).toBe(client === stranger ? 404 : 401);
          expect(await seenOf(hidden, 'hidden')).toBe(await seenOf(absent, 'absent'));
        }
  });

  it.each([
    '/api/v1/spaces/hidden/charts/web/',
    '/api/v1/spaces/%68idden/charts/web',
    '/api/v1/spaces/HIDDEN/charts/web',
    '/api/v1//spaces/hidden/charts/web',
    '/api/v1/spaces/hidden%2fcharts/web',
    '/api/v1/spaces/absent/../hidden/charts/web',
    '/api/v1/spaces/absent/%2e%2e/hidden/charts/web',
    '/api/v1/spaces/hidden;a=b/charts/web',
    '/api/v1/spaces/hidden\\charts/web',
    '/api/v1/spaces/ｈidden/charts/web',
    '/api/v1/spaces/hidden%00/charts/web',
    '/API/V1/spaces/hidden/charts/web',
    '/api/hidden/charts/web/1.0.0/',
    '/api/charts/web/1.0.0',
    '/hidden/charts/web-1.0.0.tgz/',
    '/charts/web-1.0.0.tgz',
    '/v2/hidden/web/manifests/1.0.0/',
    '/v2/%68idden/web/manifests/1.0.0',
    '/v2/HIDDEN/web/manifests/1.0.0',
    '/v2/hidden%2fweb/manifests/1.0.0',
    '/v2/absent/../hidden/web/manifests/1.0.0',
  ])('reaches it by no other way to write a path: %s', async (path) => {
    for (const client of [registry.anonymous, stranger])
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'])
        for (const override of [undefined, 'DELETE']) {
          const response = await client.request(path, {
            method,
            redirect: 'manual',
            headers: {
              'Content-Type': 'application/json',
              ...(override ? { 'X-HTTP-Method-Override': override, 'X-HTTP-Method': override } : {}),
            },
            ...(['GET', 'HEAD'].includes(method) ? {} : { body: '{"_method":"DELETE"}' }),
          });
          expect(response.status, `${method} ${override}`).toBeGreaterThanOrEqual(400);
          expect(await response.text()).not.toContain('apiVersion');
        }
    expect((await registry.admin.api('/spaces/hidden/charts/web/versions/1.0.0')).status).toBe(200);
  });
});

describe('credentials that are none', () => {
  const basic = (user: string, password: string) =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const paths = reads.map((path) => path.replace('SPACE', 'hidden'));

  it.each([
    ['an empty user', basic('', 'password')],
    ['an empty password', basic('stranger', '')],
    ['no colon', `Basic ${Buffer.from('stranger').toString('base64')}`],
    ['a user with a zero byte', basic('stranger\0', 'password')],
    ['bytes that are no UTF-8', `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString('base64')}`],
    ['two schemes', `Basic ${Buffer.from('a:b').toString('base64')}, Bearer x`],
    ['a token in another case', 'Bearer HRT_0000000000000000_x'],
  ])('credentials that are none are refused by every interface: %s', async (_, authorization) => {
    for (const path of paths) {
      await registry.db.query('DELETE FROM login_failures');
      expect((await createClient(registry.urls, authorization).request(path)).status, path).toBe(401);
    }
  });

  it('credentials that are none are refused where no route is, and callers without any are told of the methods', async () => {
    const absent: [method: string, path: string, status: number][] = [
      ['GET', '/api/v1/nothing', 404],
      ['PATCH', '/api/v1/jobs', 405],
      ['OPTIONS', '/api/v1/spaces/hidden', 405],
      ['PATCH', '/api/hidden/charts', 405],
      ['PUT', '/hidden/index.yaml', 405],
      ['GET', '/v2/nothing', 404],
      ['POST', '/v2/_catalog', 405],
      ['DELETE', '/v2/', 405],
      ['PUT', '/v2/token', 405],
      ['POST', '/v2/hidden/web/tags/list', 405],
    ];
    const wrong = createClient(registry.urls, basic('stranger', 'wrong'));
    for (const [method, path, status] of absent) {
      await registry.db.query('DELETE FROM login_failures');
      expect((await wrong.request(path, { method })).status, `${method} ${path}`).toBe(401);
      for (const client of [registry.anonymous, stranger])
        expect((await client.request(path, { method })).status, `${method} ${path}`).toBe(status);
    }
  });

  it('credentials that are none are two in two headers, from memory too', async () => {
    const { text } = await registry.addToken(await registry.addUser(randomUUID(), 'admin'));
    const wrong = `hrt_0123456789abcdef_${'a'.repeat(43)}`;
    for (const path of paths) {
      await registry.db.query('DELETE FROM login_failures');
      const send = (...tokens: string[]) =>
        statusWithLines(
          registry.url,
          path,
          tokens.map((token) => ['Authorization', `Bearer ${token}`]),
        );
      expect([path, await send(text), await send(text)]).toEqual([path, 200, 200]);
      expect([path, await send(wrong, text), await send(text, wrong)]).toEqual([path, 401, 401]);
    }
  });

  it('credentials that are none are a token in the query, in the body and in other headers', async () => {
    const { text } = await registry.addToken(await registry.addUser(randomUUID(), 'admin'));
    const names = ['token', 'access_token', 'authorization', 'password', 'private_token', 'api_key'];
    for (const path of paths)
      for (const name of names) {
        const response = await registry.anonymous.request(`${path}?${name}=${text}`, {
          headers: { 'X-Api-Key': text, 'X-Auth-Token': text, 'Proxy-Authorization': `Bearer ${text}` },
        });
        expect(response.status, path).toBe(401);
      }
    const form = new URLSearchParams({ access_token: text, name: 'stolen' });
    const create = await registry.anonymous.api('/spaces?space=stolen', { method: 'POST', body: form });
    expect(create.status).toBe(401);
  });
});

describe('a space that somebody else makes again under its name', () => {
  it('a space that somebody else makes again under its name is unknown to tokens, registry tokens and answers of the first', async () => {
    const add = async (role?: 'creator') => {
      const id = await registry.addUser(randomUUID(), role);
      return { id, client: (await registry.addToken(id)).client };
    };
    const [first, second, member] = [await add('creator'), await add('creator'), await add()];
    await first.client.upload('twice', { name: 'web' });
    await registry.setRole(member.id, 'twice', 'owner');
    const bound = (await registry.addToken(first.id, { spaces: ['twice'] })).client;
    const scope = 'repository:twice/web:pull,push';
    const answer = await member.client.request(`/v2/token?scope=${scope}`);
    const scoped = createClient(registry.urls, `Bearer ${Object(await answer.json()).token}`);
    const paths = reads.map((path) => path.replace('SPACE', 'twice'));
    const statuses = (client: TestClient) =>
      Promise.all(
        paths
          .filter((path) => client !== scoped || path.startsWith('/v2/'))
          .map(async (path) => (await client.request(path)).status),
      );
    for (const client of [first.client, member.client, bound, scoped])
      expect(new Set(await statuses(client))).toEqual(new Set([200]));
    expect((await first.client.api('/spaces/twice', { method: 'DELETE' })).status).toBe(204);
    await second.client.upload('twice', { name: 'web' });
    for (const client of [first.client, member.client, bound, scoped]) {
      expect(new Set(await statuses(client))).toEqual(new Set([404]));
      const push = await openRepository(client, 'twice/web').call('blobs/uploads/', { method: 'POST' });
      expect(push.status).toBe(403);
    }
    expect(new Set(await statuses(second.client))).toEqual(new Set([200]));
  });
});

describe('a role that is taken away while an upload is received', () => {
  const archive = () => packChart({ name: 'slow', files: { 'files/random': randomBytes(4_000_000) } });
  const uploads: [
    string,
    (archive: Buffer) => { method: string; path: string; body: RequestInit['body'] },
  ][] = [
    ['the API', (bytes) => ({ method: 'POST', path: '/api/v1/spaces/slow/charts', body: chartForm(bytes) })],
    ['ChartMuseum', (bytes) => ({ method: 'POST', path: '/api/slow/charts', body: new Uint8Array(bytes) })],
    [
      'OCI',
      (bytes) => ({
        method: 'POST',
        path: `/v2/slow/slow/blobs/uploads/?digest=${digest(bytes)}`,
        body: new Uint8Array(bytes),
      }),
    ],
  ];

  it.each(uploads)('leaves nothing of it behind: %s', async (_, uploadOf) => {
    await registry.db.query(
      "INSERT INTO spaces (name, visibility) VALUES ('slow', 'private') ON CONFLICT DO NOTHING",
    );
    const id = await registry.addUser(randomUUID());
    await registry.setRole(id, 'slow', 'publisher');
    const { client } = await registry.addToken(id);
    const blobs = await registry.blobs();
    const { answer, finish } = await beginSlowUpload(client, uploadOf(await archive()));
    // The first check of rights is over once the file of the upload is there.
    await expect.poll(() => registry.drafts()).toHaveLength(1);
    await registry.setRole(id, 'slow', 'reader');
    finish();
    expect((await answer).status).toBe(403);
    await expect.poll(() => registry.drafts()).toEqual([]);
    expect(await registry.blobs()).toEqual(blobs);
    const versions = await registry.db.query("SELECT FROM charts WHERE name = 'slow'");
    expect(versions).toEqual([]);
  });
});
