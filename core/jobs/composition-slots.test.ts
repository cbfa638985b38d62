import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { dependentsOf, errorOf, jobOf, jobsOf, lineageOf, linkOf } from '../../test/support/answers.ts';
import { packChart } from '../../test/support/charts.ts';
import { chartForm } from '../../test/support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from '../../test/support/embedded.ts';
import { createInlineComposition } from '../../worker/compose-chart.ts';
import type { BlobStore } from '../blobs/port.ts';
import type { Plan } from '../recipe/plan.ts';
import { readRecipe } from '../recipe/read-recipe.ts';
import { createPreparer } from '../sources/preparer.ts';
import { createSourceCache, type SourceCache } from '../sources/source-cache.ts';
import type { JobDeps } from './jobs.ts';
import { submitJob } from './submit.ts';

let registry: EmbeddedRegistry;
let sources: SourceCache;
let withdraw = () => {};
const preparer = createPreparer({ packed: 1e6, unpacked: 1e7, file: 1e6, entries: 1_000 });

beforeAll(async () => {
  // Writers wait for locks longer than a slow machine needs.
  registry = await startEmbedded({ lockTimeout: 10_000 });
  sources = createSourceCache({ ...registry.context.jobs, log: registry.context.log }, preparer, 1e8);
});
afterAll(async () => {
  await preparer.close();
  await registry.close();
});
beforeEach(async () => {
  // Queued jobs of the test before reserve versions in the space.
  const remove = async () => (await registry.api('/spaces/lib', { method: 'DELETE' })).status;
  await expect.poll(remove, { timeout: 20_000 }).not.toBe(423);
  expect((await upload(0)).status).toBe(201);
  offer();
});

const version = '/spaces/lib/charts/web/versions/1.0.0';
const upload = async (replicas: number) =>
  registry.upload('lib', await packChart({ name: 'web', values: { replicas } }));
const replace = async (replicas: number) =>
  registry.api(version, {
    method: 'PUT',
    body: chartForm(await packChart({ name: 'web', values: { replicas } })),
  });
const recipe = (chart: string, more: object = {}) => ({
  save: { chart, version: '1.0.0' },
  configs: {
    package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' },
    _config: { port: 80 },
  },
  ...more,
});
const archiveOf = async (chart: string, space = 'lib') =>
  (await registry.api(`/spaces/${space}/charts/${chart}/versions/1.0.0`)).headers.get('etag');
/** Digest of the source in a chart's lineage. */
const sourceOf = async (chart: string) =>
  (await lineageOf(await registry.api(`/spaces/lib/charts/${chart}/versions/1.0.0/lineage`))).sources[0]
    ?.digest;
const jobsFor = async (chart: string) => (await jobsOf(await registry.api(`/jobs?chart=${chart}`))).items;

/** Offers inline composition; `between` runs after a composition and before its chart is stored. */
function offer(between: () => Promise<unknown> = async () => undefined, maxSlots = 16): void {
  withdraw();
  withdraw = registry.context.jobs.compositionSlots.offer(async (plan) => {
    const composed = await createInlineComposition(registry.context.jobs, sources.load)(plan);
    await between();
    return composed;
  }, maxSlots);
}

/** Whether a job was composed inline: only a queued job has references to its sources. */
async function wasInline(chart: string): Promise<boolean> {
  const [job] = await jobsFor(chart);
  const kept = await registry.db.query('SELECT FROM job_sources WHERE job_id = $1', [job?.id]);
  return kept.length === 0;
}

describe('inline composition', () => {
  it('a recipe composed inline has a job and lineage, and gives the bytes that a worker gives', async () => {
    expect(await linkOf(await registry.orchestrate('lib', recipe('app')))).toMatchObject({ chart: 'app' });
    const [job] = await jobsFor('app');
    expect(job).toMatchObject({
      state: 'succeeded',
      attempts: 1,
      progress: { stage: 'done', done: 1, total: 1 },
      sources: [{ chart: 'web', version: '1.0.0' }],
    });
    const moments = [job?.createdAt, job?.startedAt, job?.finishedAt];
    expect(moments).toEqual([...moments].sort());
    const lineage = await lineageOf(await registry.api('/spaces/lib/charts/app/versions/1.0.0/lineage'));
    expect(lineage).toMatchObject({ job: job?.id, recipe: recipe('app'), sources: job?.sources });
    const dependents = await dependentsOf(await registry.api(`${version}/dependents`));
    expect(dependents.items).toMatchObject([{ chart: 'app', sourceDigest: lineage.sources[0]?.digest }]);
    expect(await wasInline('app')).toBe(true);

    withdraw();
    await registry.api('/spaces?space=other', { method: 'POST' });
    expect((await registry.orchestrate('other', recipe('app'))).status).toBe(201);
    expect(await archiveOf('app', 'other')).toBe(await archiveOf('app'));
  });

  it('a recipe is composed inline also where the client does not wait, and its callback is called', async () => {
    const secret = `whsec_${Buffer.from('a secret of thirty-two bytes, or so').toString('base64')}`;
    const callback = { url: 'http://127.0.0.1:9/', secret };
    const answer = await registry.orchestrate('lib', recipe('called', { callback }), {});
    expect(answer.status).toBe(202);
    const job = await jobOf(answer);
    expect(job).toMatchObject({ state: 'succeeded', result: { chart: 'called' } });
    expect(await jobOf(await registry.api(`/jobs/${job.id}`))).toEqual(job);
    expect(await wasInline('called')).toBe(true);
    const [kept] = await registry.db.query<{ payload: string; secrets: unknown[] }>(
      `SELECT payload, ARRAY[jobs.callback_secret, deliveries.secret] AS secrets
         FROM jobs JOIN deliveries ON job_id = jobs.id WHERE jobs.id = $1`,
      [job.id],
    );
    expect(JSON.parse(kept?.payload ?? '')).toEqual({
      type: 'job.succeeded',
      timestamp: job.finishedAt,
      data: job,
    });
    expect(kept?.secrets).toEqual([null, expect.stringMatching(/^sealed\.v1\.db-1\./)]);
  });

  it('12 simultaneous recipes with one target: one chart is composed inline, the others get 409', async () => {
    const before = (await registry.blobs()).length;
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, port) => {
        const body = recipe('raced');
        return registry.orchestrate('lib', { ...body, configs: { ...body.configs, _config: { port } } });
      }),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(11).fill(409)]);
    for (const answer of answers.filter(({ status }) => status === 409))
      expect((await errorOf(answer)).code).toBe('version.exists');
    expect(await jobsFor('raced')).toHaveLength(1);
    expect((await registry.blobs()).length).toBe(before + 1);
  });

  it('simultaneous recipes composed inline under one idempotency key share one job', async () => {
    const send = () =>
      registry.orchestrate('lib', recipe('keyed'), { Prefer: 'wait=30', 'Idempotency-Key': 'one' });
    const answers = await Promise.all(Array.from({ length: 8 }, send));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect((await send()).status).toBe(201);
    expect(await jobsFor('keyed')).toHaveLength(1);
  });

  it('a recipe is composed inline again when its source is replaced before the chart is stored', async () => {
    let compositions = 0;
    let replaced = 0;
    offer(async () => {
      compositions += 1;
      if (compositions === 1) replaced = (await replace(7)).status;
    });
    expect((await registry.orchestrate('lib', recipe('late'))).status).toBe(201);
    expect([compositions, replaced]).toEqual([2, 200]);
    expect(`"${await sourceOf('late')}"`).toBe(await archiveOf('web'));
  });

  it('inline composition uses a replaced source, and refuses a deleted one, although the old source is cached', async () => {
    expect((await registry.orchestrate('lib', recipe('earlier'))).status).toBe(201);
    const before = (await registry.blobs()).length;
    await replace(5);
    expect((await registry.orchestrate('lib', recipe('after'))).status).toBe(201);
    expect(`"${await sourceOf('after')}"`).toBe(await archiveOf('web'));
    expect(await sourceOf('after')).not.toBe(await sourceOf('earlier'));
    // The new source and its chart; the chart composed from the old source was discarded.
    expect((await registry.blobs()).length).toBe(before + 2);

    await registry.api(version, { method: 'DELETE' });
    const gone = await registry.orchestrate('lib', recipe('never'));
    expect([gone.status, (await errorOf(gone)).code]).toEqual([404, 'source.notFound']);
  });

  it('inline composition stores nothing when its source is deleted or its target is added meanwhile', async () => {
    offer(() => registry.api(version, { method: 'DELETE' }));
    const gone = await registry.orchestrate('lib', recipe('orphan'));
    expect([gone.status, (await errorOf(gone)).code]).toEqual([404, 'source.notFound']);
    expect(await jobsFor('orphan')).toEqual([]);

    await upload(0);
    const before = (await registry.blobs()).length;
    offer(async () => registry.upload('lib', await packChart({ name: 'taken', version: '1.0.0' })));
    const taken = await registry.orchestrate('lib', recipe('taken'));
    expect([taken.status, (await errorOf(taken)).code]).toEqual([409, 'version.exists']);
    expect(await jobsFor('taken')).toEqual([]);
    // The uploaded archive; the composed one was discarded.
    expect((await registry.blobs()).length).toBe(before + 1);
  });
});

it('a job composed inline counts from the beginning of its composition, also after a wait for the lock', async () => {
  const { db } = registry;
  const { compositionSlots, limits } = registry.context.jobs;
  expect((await registry.orchestrate('lib', recipe('earlier'))).status).toBe(201);
  let startedAt = Number.POSITIVE_INFINITY;
  withdraw();
  withdraw = compositionSlots.offer((plan) => {
    startedAt = Date.now();
    return createInlineComposition({ ...registry.context.jobs, limits }, sources.load)(plan);
  }, 1);
  let release = () => {};
  let holding: Promise<void> | undefined;
  await new Promise<void>((hold) => {
    holding = registry.context.jobs.locks.write(['lib', 'patient', '1.0.0'], () => {
      hold();
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    });
  });
  const waiting = () =>
    db.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND waitstart < clock_timestamp() - interval '1 second'
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
  const answer = registry.orchestrate('lib', recipe('patient'));
  await expect
    .poll(waiting)
    .toHaveLength(1)
    .finally(() => release());
  await holding;
  expect((await answer).status).toBe(201);
  const [job] = await jobsFor('patient');
  expect(Date.parse(job?.createdAt ?? '')).toBeGreaterThan(startedAt - 500);
});

describe('a job is queued instead of composed inline', () => {
  it.each([
    ['inline composition takes long', () => new Promise<never>(() => {})],
    ['inline composition fails', () => Promise.reject(new Error('out of order'))],
  ])('a job is queued where %s', async (reason, between) => {
    offer(between);
    const chart = reason.replaceAll(' ', '-');
    expect((await registry.orchestrate('lib', recipe(chart))).status).toBe(201);
    expect(await wasInline(chart)).toBe(false);
  });

  it('a heavy recipe is queued, and composed once however long that takes', async () => {
    await registry.orchestrate('lib', recipe('light'));
    const { charts } = registry.context.jobs;
    const { compose } = charts;
    const composed = vi.spyOn(charts, 'compose');
    onTestFinished(() => composed.mockRestore());
    const isInserted = async () => (await jobsFor('heavy')).length > 0;
    composed.mockImplementation(async (...given) => {
      await expect.poll(isInserted, { timeout: 10_000 }).toBe(true);
      return compose(...given);
    });
    const values = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key-${index}`, index]));
    const body = recipe('heavy');
    const heavy = { ...body, configs: { ...body.configs, _config: values } };
    expect((await registry.orchestrate('lib', heavy)).status).toBe(201);
    expect(composed).toHaveBeenCalledTimes(1);
    expect(await wasInline('heavy')).toBe(false);
  });

  it('a job is queued where no composition slot is free', async () => {
    let begin = () => {};
    let end = () => {};
    const startedAt = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    offer(() => {
      begin();
      return held;
    }, 1);
    const first = registry.orchestrate('lib', recipe('first'));
    await startedAt;
    expect((await registry.orchestrate('lib', recipe('second'))).status).toBe(201);
    end();
    expect((await first).status).toBe(201);
    expect([await wasInline('first'), await wasInline('second')]).toEqual([true, false]);
  });

  it('a job is queued where the store refuses the archive', async () => {
    const { jobs } = registry.context;
    const refuse = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    const blobs: BlobStore = { ...jobs.blobs, put: refuse };
    expect((await submit({ ...jobs, blobs }, 'stored-later')).state).toBe('queued');
  });

  it('a job is queued where the store is away when the archive is referenced', async () => {
    const { jobs } = registry.context;
    let isAway = false;
    const put: BlobStore['put'] = async (content) => {
      await jobs.blobs.put(content);
      isAway = true;
    };
    const stat: BlobStore['stat'] = (digest) =>
      isAway
        ? Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
        : jobs.blobs.stat(digest);
    const blobs: BlobStore = { ...jobs.blobs, put, stat };
    expect((await submit({ ...jobs, blobs }, 'named-later')).state).toBe('queued');
  });

  it('jobs are queued where the store hangs, and no more archives wait for it than there are slots', async () => {
    const { jobs } = registry.context;
    let putting = 0;
    const put = () => {
      putting += 1;
      return new Promise<never>(() => {});
    };
    const hanging = { ...jobs, blobs: { ...jobs.blobs, put } };
    const send = (batch: string) =>
      Array.from({ length: 12 }, (_, number) => submit(hanging, `hung-${batch}-${number}`));
    const first = send('first');
    await expect.poll(() => putting).toBe(12);
    const states = (await Promise.all([...first, ...send('second')])).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(['queued']));
    expect(putting).toBe(16);
  });

  it('a job is queued where its archive would exceed the memory for archives that wait for the store', async () => {
    const { compositionSlots } = registry.context.jobs;
    withdraw();
    let plan: Plan | undefined;
    withdraw = compositionSlots.offer(async (offered) => {
      plan = offered;
      const composed = await createInlineComposition(registry.context.jobs, sources.load)(offered);
      return composed && { ...composed, archive: { ...composed.archive, size: 50 * 1024 * 1024 } };
    });
    expect((await registry.orchestrate('lib', recipe('measured'))).status).toBe(201);
    if (!plan) throw new Error('nothing was composed');
    const [first, second] = [compositionSlots.tryAcquire(), compositionSlots.tryAcquire()];
    expect(await first?.compose(plan)).toBeDefined();
    expect(await second?.compose(plan)).toBeUndefined();
    first?.release();
    second?.release();
    const third = compositionSlots.tryAcquire();
    expect(await third?.compose(plan)).toBeDefined();
    third?.release();
  });

  function submit(jobs: JobDeps, chart: string) {
    const bodyText = JSON.stringify(recipe(chart));
    const read = readRecipe(bodyText, { space: 'lib', values: 'merge' });
    return submitJob(jobs, { space: 'lib', ...read, bodyText });
  }
});
