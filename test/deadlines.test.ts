import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { collectGarbage } from './support/garbage-collection.ts';

const recipe = (version: string) => ({
  save: { chart: 'made', version },
  configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
});

let registry: EmbeddedRegistry;
beforeAll(async () => {
  // Nobody works: what is waited for never comes.
  registry = await startEmbedded({}, { worker: false });
  expect((await registry.upload('lib', { name: 'web' })).status).toBe(201);
});
afterAll(() => registry.close());

describe('what is waited for', () => {
  it('is waited for no longer than was asked, also after garbage was collected', async () => {
    const collecting = setInterval(collectGarbage, 200);
    const answer = await registry.orchestrate('lib', recipe('1.0.0'), { Prefer: 'wait=1' });
    clearInterval(collecting);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('preference-applied')).toBe('wait=1');
  });

  it('leaves nothing on the signal of the whole process', async () => {
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
