import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { job } from '../../api/job-schemas.ts';
import { jobOf, jobsOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  // Without a worker a job stays queued until a test starts one.
  registry = await startRegistry({ lockTimeout: 50 }, { worker: false });
  await registry.upload('lib', { name: 'web' });
});
afterAll(() => registry.close());

const submit = async (chart: string) => {
  const body = {
    save: { chart, version: '1.0.0' },
    configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
  };
  return jobOf(await registry.orchestrate('lib', body, {}));
};
const list = async (query: string) => jobsOf(await registry.api(`/jobs?${query}`));

describe('a job that is queued', () => {
  let id: string;
  beforeEach(async () => {
    id = (await submit(`c${crypto.randomUUID()}`)).id;
  });

  it('a queued job is read, with Retry-After', async () => {
    const response = await registry.api(`/jobs/${id}`);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({
      id,
      state: 'queued',
      progress: { stage: 'queued', done: 0, total: 1 },
      startedAt: null,
      finishedAt: null,
    });
  });

  it('a queued job is cancelled once', async () => {
    const first = await registry.api(`/jobs/${id}`, { method: 'DELETE' });
    expect(first.status).toBe(202);
    expect(await first.json()).toMatchObject({ state: 'cancelled' });
    const again = await registry.api(`/jobs/${id}`, { method: 'DELETE' });
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ code: 'job.final' });
  });

  it('a queued job reserves its target, and locks the containing chart and space, until it ends', async () => {
    const { chart } = await jobOf(await registry.api(`/jobs/${id}`));
    const blocked = [
      await registry.upload('lib', { name: chart }),
      await registry.api('/spaces/lib', { method: 'DELETE' }),
    ];
    for (const response of blocked) {
      expect(response.status).toBe(423);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await response.json()).toMatchObject({ reason: 'ResourceLocking', code: 'resource.locked' });
    }
    const again = await registry.orchestrate('lib', {
      save: { chart, version: '1.0.0' },
      configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
    });
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({
      code: 'version.composing',
      message: expect.stringContaining(id),
      details: { job: id, link: `/api/v1/jobs/${id}` },
    });
    // Readers do not wait, and other versions of the chart can be written.
    expect((await registry.api('/spaces/lib/charts')).status).toBe(200);
    expect((await registry.upload('lib', { name: chart, version: '2.0.0' })).status).toBe(201);
    await registry.api(`/jobs/${id}`, { method: 'DELETE' });
    expect((await registry.upload('lib', { name: chart })).status).toBe(201);
  });

  it('a list of jobs refuses a space that is no name, and ignores empty filters', async () => {
    expect((await registry.api('/jobs?space=%00')).status).toBe(400);
    expect((await registry.api('/jobs?space=&chart=&state=')).status).toBe(200);
  });

  it('a job of an unknown id is not found', async () => {
    expect((await registry.api(`/jobs/${crypto.randomUUID()}`)).status).toBe(404);
    expect((await registry.api('/jobs/nonsense')).status).toBe(404);
  });
});

describe('a list of jobs', () => {
  it('a list of jobs is newest first, and filtered', async () => {
    const one = await submit('list-one');
    const two = await submit('list-two');
    await registry.api(`/jobs/${one.id}`, { method: 'DELETE' });
    const all = await list('limit=2');
    expect(all.items.map((job) => job.id)).toEqual([two.id, one.id]);
    expect((await list('chart=list-one')).items).toHaveLength(1);
    expect((await list('chart=list-one&state=queued')).items).toHaveLength(0);
    expect((await list('space=none')).metadata).toEqual({ total: 0, itemsLength: 0 });
    expect((await registry.api('/jobs?state=odd')).status).toBe(400);
  });
});

describe("a job's events", () => {
  it('the events of a job have each change and end after the final one', async () => {
    const submitted = await submit('streamed');
    const response = await registry.api(`/jobs/${submitted.id}/events`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const text = response.text();
    const worker = await registry.startWorker();
    const states = [...(await text).matchAll(/^data: (.*)$/gm)].map(
      (match) => job.parse(JSON.parse(match[1] ?? '')).state,
    );
    await worker.close();
    // A short job can end before its running state is sent.
    const inOrder = [
      ['queued', 'running', 'succeeded'],
      ['queued', 'succeeded'],
    ];
    expect(inOrder).toContainEqual([...new Set(states)]);
  });

  it('the events of a finished job are its final state', async () => {
    const submitted = await submit('over');
    await registry.api(`/jobs/${submitted.id}`, { method: 'DELETE' });
    const text = await (await registry.api(`/jobs/${submitted.id}/events`)).text();
    expect([...text.matchAll(/^data: /gm)]).toHaveLength(1);
  });

  it('the events of an unknown job are 404', async () => {
    expect((await registry.api(`/jobs/${crypto.randomUUID()}/events`)).status).toBe(404);
  });
});
