import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobCounts } from '../../api/job-part-schemas.ts';
import { errorOf, jobOf, jobsOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
const ids: Record<string, string> = {};
/** Jobs in the order of their acceptance: `third` is over last, `second` before it, and the others wait. */
const charts = ['first', 'second', 'third', 'fourth'];

beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
  await registry.upload('lib', { name: 'web' });
  await registry.upload('other', { name: 'web' });
  for (const chart of charts) ids[chart] = await submit('lib', chart);
  ids.elsewhere = await submit('other', 'elsewhere');
  for (const chart of ['second', 'third'])
    expect((await registry.api(`/jobs/${ids[chart]}`, { method: 'DELETE' })).status).toBe(202);
});
afterAll(() => registry.close());

async function submit(space: string, chart: string): Promise<string> {
  const body = {
    save: { chart, version: '1.0.0' },
    configs: { package: { independent: true, space, chart: 'web', version: '1.0.0' } },
  };
  return (await jobOf(await registry.orchestrate(space, body, {}))).id;
}
const chartsOf = async (query: string) =>
  (await jobsOf(await registry.api(`/jobs?${query}`))).items.map(({ chart }) => chart);

describe('a list of jobs', () => {
  it('a list of jobs has several states at a time', async () => {
    expect(await chartsOf('space=lib&state=queued')).toEqual(['fourth', 'first']);
    expect(await chartsOf('space=lib&state=cancelled,queued')).toEqual([...charts].reverse());
    expect(await chartsOf('state=queued,running')).toEqual(['elsewhere', 'fourth', 'first']);
    expect(await chartsOf('space=lib&state=running,failed,succeeded')).toEqual([]);
    const odd = await registry.api('/jobs?state=queued,odd');
    expect(odd.status).toBe(400);
    expect(await errorOf(odd)).toMatchObject({ code: 'request.invalid', details: { parameter: 'state' } });
  });

  it('a list of jobs is sorted by acceptance, by the last change, and by the end, either way', async () => {
    expect(await chartsOf('space=lib&order=asc')).toEqual(charts);
    expect(await chartsOf('space=lib&sort=updated')).toEqual(['third', 'second', 'fourth', 'first']);
    expect(await chartsOf('sort=updated&order=asc&limit=2')).toEqual(['first', 'fourth']);
    expect(await chartsOf('sort=finished')).toEqual(['third', 'second']);
    expect(await chartsOf('sort=finished&order=asc&space=lib')).toEqual(['second', 'third']);
    expect(await chartsOf('sort=finished&state=queued')).toEqual([]);
    expect(await chartsOf('space=lib&sort=updated&chart=first')).toEqual(['first']);
  });

  it('a list of jobs is paged in each order', async () => {
    const pages = await Promise.all(
      [0, 1, 2, 3, 4].map((start) => chartsOf(`space=lib&sort=updated&limit=1&start=${start}`)),
    );
    expect(pages.flat()).toEqual(['third', 'second', 'fourth', 'first']);
  });

  it('a list of jobs is searched by parts of names, in any case', async () => {
    expect(await chartsOf('q=IR')).toEqual(['third', 'first']);
    expect(await chartsOf('q=lib/f')).toEqual(['fourth', 'first']);
    expect(await chartsOf('q=ir&state=cancelled')).toEqual(['third']);
    const none = await jobsOf(await registry.api('/jobs?q=%25'));
    expect(none).toEqual({ metadata: { total: 0, itemsLength: 0 }, items: [] });
    expect((await jobsOf(await registry.api('/jobs?q=ir&limit=1'))).metadata.total).toBe(2);
  });
});

describe('counts of jobs', () => {
  const countsOf = async (query: string) =>
    jobCounts.parse(await (await registry.api(`/jobs/counts${query}`)).json());

  it('counts of jobs are told by state, of a space or of all', async () => {
    const none = { count: 0, more: false };
    const exact = (count: number) => ({ count, more: false });
    expect(await countsOf('?space=lib')).toEqual({
      ...{ queued: exact(2), cancelled: exact(2), running: none, failed: none, succeeded: none },
    });
    expect((await countsOf('')).queued).toEqual(exact(3));
    expect((await countsOf('?space=none')).queued).toEqual(none);
  });

  it('counts of jobs are exact up to 10,000, and tell that there are more', async () => {
    await registry.db.query(
      `INSERT INTO jobs (id, state, space, chart, version, recipe, plan, finished_at)
       SELECT gen_random_uuid(), CASE WHEN n = 0 THEN 'failed' ELSE 'succeeded' END::job_state, 'many', 'app', n || '.0.0',
              '{}', '{}', now() FROM generate_series(0, 10001) n`,
    );
    const counts = await countsOf('?space=many');
    expect(counts.succeeded).toEqual({ count: 10_000, more: true });
    expect(counts.failed).toEqual({ count: 1, more: false });
    await registry.db.query("DELETE FROM jobs WHERE space = 'many' AND version = '10001.0.0'");
    expect((await countsOf('?space=many')).succeeded).toEqual({ count: 10_000, more: false });
  });
});

describe('the recipe of a job', () => {
  it('the recipe of a job is as it was sent, without the callback', async () => {
    const sent = {
      save: { version: '1.0.0', chart: 'told' },
      configs: {
        package: { independent: true, space: 'lib', chart: 'web', version: '^1.0.0' },
        _config: { zeta: 1, a: null },
      },
    };
    const body = {
      callback: { url: 'http://127.0.0.1:9/', secret: `whsec_${Buffer.alloc(32).toString('base64')}` },
      ...sent,
    };
    const { id, links } = await jobOf(await registry.orchestrate('lib', body, {}));
    expect(links.recipe).toBe(`/api/v1/jobs/${id}/recipe`);
    const response = await registry.request(links.recipe);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual(sent);
  });

  it('the recipe of a job is not found for an unknown job, and for a version that was uploaded', async () => {
    expect((await registry.api(`/jobs/${crypto.randomUUID()}/recipe`)).status).toBe(404);
    const uploaded = await registry.api('/spaces/lib/charts/web/versions/1.0.0/recipe');
    expect([uploaded.status, (await errorOf(uploaded)).code]).toEqual([404, 'lineage.notFound']);
  });
});

describe('a job that a worker has composed', () => {
  it('tells when it entered and left each stage, and its version has the recipe', async () => {
    const worker = await registry.startWorker();
    const waited = await registry.api(`/jobs/${ids.fourth}/events`);
    await waited.text();
    await worker.close();
    const { stages, createdAt, finishedAt } = await jobOf(await registry.api(`/jobs/${ids.fourth}`));
    expect(stages.map(({ stage }) => stage)).toEqual(['queued', 'fetching', 'composing', 'storing']);
    expect(stages[0]?.startedAt).toBe(createdAt);
    for (const [index, { startedAt, finishedAt: end = '' }] of stages.entries()) {
      expect(end >= startedAt).toBe(true);
      expect(stages[index + 1]?.startedAt ?? end).toBe(end);
    }
    expect((stages.at(-1)?.finishedAt ?? '') >= (finishedAt ?? '')).toBe(true);
    const recipe = await registry.api('/spaces/lib/charts/fourth/versions/1.0.0/recipe');
    expect(await recipe.json()).toMatchObject({ save: { chart: 'fourth', version: '1.0.0' } });
  });
});
