import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { dependentsOf, errorOf, jobsOf, lineageOf, linkOf } from '../../test/support/answers.ts';
import { packChart } from '../../test/support/charts.ts';
import { chartForm } from '../../test/support/client.ts';
import { type EmbeddedRegistry, startEmbedded } from '../../test/support/embedded.ts';
import { composeFromCache } from '../../worker/compose-chart.ts';
import { createPreparer } from '../../worker/preparer.ts';
import { createSourceCache, type SourceCache } from '../../worker/source-cache.ts';
import type { BlobStore } from '../blobs/port.ts';
import { readRecipe } from '../recipe/read-recipe.ts';
import type { JobDeps } from './jobs.ts';
import { submitJob } from './submit.ts';

let registry: EmbeddedRegistry;
let sources: SourceCache;
let withdraw = () => {};
const preparer = createPreparer({ packed: 1e6, unpacked: 1e7, file: 1e6, entries: 1_000 });

beforeAll(async () => {
  registry = await startEmbedded();
  sources = createSourceCache(registry.context.jobs.blobs, preparer, 1e8);
});
afterAll(async () => {
  await preparer.close();
  await registry.close();
});
beforeEach(async () => {
  await registry.api('/spaces/lib', { method: 'DELETE' });
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
/** What a chart was made of. */
const sourceOf = async (chart: string) =>
  (await lineageOf(await registry.api(`/spaces/lib/charts/${chart}/versions/1.0.0/lineage`))).sources[0]
    ?.digest;
const jobsFor = async (chart: string) => (await jobsOf(await registry.api(`/jobs?chart=${chart}`))).items;

/** Composes at once from now on, with something that happens before what is composed can be stored. */
function offer(between: () => Promise<unknown> = async () => undefined, most = 16): void {
  withdraw();
  withdraw = registry.context.jobs.compositionSlots.offer(async (plan) => {
    const { source } = plan.root;
    if (source.kind === 'stored') await sources.load(source.digest);
    const composed = await composeFromCache(registry.context.jobs, sources)(plan);
    await between();
    return composed;
  }, most);
}

/** Whether a job was done at once: what is worked on later has written down what must stay until then. */
async function wasAtOnce(chart: string): Promise<boolean> {
  const [job] = await jobsFor(chart);
  const kept = await registry.db.query('SELECT FROM job_sources WHERE job_id = $1', [job?.id]);
  return kept.length === 0;
}

describe('a recipe that is waited for, of sources at hand', () => {
  it('is a job like any other, with a chart of the same bytes', async () => {
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
    expect(await wasAtOnce('app')).toBe(true);

    withdraw();
    await registry.api('/spaces?space=other', { method: 'POST' });
    expect((await registry.orchestrate('other', recipe('app'))).status).toBe(201);
    expect(await archiveOf('app', 'other')).toBe(await archiveOf('app'));
  });

  it('is stored once, however many ask for it at the same time', async () => {
    const before = (await registry.blobs()).length;
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, port) => {
        const one = recipe('raced');
        return registry.orchestrate('lib', { ...one, configs: { ...one.configs, _config: { port } } });
      }),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(11).fill(409)]);
    for (const answer of answers.filter(({ status }) => status === 409))
      expect((await errorOf(answer)).code).toBe('version.exists');
    expect(await jobsFor('raced')).toHaveLength(1);
    expect((await registry.blobs()).length).toBe(before + 1);
  });

  it('is one job under one idempotency key', async () => {
    const send = () =>
      registry.orchestrate('lib', recipe('keyed'), { Prefer: 'wait=30', 'Idempotency-Key': 'one' });
    const answers = await Promise.all(Array.from({ length: 8 }, send));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect((await send()).status).toBe(201);
    expect(await jobsFor('keyed')).toHaveLength(1);
  });

  it('is made of what its sources are when it is stored', async () => {
    let turns = 0;
    let replaced = 0;
    offer(async () => {
      turns += 1;
      if (turns === 1) replaced = (await replace(7)).status;
    });
    expect((await registry.orchestrate('lib', recipe('late'))).status).toBe(201);
    expect([turns, replaced]).toEqual([2, 200]);
    expect(`"${await sourceOf('late')}"`).toBe(await archiveOf('web'));
  });

  it('is made of what its sources are when it is sent, whatever is remembered of them', async () => {
    expect((await registry.orchestrate('lib', recipe('earlier'))).status).toBe(201);
    const before = (await registry.blobs()).length;
    await replace(5);
    expect((await registry.orchestrate('lib', recipe('after'))).status).toBe(201);
    expect(`"${await sourceOf('after')}"`).toBe(await archiveOf('web'));
    expect(await sourceOf('after')).not.toBe(await sourceOf('earlier'));
    // The new source and what was made of it; what was made of the old one is gone.
    expect((await registry.blobs()).length).toBe(before + 2);

    await registry.api(version, { method: 'DELETE' });
    const gone = await registry.orchestrate('lib', recipe('never'));
    expect([gone.status, (await errorOf(gone)).code]).toEqual([404, 'source.notFound']);
  });

  it('is not stored when a source goes, or the target comes, before it can be', async () => {
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
    // The upload's; what was composed has been taken away again.
    expect((await registry.blobs()).length).toBe(before + 1);
  });
});

it('is as old as the work on it, however long somebody else writes its target', async () => {
  const { db } = registry;
  const { compositionSlots, limits } = registry.context.jobs;
  expect((await registry.orchestrate('lib', recipe('earlier'))).status).toBe(201);
  let startedAt = Number.POSITIVE_INFINITY;
  withdraw();
  withdraw = compositionSlots.offer((plan) => {
    startedAt = Date.now();
    return composeFromCache({ ...registry.context.jobs, limits }, sources)(plan);
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
    db.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND waitstart < clock_timestamp() - interval '200 ms'
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
  const answer = registry.orchestrate('lib', recipe('patient'));
  await expect
    .poll(waiting)
    .toHaveLength(1)
    .finally(() => release());
  await holding;
  expect((await answer).status).toBe(201);
  const [job] = await jobsFor('patient');
  expect(Date.parse(job?.createdAt ?? '')).toBeGreaterThan(startedAt - 50);
});

describe('a job comes first', () => {
  it.each([
    ['composing takes long', () => new Promise<never>(() => {})],
    ['composing fails', () => Promise.reject(new Error('out of order'))],
  ])('where %s', async (reason, between) => {
    offer(between);
    const chart = reason.replaceAll(' ', '-');
    expect((await registry.orchestrate('lib', recipe(chart))).status).toBe(201);
    expect(await wasAtOnce(chart)).toBe(false);
  });

  it('where the recipe is heavy, which is composed once however long that takes', async () => {
    await registry.orchestrate('lib', recipe('light'));
    const { charts } = registry.context.jobs;
    const { compose } = charts;
    const composed = vi.spyOn(charts, 'compose');
    onTestFinished(() => composed.mockRestore());
    const isWrittenDown = async () => (await jobsFor('heavy')).length > 0;
    composed.mockImplementation(async (...given) => {
      await expect.poll(isWrittenDown, { timeout: 10_000 }).toBe(true);
      return compose(...given);
    });
    const values = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key-${index}`, index]));
    const body = recipe('heavy');
    const heavy = { ...body, configs: { ...body.configs, _config: values } };
    expect((await registry.orchestrate('lib', heavy)).status).toBe(201);
    expect(composed).toHaveBeenCalledTimes(1);
    expect(await wasAtOnce('heavy')).toBe(false);
  });

  it('where no hand is free', async () => {
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
    expect([await wasAtOnce('first'), await wasAtOnce('second')]).toEqual([true, false]);
  });

  it('where the store does not take the bytes', async () => {
    const { jobs } = registry.context;
    const refuse = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    const blobs: BlobStore = { ...jobs.blobs, put: refuse };
    expect((await submit({ ...jobs, blobs }, 'stored-later')).state).toBe('queued');
  });

  it('where the store has taken the bytes and is away when they are named', async () => {
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

  it('where the store hangs, and as many charts wait for it as there are hands', async () => {
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

  it('where nobody waits, or a call is owed', async () => {
    expect((await submit(registry.context.jobs, 'unwaited', false)).state).toBe('queued');
    const callback = { url: 'http://127.0.0.1:9/' };
    expect((await registry.orchestrate('lib', recipe('called', { callback }))).status).toBe(201);
    expect(await wasAtOnce('called')).toBe(false);
  });

  function submit(jobs: JobDeps, chart: string, waited = true) {
    const bodyText = JSON.stringify(recipe(chart));
    const read = readRecipe(bodyText, { space: 'lib', values: 'merge' });
    return submitJob(jobs, { space: 'lib', ...read, bodyText, waited });
  }
});
