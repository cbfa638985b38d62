import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from './support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  await registry.upload('lib', { name: 'web', version: '1.0.0' });
});
afterAll(() => registry.close());

const recipe = (chart: string, more: object = {}) => ({
  save: { chart, version: '1.0.0' },
  configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
  ...more,
});
const post = (path: string, body: unknown) =>
  registry.api(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
const jobs = async () => (await registry.api('/jobs?space=lib')).json();
const noJobs = { metadata: { total: 0, itemsLength: 0 }, items: [] };

describe('an unknown query parameter', () => {
  it.each([
    ['/spaces?limt=100', 'limt', 'limit'],
    ['/spaces/lib/metadata?Limit=5', 'Limit', 'limit'],
    ['/jobs?status=failed', 'status', 'state'],
    ['/search?query=web&q=web', 'query', 'Known here: start, limit, q, space, keyword'],
    ['/spaces/lib/charts/web/versions/1.0.0?x=1', 'x', 'None is known here.'],
  ])(
    'an unknown query parameter of GET %s is refused with the nearest known name',
    async (path, parameter, hint) => {
      const response = await registry.api(path);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        code: 'request.invalid',
        message: expect.stringContaining(hint),
        details: { parameter },
      });
    },
  );

  it.each(['dryrun=true', 'dry_run=true', 'dryRun', 'dryRun=', 'dryRun=1', 'dryRun=true&dryRun=false'])(
    'an unknown or unclear query parameter of a recipe, ?%s, makes no job',
    async (query) => {
      const response = await post(`/spaces/lib/charts?${query}`, recipe('real'));
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'request.invalid' });
      expect(await jobs()).toEqual(noJobs);
    },
  );

  it('an unknown query parameter of a DELETE deletes nothing', async () => {
    const response = await registry.api('/spaces/lib/charts/web?dryRun=true', { method: 'DELETE' });
    expect(response.status).toBe(400);
    expect((await registry.api('/spaces/lib/charts/web/versions')).status).toBe(200);
  });

  it.each([
    ['DELETE', '/spaces/lib/charts/web/versions/1.0.0?limit=1'],
    ['DELETE', '/spaces/lib?start=0'],
    ['PATCH', '/spaces/lib?dryRun=true'],
    ['PUT', '/spaces/lib/charts/web/versions/1.0.0/manifests/values?dryrun=true'],
    ['POST', '/spaces?space=typo&visiblity=private'],
  ])('a write with an unknown query parameter changes nothing: %s %s', async (method, path) => {
    const body = method === 'PUT' || method === 'PATCH' ? '{}' : undefined;
    const response = await registry.api(path, { method, ...(body ? { body } : {}) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'request.invalid',
      details: { parameter: expect.any(String) },
    });
    expect((await registry.api('/spaces/lib/charts/web/versions/1.0.0')).status).toBe(200);
    expect((await registry.api('/spaces/typo')).status).toBe(404);
  });

  it('an unknown query parameter is refused by every write of the interface', async () => {
    const { paths } = Object(await (await registry.request('/openapi.json')).json());
    const writes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(Object(methods))
        .filter(
          (method) => path.startsWith('/api/v1/') && ['post', 'put', 'patch', 'delete'].includes(method),
        )
        .map((method) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, 'x') })),
    );
    expect(writes.length).toBeGreaterThan(20);
    for (const { method, path } of writes) {
      const response = await registry.request(`${path}?dryrunn=true`, { method, body: '{}' });
      expect(await response.json(), `${method} ${path}`).toMatchObject({
        code: 'request.invalid',
        details: { parameter: 'dryrunn' },
      });
    }
  });

  it.each([
    ['POST', '/spaces', { name: 'typo', visibility: 'private' }, '/visibility', 'query parameter'],
    ['PATCH', '/spaces/lib', { overwritng: 'mutable' }, '/overwritng', 'Did you mean overwriting?'],
  ])('a body with an unknown key changes nothing: %s %s %j', async (method, path, body, pointer, part) => {
    const response = await registry.api(path, { method, body: JSON.stringify(body) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'request.invalid',
      message: expect.stringContaining(part),
      details: { pointer },
    });
    expect((await registry.api('/spaces/typo')).status).toBe(404);
  });

  it('start and limit are ignored where clients of the original registry send them', async () => {
    const paths = [
      '/spaces',
      '/spaces/lib/charts/web/metadata/latest',
      '/spaces/lib/charts/web/versions/1.0.0',
    ];
    for (const path of paths) expect((await registry.api(`${path}?start=0&limit=1000`)).status).toBe(200);
  });
});

describe('a recipe', () => {
  it.each([
    [
      'an unknown key',
      recipe('typo', { callbck: { url: 'https://example.com' } }),
      'recipe.invalid',
      '/callbck',
    ],
    [
      'a key twice',
      JSON.stringify(recipe('twice')).replace('"configs":{', '"configs":{"db":{},"db":{},'),
      'request.duplicateKey',
      '/configs/db',
    ],
  ])('a recipe with %s is refused with its pointer, and makes no job', async (_, body, code, pointer) => {
    for (const query of ['', '?dryRun=true']) {
      const response = await post(`/spaces/lib/charts${query}`, body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code, details: { pointer } });
    }
    expect(await jobs()).toEqual(noJobs);
  });
});
