import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmbeddedRegistry, startEmbedded } from '../../test/support/embedded.ts';
import { createInlineComposition } from '../../worker/compose-chart.ts';
import { isPlanParsed } from '../recipe/plan-text.ts';
import { readRecipe } from '../recipe/read-recipe.ts';
import { createLog } from '../runtime/log.ts';
import { createPreparer } from '../sources/preparer.ts';
import { createSourceCache } from '../sources/source-cache.ts';
import { cancelJob } from './cancel.ts';
import { succeedJob } from './complete.ts';
import type { JobDeps } from './jobs.ts';
import { readJob } from './read.ts';
import type { NewJob } from './submission.ts';
import { submitJob } from './submit.ts';

// Jobs that are written in the same turn of the event loop, and so in one transaction where that is possible.

let registry: EmbeddedRegistry;
let jobs: JobDeps;

beforeAll(async () => {
  registry = await startEmbedded({ lockTimeout: 200 }, { worker: false });
  ({ jobs } = registry.context);
  for (const name of ['web', 'fickle']) expect((await registry.upload('lib', { name })).status).toBe(201);
});
afterAll(() => registry.close());

/** Plans and validates a recipe as for an answer, and returns the job instead of writing it. */
async function plan(chart: string, source = 'web', idempotencyKey?: string): Promise<NewJob> {
  let planned: NewJob | undefined;
  const writeQueued = async ({ job }: { job: NewJob }) => {
    planned = job;
    throw new Error('planned');
  };
  const bodyText = JSON.stringify({
    save: { chart, version: '1.0.0' },
    configs: { package: { independent: true, space: 'lib', chart: source, version: '1.0.0' } },
  });
  const read = readRecipe(bodyText, { space: 'lib', values: 'merge' });
  const submission = { space: 'lib', ...read, bodyText, ...(idempotencyKey ? { idempotencyKey } : {}) };
  await expect(submitJob({ ...jobs, writeQueued }, submission)).rejects.toThrow('planned');
  if (!planned) throw new Error('the recipe was not planned');
  return planned;
}

/** Counts the transactions that wrote rows of jobs last. */
async function transactionsOf(ids: readonly string[]): Promise<number | undefined> {
  const [row] = await registry.db.query<{ count: number }>(
    'SELECT count(DISTINCT xmin::text) AS count FROM jobs WHERE id = ANY($1::uuid[])',
    [ids],
  );
  return row?.count;
}

it('writes queued jobs that come together in one transaction, each with its sources, key and reservation', async () => {
  const planned = await Promise.all(
    Array.from({ length: 8 }, (_, n) => plan(`same-${n}`, 'web', `key-${n}`)),
  );
  const written = await Promise.all(planned.map((job) => jobs.writeQueued({ job })));
  const ids = planned.map(({ id }) => id);
  expect(written.map((job) => job?.id)).toEqual(ids);
  expect(await transactionsOf(ids)).toBe(1);
  for (const [index, job] of written.entries()) expect(await readJob(jobs, ids[index] ?? '')).toEqual(job);
  const counts = await registry.db.query(
    `SELECT (SELECT count(*) FROM job_sources WHERE job_id = id) AS sources,
            (SELECT count(*) FROM idempotency_keys WHERE job_id = id) AS keys,
            (SELECT count(*) FROM locks WHERE holder = id AND expires_at = 'infinity') AS locks
       FROM jobs WHERE id = ANY($1::uuid[])`,
    [ids],
  );
  expect(counts).toEqual(Array(8).fill({ sources: 1, keys: 1, locks: 3 }));
});

it('gives each of the jobs that come together its own outcome', async () => {
  expect((await registry.upload('lib', { name: 'exists', version: '1.0.0' })).status).toBe(201);
  await jobs.writeQueued({ job: await plan('keyed', 'web', 'taken') });
  const [good, other, exists, moved, keyed, twin] = await Promise.all([
    plan('good'),
    plan('other'),
    plan('free-until-now'),
    plan('moved', 'fickle'),
    plan('keyed-too'),
    plan('good'),
  ]);
  if (!good || !other || !exists || !moved || !keyed || !twin) throw new Error('not all were planned');
  await registry.api('/spaces/lib/charts/fickle', { method: 'DELETE' });
  const nowhere = { ...other, id: crypto.randomUUID(), plan: { ...other.plan, space: 'nowhere' } };
  const outcomes = await Promise.allSettled(
    [
      good,
      { ...exists, plan: { ...exists.plan, chart: 'exists' } },
      moved,
      { ...keyed, idempotencyKey: 'taken' },
      twin,
      nowhere,
      other,
    ].map((job) => jobs.writeQueued({ job })),
  );
  expect(outcomes).toMatchObject([
    { value: { id: good.id, state: 'queued' } },
    { reason: { code: 'version.exists' } },
    { status: 'fulfilled', value: undefined },
    { status: 'fulfilled', value: undefined },
    { reason: { code: 'resource.locked' } },
    { reason: { code: 'space.notFound' } },
    { value: { id: other.id, state: 'queued' } },
  ]);
  expect(await transactionsOf([good.id, other.id])).toBe(1);
});

it('claims jobs together, and ends those together that are not lost', async () => {
  const planned = await Promise.all(['done-1', 'lost', 'done-2'].map((chart) => plan(chart)));
  const ids = planned.map(({ id }) => id);
  await Promise.all(planned.map((job) => jobs.writeQueued({ job })));
  const unknown = crypto.randomUUID();
  const claims = await Promise.all([...ids, unknown].map((id) => jobs.claim(id)));
  expect(claims.map((claim) => claim?.job.id)).toEqual([...ids, undefined]);
  expect(new Set(claims.map((claim) => claim?.job.fence)).size).toBe(4);
  await cancelJob(jobs, ids[1] ?? '');

  const preparer = createPreparer(jobs.limits);
  const compose = createInlineComposition(
    jobs,
    createSourceCache({ ...jobs, log: createLog('silent') }, preparer, 1e8).load,
  );
  const composed = await Promise.all(
    planned.map(async (job) => {
      const chart = isPlanParsed(job.plan) ? await compose(job.plan) : undefined;
      if (!chart) throw new Error('nothing was composed');
      return chart;
    }),
  );
  await preparer.close();
  const ended = await Promise.allSettled(
    planned.map((job, index) => {
      const claim = claims[index];
      const chart = composed[index];
      if (!claim || !chart) throw new Error('the job was not claimed');
      return succeedJob(jobs, claim.job, job.plan, chart);
    }),
  );
  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const states = await Promise.all(ids.map(async (id) => (await readJob(jobs, id)).state));
  expect(states).toEqual(['succeeded', 'cancelled', 'succeeded']);
  for (const [chart, status] of [
    ['done-1', 200],
    ['lost', 404],
    ['done-2', 200],
  ] as const)
    expect((await registry.api(`/spaces/lib/charts/${chart}/versions/1.0.0/lineage`)).status).toBe(status);
  const locks = await registry.db.query('SELECT FROM locks WHERE holder = ANY($1::uuid[])', [ids]);
  expect(locks).toEqual([]);
});

it('stores charts that are composed together, each with its own values', async () => {
  await registry.startWorker();
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, n) =>
      registry.orchestrate('lib', {
        save: { chart: `made-${n}`, version: '1.0.0' },
        configs: {
          package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' },
          _config: { n: n % 12 },
        },
      }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(24).fill(201));
  for (let n = 0; n < 24; n += 1) {
    const values = await registry.api(`/spaces/lib/charts/made-${n}/versions/1.0.0/manifests/values`);
    expect(await values.json()).toMatchObject({ n: n % 12 });
  }
  const spaces = await registry.db.query(
    `SELECT count(DISTINCT c.id) FILTER (WHERE c.name LIKE 'made-%') AS made, s.version_count = count(v.id) AS counted
       FROM spaces s JOIN charts c ON c.space_id = s.id JOIN versions v ON v.chart_id = c.id
      WHERE s.name = 'lib' GROUP BY s.id`,
  );
  expect(spaces).toEqual([{ made: 24, counted: true }]);
});
