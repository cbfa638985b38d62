import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type Job } from '../../client/src/index.ts';
import { packChart } from '../support/charts.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  // Without a worker a heavy job stays queued.
  registry = await startRegistry({ apiSources: 0 }, { worker: false });
  const archive = await packChart({ name: 'web', files: { big: Buffer.alloc(2_000_000, 'x') } });
  expect((await registry.upload('lib', archive)).status).toBe(201);
});
afterAll(() => registry.close());

const reason = new Error('the caller has changed its mind');

async function startBehindProxy() {
  const proxy = await startFaultyProxy(registry.url);
  return { proxy, client: createClient({ url: proxy.url }), stop: new AbortController() };
}

describe('a signal', () => {
  it('a signal that has aborted keeps a call from being sent', async () => {
    const { proxy, client } = await startBehindProxy();
    const signal = AbortSignal.abort(reason);
    await expect(client.whoami({ signal })).rejects.toBe(reason);
    await expect(client.spaces.names({ signal }).page()).rejects.toBe(reason);
    expect(proxy.requests).toEqual([]);
  });

  it('a signal ends a call that waits for its answer, with the reason of the signal', async () => {
    const { proxy, client, stop } = await startBehindProxy();
    proxy.plan({ kind: 'silence' });
    const call = client.whoami({ signal: stop.signal });
    await expect.poll(() => proxy.requests.length).toBe(1);
    stop.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(proxy.requests).toHaveLength(1);
  });

  it('a signal ends a call that waits to be repeated', async () => {
    const { proxy, client, stop } = await startBehindProxy();
    proxy.plan({ kind: 'answer', status: 503, headers: { 'Retry-After': '60' } });
    const call = client.whoami({ signal: stop.signal });
    await expect.poll(() => proxy.requests.length).toBe(1);
    stop.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(proxy.requests).toHaveLength(1);
  });

  it('a signal ends the body of a download', async () => {
    const { proxy, client, stop } = await startBehindProxy();
    proxy.plan({ kind: 'pause', bytes: 500, until: new Promise(() => {}) });
    const version = client.space('lib').chart('web').version('1.0.0');
    const { stream } = await version.download({ signal: stop.signal });
    const reader = stream.getReader();
    expect((await reader.read()).value).toHaveLength(500);
    const next = reader.read();
    stop.abort(reason);
    await expect(next).rejects.toBe(reason);
  });

  it('a signal that outlives its calls and downloads remembers none of them', async () => {
    const { client, stop } = await startBehindProxy();
    const { signal } = stop;
    const version = client.space('lib').chart('web').version('1.0.0');
    await client.whoami({ signal });
    const { stream } = await version.download({ signal });
    expect((await new Response(stream).arrayBuffer()).byteLength).toBeGreaterThan(0);
    expect(await (await version.download({ signal })).bytes()).toBeInstanceOf(Uint8Array);
    await (await version.download({ signal })).stream.cancel();
    await expect(client.space('lib').chart('none').version('1.0.0').download({ signal })).rejects.toThrow();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('a signal ends the events of a job, and leaves the job', async () => {
    const { client, stop } = await startBehindProxy();
    const job = await client.compose('lib', {
      save: { chart: 'made', version: '1.0.0' },
      configs: { package: { independent: true, chart: 'web', version: '1.0.0' } },
    });
    const seen: Job['state'][] = [];
    const following = (async () => {
      for await (const { state } of job.events({ signal: stop.signal })) {
        seen.push(state);
        stop.abort(reason);
      }
    })();
    await expect(following).rejects.toBe(reason);
    expect(seen).toEqual(['queued']);
    expect((await client.jobs.get(job.id)).state).toBe('queued');
    expect((await job.cancel()).state).toBe('cancelled');
    await expect(job.wait()).rejects.toMatchObject({ code: 'job.cancelled', details: { job: job.id } });
  });
});
