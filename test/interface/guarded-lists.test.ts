import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorOf, namesOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
let anaId: string;
let ana: TestClient;

beforeAll(async () => {
  registry = await startGuarded({}, { worker: false });
  anaId = await registry.addUser('ana');
  ana = (await registry.addToken(anaId)).client;
  for (const visibility of ['public', 'internal', 'private'] as const) {
    for (const name of [visibility, `my-${visibility}`]) {
      await registry.addSpace(name, visibility);
      const found = await registry.admin.upload(name, {
        name: 'needle',
        manifest: { description: `in ${name}` },
      });
      expect(found.status).toBe(201);
    }
    await registry.setRole(anaId, `my-${visibility}`, 'reader');
  }
});
afterAll(() => registry.close());

const everything = ['internal', 'my-internal', 'my-private', 'my-public', 'private', 'public'];
const readers: [string, () => Promise<TestClient>, string[]][] = [
  ['anonymous', async () => registry.anonymous, ['my-public', 'public']],
  [
    'a stranger',
    async () => (await registry.addToken(await registry.addUser(crypto.randomUUID()))).client,
    ['internal', 'my-internal', 'my-public', 'public'],
  ],
  ['a member', async () => ana, everything.filter((name) => name !== 'private')],
  [
    'a token for one space',
    async () => (await registry.addToken(anaId, { spaces: ['my-private', 'private'] })).client,
    ['my-private', 'my-public', 'public'],
  ],
  [
    'a token for some charts',
    async () => (await registry.addToken(anaId, { charts: ['n*'] })).client,
    ['my-public', 'public'],
  ],
  ['an admin', async () => registry.admin, everything],
  [
    'an auditor',
    async () => (await registry.addToken(await registry.addUser(crypto.randomUUID(), 'auditor'))).client,
    everything,
  ],
];

const found = z.object({
  metadata: z.object({ total: z.number() }),
  items: z.array(z.object({ space: z.string() })),
});

describe.each(readers)('%s', (reader, clientOf, readable) => {
  it('lists the spaces that it may read, with their number, in pages', async () => {
    const client = await clientOf();
    const all = await namesOf(await client.api('/spaces?limit=100'));
    expect(all).toEqual({
      metadata: { total: readable.length, itemsLength: readable.length },
      items: readable,
    });
    const page = await client.api('/spaces?start=1&limit=1');
    expect((await namesOf(page.clone())).items).toEqual(readable.slice(1, 2));
    expect(page.headers.has('link')).toBe(readable.length > 2);
  });

  it('finds charts in those spaces, with their number', async () => {
    const client = await clientOf();
    const all = found.parse(await (await client.api('/search?q=needle&limit=100')).json());
    expect(all.items.map(({ space }) => space)).toEqual(readable);
    expect(all.metadata.total).toBe(readable.length);
    const page = found.parse(await (await client.api('/search?q=needle&start=1&limit=1')).json());
    expect(page).toMatchObject({ metadata: { total: readable.length }, items: [{ space: readable[1] }] });
    for (const space of everything) {
      const refused = client === registry.anonymous ? 401 : 404;
      // A space of which a token may read some charts has no list for it.
      const isPartly = reader === 'a token for some charts' && space !== 'private';
      const status = readable.includes(space) ? 200 : isPartly ? 403 : refused;
      expect((await client.api(`/search?q=needle&space=${space}`)).status, space).toBe(status);
    }
  });
});

/** Status, headers and body of a response, without what is of each request. */
async function wholeOf(response: Response) {
  const headers = Object.fromEntries(
    [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name)),
  );
  return { status: response.status, headers, body: await response.text() };
}

const reads = [
  '/api/v1/spaces/NAME',
  '/api/v1/spaces/NAME/charts',
  '/api/v1/spaces/NAME/metadata',
  '/api/v1/spaces/NAME/metadata/latest',
  '/api/v1/spaces/NAME/charts/needle/versions',
  '/api/v1/spaces/NAME/charts/needle/metadata',
  '/api/v1/spaces/NAME/charts/needle/versions/1.0.0',
  '/api/v1/spaces/NAME/charts/needle/versions/1.0.0/metadata',
  '/api/v1/spaces/NAME/charts/needle/versions/1.0.0/values',
  '/api/v1/spaces/NAME/charts/needle/versions/1.0.0/provenance',
  '/api/v1/spaces/NAME/charts/needle/versions/1.0.0/lineage',
  '/api/v1/spaces/NAME/charts/needle/versions/1.0.0/dependents',
  '/api/v1/search?q=needle&space=NAME',
  '/NAME',
  '/NAME/index.yaml',
  '/NAME/charts/needle-1.0.0.tgz',
  '/NAME/charts/needle-1.0.0.tgz.prov',
  '/NAME/charts/needle/1.0.0/needle-1.0.0.tgz',
  '/api/NAME/charts',
  '/api/NAME/charts/needle',
  '/api/NAME/charts/needle/1.0.0',
  '/api/NAME/charts/needle/1.0.0/values',
  '/api/NAME/charts/needle/1.0.0/templates',
  '/v2/NAME/needle/tags/list',
  '/v2/NAME/needle/manifests/1.0.0',
  `/v2/NAME/needle/blobs/sha256:${'0'.repeat(64)}`,
  `/v2/NAME/needle/referrers/sha256:${'0'.repeat(64)}`,
];

describe.each(['GET', 'HEAD'])('%s of a space that may not be read', (method) => {
  it.each(reads)('%s has the bytes of one that is not there', async (path) => {
    const ask = async (name: string) => {
      const response = await ana.request(path.replace('NAME', name), { method, redirect: 'manual' });
      const { status, headers, body } = await wholeOf(response);
      return { status, text: JSON.stringify({ headers, body }).replaceAll(name, 'NAME') };
    };
    // Twice: what the admin has read meanwhile is in memory. Names of one length, for `Content-Length`.
    const hidden = await ask('private');
    await registry.admin.request(path.replace('NAME', 'private'), { method });
    expect(await ask('private')).toEqual(hidden);
    expect(hidden).toEqual(await ask('missing'));
    expect(hidden.status).toBe(404);
  });
});

describe('suggested names', () => {
  it('suggested names are none of spaces that may not be read', async () => {
    const error = await errorOf(await ana.api('/spaces/privat'));
    expect(error).toEqual({
      code: 'space.notFound',
      message: 'There is no space privat.',
      reason: 'ReasonInternal',
    });
    expect((await errorOf(await registry.admin.api('/spaces/publik'))).details).toEqual({
      nearest: ['public'],
    });
  });

  it('suggested names are none of other charts for a token that is narrowed to some', async () => {
    const path = '/spaces/my-private/charts/needel/versions';
    expect((await errorOf(await ana.api(path))).details).toEqual({ nearest: ['needle'] });
    const { client } = await registry.addToken(anaId, { charts: ['needel'] });
    expect(await errorOf(await client.api(path))).toEqual({
      code: 'chart.notFound',
      message: 'There is no chart needel in space my-private.',
      reason: 'ReasonInternal',
    });
  });
});

it.each(['/docs', '/openapi.json', '/info', '/healthz'])(
  '%s is for anybody, where access is guarded',
  async (path) => {
    expect((await registry.anonymous.request(path)).status).toBe(200);
  },
);
