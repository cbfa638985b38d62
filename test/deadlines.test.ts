import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { collectGarbage } from './support/garbage-collection.ts';

const recipe = (version: string) => ({
  save: { chart: 'made', version },
  configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
});

let registry: EmbeddedRegistry;
beforeAll(async () => {
  // Without a worker a job never ends, so each wait lasts to its timeout.
  registry = await startEmbedded({}, { worker: false });
  expect((await registry.upload('lib', { name: 'web' })).status).toBe(201);
});
afterAll(() => registry.close());

describe('a request that waits for a job', () => {
  it('a request waits no longer than its preference, also after garbage collection by V8', async () => {
    const collecting = setInterval(collectGarbage, 200);
    onTestFinished(() => clearInterval(collecting));
    const answer = await registry.orchestrate('lib', recipe('1.0.0'), { Prefer: 'wait=1' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('preference-applied')).toBe('wait=1');
  });

  it('a request that has waited leaves no listener on the signal of the process', async () => {
    const { closing } = registry.context;
    const before = getEventListeners(closing, 'abort').length;
    const job = await registry.orchestrate('lib', recipe('2.0.0'), { Prefer: 'wait=1' });
    const { id, links } = Object(await job.json());
    const streams = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const leaving = new AbortController();
        const stream = await registry.request(links.events, { signal: leaving.signal });
        await stream.body?.getReader().read();
        return leaving;
      }),
    );
    expect(getEventListeners(closing, 'abort').length).toBe(before + streams.length);
    for (const leaving of streams) leaving.abort();
    await expect.poll(() => getEventListeners(closing, 'abort').length).toBe(before);
    expect((await registry.api(`/jobs/${id}`, { method: 'DELETE' })).status).toBe(202);
  });
});
