import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
});
afterAll(() => registry.close());

const create = (space: string) =>
  registry.api(`/spaces?space=${encodeURIComponent(space)}`, { method: 'POST' });

describe('spaces', () => {
  it('a space is created by query, form or JSON, and answered with its link', async () => {
    const byQuery = await create('lib');
    expect(byQuery.status).toBe(201);
    expect(await byQuery.json()).toEqual({ name: 'lib', link: '/api/v1/spaces/lib' });
    const byForm = await registry.api('/spaces', {
      method: 'POST',
      body: new URLSearchParams({ space: 'by-form' }),
    });
    expect(byForm.status).toBe(201);
    const byJson = await registry.api('/spaces', {
      method: 'POST',
      body: JSON.stringify({ space: 'by_json' }),
    });
    expect(byJson.status).toBe(201);
    const form = new FormData();
    form.set('space', 'multi');
    expect((await registry.api('/spaces', { method: 'POST', body: form })).status).toBe(201);
  });

  it('a space that exists is not created again', async () => {
    const again = await create('lib');
    expect(again.status).toBe(409);
    expect(await again.json()).toEqual({
      message: 'Space lib exists already.',
      reason: 'ReasonInternal',
      code: 'space.exists',
    });
  });

  it.each(['_lib', '-lib', 'a b', 'a/b', 'a.b', '', 'ä', 'x'.repeat(251)])(
    'a space cannot have the name %j',
    async (name) => {
      const response = await create(name);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ reason: 'ReasonRequest' });
    },
  );

  it('spaces are listed by bytes of their names, in pages', async () => {
    for (const name of ['Zeta', 'teXa-sd--_t', 'test', 'test_Space']) await create(name);
    const all = await (await registry.api('/spaces?start=0&limit=1000')).json();
    expect(all).toEqual({
      metadata: { total: 8, itemsLength: 8 },
      items: ['Zeta', 'by-form', 'by_json', 'lib', 'multi', 'teXa-sd--_t', 'test', 'test_Space'],
    });
    const page = await (await registry.api('/spaces?start=2&limit=3')).json();
    expect(page).toEqual({ metadata: { total: 8, itemsLength: 3 }, items: ['by_json', 'lib', 'multi'] });
  });

  it.each(['start=100', 'start=9223372036854775808', 'start=-1', 'limit=0'])(
    'the list of spaces is an empty page for %s',
    async (query) => {
      const response = await registry.api(`/spaces?${query}`);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ metadata: { total: 8, itemsLength: 0 }, items: [] });
    },
  );

  it.each(['start=one', 'limit=1.5', 'limit=1e3'])('the list of spaces refuses %s', async (query) => {
    const response = await registry.api(`/spaces?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'request.invalid', reason: 'ReasonRequest' });
  });

  it('a space is deleted with all its charts', async () => {
    await registry.upload('gone', { name: 'web' });
    expect((await registry.api('/spaces/gone', { method: 'DELETE' })).status).toBe(204);
    expect((await registry.api('/spaces/gone/charts')).status).toBe(404);
    expect((await registry.api('/spaces/gone', { method: 'DELETE' })).status).toBe(404);
  });
});

describe('the original client', () => {
  const original = { 'User-Agent': 'Go-http-client/1.1', Connection: 'close' };

  it('the original client gets the status as the code of an error', async () => {
    const body = await new Promise<string>((resolve, reject) => {
      // `fetch` always sends Accept, which the original client does not send.
      const headers = { ...registry.headers, ...original };
      request(`${registry.url}/api/v1/spaces`, { method: 'POST', headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve(text));
      })
        .on('error', reject)
        .end('space=_srsd');
    });
    expect(JSON.parse(body)).toMatchObject({ code: 400, reason: 'ReasonRequest' });
  });
});

describe('a request without a route', () => {
  it('a path without a route is 404 with a code', async () => {
    const response = await registry.api('/nothing');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'route.notFound', reason: 'ReasonInternal' });
  });

  it('a method without a route is 405 with the allowed methods', async () => {
    const response = await registry.api('/spaces', { method: 'PATCH' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
  });
});
