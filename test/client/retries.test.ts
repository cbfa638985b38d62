import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientCodes, createClient } from '../../client/src/index.ts';
import { packChart } from '../support/charts.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  expect((await registry.upload('lib', { name: 'web' })).status).toBe(201);
});
afterAll(() => registry.close());

/** Starts a proxy, and a client that knows the registry by it. */
async function startBehindProxy(retries?: number) {
  const proxy = await startFaultyProxy(registry.url);
  const { requests, plan } = proxy;
  const methods = () => requests.map(({ method }) => method);
  return { client: createClient({ url: proxy.url, retries }), requests, methods, plan };
}

const busy = { kind: 'answer', status: 503, headers: { 'Retry-After': '0' } } as const;
const problem = (status: number, code: string) =>
  ({
    kind: 'answer',
    status,
    headers: { 'Retry-After': '0' },
    body: JSON.stringify({ code, message: 'no' }),
  }) as const;
const recipe = (chart: string) => ({
  save: { chart, version: '1.0.0' },
  configs: { package: { independent: true, chart: 'web', version: '1.0.0' } },
});

describe('a client behind a faulty proxy', () => {
  it.each([408, 429, 500, 502, 503, 504])('a client repeats a read that was answered %i', async (status) => {
    const { client, methods, plan } = await startBehindProxy();
    plan({ ...busy, status });
    expect((await client.space('lib').get()).charts).toBeGreaterThan(0);
    expect(methods()).toEqual(['GET', 'GET']);
  });

  it.each([400, 401, 403, 404, 410, 422])(
    'a client does not repeat a read that was answered %i',
    async (status) => {
      const { client, methods, plan } = await startBehindProxy();
      plan(problem(status, 'some.code'));
      await expect(client.space('lib').get()).rejects.toMatchObject({
        status,
        code: 'some.code',
        message: 'no',
      });
      expect(methods()).toEqual(['GET']);
    },
  );

  it('a client repeats a read whose connection broke off, before the answer and within it', async () => {
    const { client, methods, plan } = await startBehindProxy();
    plan({ kind: 'reset' }, { kind: 'cut', bytes: 5 });
    expect((await client.space('lib').get()).name).toBe('lib');
    expect(methods()).toEqual(['GET', 'GET', 'GET']);
  });

  it('a client gives up after two repetitions, with the last error', async () => {
    const { client, methods, plan } = await startBehindProxy();
    plan(busy, busy, problem(503, 'service.busy'));
    await expect(client.space('lib').get()).rejects.toMatchObject({
      status: 503,
      code: 'service.busy',
      retryAfter: 0,
    });
    expect(methods()).toEqual(['GET', 'GET', 'GET']);
  });

  it('a client does not repeat more often than it is told, by its options or the call', async () => {
    const { client, methods, plan } = await startBehindProxy(0);
    plan(problem(503, 'service.busy'), busy, problem(503, 'service.busy'));
    await expect(client.space('lib').get()).rejects.toMatchObject({ code: 'service.busy' });
    await expect(client.space('lib').get({ retries: 1 })).rejects.toMatchObject({ code: 'service.busy' });
    expect(methods()).toHaveLength(3);
  });

  it('a client leaves a long Retry-After to its caller', async () => {
    const { client, methods, plan } = await startBehindProxy();
    plan({ ...problem(503, 'storage.full'), headers: { 'Retry-After': '3600' } });
    await expect(client.space('lib').get()).rejects.toMatchObject({ code: 'storage.full', retryAfter: 3600 });
    expect(methods()).toEqual(['GET']);
  });

  it('a client repeats no upload and no change, which may have been stored', async () => {
    const { client, methods, plan } = await startBehindProxy();
    const archive = await packChart({ name: 'once' });
    plan({ kind: 'reset', forward: true }, busy, { kind: 'reset' });
    await expect(client.space('lib').upload(archive)).rejects.toMatchObject({ code: clientCodes.connection });
    await expect(client.space('lib').change({ overwriting: 'mutable' })).rejects.toMatchObject({
      status: 503,
    });
    await expect(client.spaces.create('other')).rejects.toMatchObject({ code: clientCodes.connection });
    expect(methods()).toEqual(['POST', 'PATCH', 'POST']);
    expect(await client.space('lib').chart('once').version('1.0.0').metadata()).toMatchObject({
      name: 'once',
    });
  });

  it('a client repeats a replacement and a deletion', async () => {
    const { client, methods, plan } = await startBehindProxy();
    const lib = client.space('lib');
    await lib.upload(await packChart({ name: 'twice', values: { a: 1 } }));
    const version = lib.chart('twice').version('1.0.0');
    plan({ kind: 'reset', forward: true });
    await version.replace(await packChart({ name: 'twice', values: { a: 2 } }));
    expect(await version.values()).toEqual({ a: 2 });
    plan(busy);
    await version.delete();
    expect(methods()).toEqual(['POST', 'PUT', 'PUT', 'GET', 'DELETE', 'DELETE']);
  });

  it('a client repeats a recipe under one key, and gets the job of the first', async () => {
    const { client, requests, plan } = await startBehindProxy();
    plan({ kind: 'reset', forward: true }, busy);
    const job = await client.compose('lib', recipe('keyed'));
    await job.wait();
    const sent = requests.filter(({ method }) => method === 'POST');
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    const { total } = await client.jobs.list({ space: 'lib', chart: 'keyed' }).page();
    expect(total).toBe(1);
  });

  it('a client gives each recipe a key of its own', async () => {
    const { client, requests } = await startBehindProxy();
    const first = await client.compose('lib', recipe('one'), { wait: 30 });
    const second = await client.compose('lib', recipe('two'), { wait: 30 });
    expect(first.job.state).toBe('succeeded');
    expect(first.id).not.toBe(second.id);
    const keys = requests.flatMap(({ headers }) => headers['idempotency-key'] ?? []);
    expect(new Set(keys).size).toBe(2);
  });

  it("a client names a proxy's page as a response that is not the registry's", async () => {
    const { client, plan } = await startBehindProxy(0);
    const page = { headers: { 'Content-Type': 'text/html', 'X-Request-Id': 'r-1' }, body: '<h1>Hello</h1>' };
    plan({ kind: 'answer', status: 502, ...page }, { kind: 'answer', status: 200, ...page });
    for (const status of [502, 200])
      await expect(client.whoami()).rejects.toMatchObject({
        status,
        code: clientCodes.foreign,
        requestId: 'r-1',
        message: expect.stringContaining('text/html'),
        details: { contentType: 'text/html', excerpt: '<h1>Hello</h1>' },
      });
  });

  it('a client names what the registry refuses by code, details and the id of the request', async () => {
    const { client } = await startBehindProxy();
    await expect(client.space('lib').chart('wev').versionNames().page()).rejects.toMatchObject({
      status: 404,
      code: 'chart.notFound',
      details: { nearest: expect.anything() },
      requestId: expect.stringMatching(/./),
    });
  });

  it('a client names a registry that it cannot reach, and one that does not answer in time', async () => {
    const { client, plan } = await startBehindProxy(0);
    plan({ kind: 'silence' });
    await expect(client.whoami({ timeoutMs: 50 })).rejects.toMatchObject({
      status: 0,
      code: clientCodes.timeout,
    });
    const nobody = createClient({ url: 'http://127.0.0.1:1', retries: 0 });
    await expect(nobody.whoami()).rejects.toMatchObject({ status: 0, code: clientCodes.connection });
  });
});
