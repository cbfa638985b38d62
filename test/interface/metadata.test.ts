import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metadataListOf, valuesOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ lockTimeout: 30_000 }, { worker: false });
  for (const [name, version] of [
    ['api', '1.0.0'],
    ['web', '1.0.0'],
    ['web', '1.10.0'],
    ['web', '1.9.0'],
    ['zoo', '0.1.0'],
  ] as const) {
    await registry.upload('lib', { name, version });
  }
  await registry.upload('tree', {
    name: 'shop',
    manifest: {
      description: 'a shop',
      appVersion: 1.1,
      keywords: ['a'],
      dependencies: [
        { name: 'wish', version: '1.0.0', repository: 'https://example.org' },
        { name: 'db', version: '2.0.0' },
      ],
    },
    values: { replicas: 2, db: { user: 'shop' }, global: { zone: 'a' } },
    subcharts: [
      {
        name: 'db',
        version: '2.0.0',
        values: { user: 'root', port: 5432, global: { zone: 'b', region: 'x' } },
        subcharts: [{ name: 'log', values: { level: 'info' } }],
      },
    ],
  });
});
afterAll(() => registry.close());

const read = async (path: string) => valuesOf(await registry.api(path));
const readList = async (path: string) => metadataListOf(await registry.api(path));
const summary = (list: { items: { name: string; version: string }[] }) =>
  list.items.map(({ name, version }) => `${name} ${version}`);
const putJson = (path: string, body: unknown) =>
  registry.api(path, { method: 'PUT', body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('metadata', () => {
  it('metadata of a space lists every version, by chart, ascending', async () => {
    const list = await readList('/spaces/lib/metadata?limit=100');
    expect(list.metadata).toEqual({ total: 5, itemsLength: 5 });
    expect(summary(list)).toEqual(['api 1.0.0', 'web 1.0.0', 'web 1.9.0', 'web 1.10.0', 'zoo 0.1.0']);
  });

  it.each([
    [0, 2, ['api 1.0.0', 'web 1.0.0']],
    [1, 2, ['web 1.0.0', 'web 1.9.0']],
    [2, 3, ['web 1.9.0', 'web 1.10.0', 'zoo 0.1.0']],
    [3, 10, ['web 1.10.0', 'zoo 0.1.0']],
    [5, 10, []],
  ])('metadata of a space is paged: start %i, limit %i', async (start, limit, expected) => {
    expect(summary(await readList(`/spaces/lib/metadata?start=${start}&limit=${limit}`))).toEqual(expected);
  });

  it('metadata is listed of the latest versions, of a chart, and of its latest version', async () => {
    expect(summary(await readList('/spaces/lib/metadata/latest'))).toEqual([
      'api 1.0.0',
      'web 1.10.0',
      'zoo 0.1.0',
    ]);
    expect(summary(await readList('/spaces/lib/metadata/latest?start=1&limit=1'))).toEqual(['web 1.10.0']);
    expect(summary(await readList('/spaces/lib/charts/web/metadata'))).toEqual([
      'web 1.0.0',
      'web 1.9.0',
      'web 1.10.0',
    ]);
    expect((await read('/spaces/lib/charts/web/metadata/latest')).version).toBe('1.10.0');
  });

  it('metadata shows the subcharts in the archive, not the declared dependencies', async () => {
    expect(await read('/spaces/tree/charts/shop/versions/1.0.0/manifests/metadata')).toEqual({
      apiVersion: 'v2',
      name: 'shop',
      version: '1.0.0',
      description: 'a shop',
      appVersion: '1.1',
      keywords: ['a'],
      dependencies: [
        {
          apiVersion: 'v2',
          name: 'db',
          version: '2.0.0',
          dependencies: [{ apiVersion: 'v2', name: 'log', version: '1.0.0' }],
        },
      ],
    });
  });

  it('a rewrite of metadata leaves the declared dependencies', async () => {
    const path = '/spaces/tree/charts/shop/versions/1.0.0/manifests/metadata';
    const before = await read(path);
    const response = await putJson(path, {
      ...before,
      description: 'a better shop',
      home: 'https://example.org',
    });
    expect(response.status).toBe(200);
    const after = { ...before, description: 'a better shop', home: 'https://example.org' };
    expect(await response.json()).toEqual(after);
    expect(await read(path)).toEqual(after);
    expect((await readList('/spaces/tree/metadata')).metadata.total).toBe(1);
  });

  it.each([
    [{ name: 'other', version: '1.0.0' }, '/name'],
    [{ name: 'shop', version: '1.0.1' }, '/version'],
    [{ version: '1.0.0' }, '/name'],
  ])('a rewrite of metadata must keep name and version: %j', async (body, pointer) => {
    const response = await putJson('/spaces/tree/charts/shop/versions/1.0.0/manifests/metadata', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'metadata.invalid', details: { pointer } });
  });

  it.each([
    '{"name":"shop","version":"1.0.0","home":"\\u0000"}',
    'nonsense',
    '[]',
    '"text"',
    '{"name":"shop","version":"1.0.0","keywords":{"a":1}}',
  ])('metadata is not rewritten by %s', async (body) => {
    const response = await putJson('/spaces/tree/charts/shop/versions/1.0.0/manifests/metadata', body);
    expect(response.status).toBe(400);
  });
});

describe('values', () => {
  const path = '/spaces/tree/charts/shop/versions/1.0.0/manifests/values';

  it('values are coalesced as Helm coalesces them', async () => {
    expect(await read(path)).toEqual({
      replicas: 2,
      global: { zone: 'a' },
      db: {
        user: 'shop',
        port: 5432,
        global: { zone: 'a', region: 'x' },
        log: { level: 'info', global: { zone: 'a', region: 'x' } },
      },
    });
  });

  it('a rewrite of values leaves the values of subcharts', async () => {
    const response = await putJson(path, { replicas: 5 });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ replicas: 5 });
    expect(await read(path)).toEqual({
      replicas: 5,
      db: {
        user: 'root',
        port: 5432,
        global: { zone: 'b', region: 'x' },
        log: { level: 'info', global: { zone: 'b', region: 'x' } },
      },
    });
  });

  it('a rewrite of values of a missing version is 404, and by a list 400', async () => {
    expect((await putJson('/spaces/tree/charts/shop/versions/9.0.0/manifests/values', {})).status).toBe(404);
    expect((await putJson(path, [1])).status).toBe(400);
  });

  it('values rewritten by many clients at once end as one of the rewrites, and none is refused before the lock timeout', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map((replicas) => putJson(path, { replicas })));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    expect([1, 2, 3, 4]).toContain((await read(path)).replicas);
  });
});
