import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import type { BlobStore } from '../core/blobs/port.ts';
import { createS3Blobs } from '../core/blobs/s3.ts';
import { createChartWork } from '../core/chart-work/chart-work.ts';
import { RegistryError } from '../core/errors.ts';
import { cancelJob } from '../core/jobs/cancel.ts';
import { failJob, JobLost } from '../core/jobs/complete.ts';
import type { JobDeps } from '../core/jobs/jobs.ts';
import { readJob } from '../core/jobs/read.ts';
import { createPreparer, type Preparer } from '../core/sources/preparer.ts';
import { createSourceCache } from '../core/sources/source-cache.ts';
import { jobOf } from '../test/support/answers.ts';
import { packChart } from '../test/support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from '../test/support/embedded.ts';
import { releaseAtShutdown } from './job-failure.ts';
import { createOrchestrateHandler } from './orchestrate.ts';

// Jobs as a worker runs them; most at the last attempt that the queue makes.

let registry: EmbeddedRegistry;
let unreachable: BlobStore;
let id: string;
let number = 0;

beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
  expect((await registry.upload('lib', await packChart({ name: 'web' }))).status).toBe(201);
  unreachable = createS3Blobs({
    endpoint: 'http://127.0.0.1:1',
    bucket: 'charts',
    accessKey: 'any',
    secretKey: 'any-secret',
    region: 'us-east-1',
    pathStyle: true,
  });
});
afterAll(async () => {
  await unreachable.close();
  await registry.close();
});

beforeEach(() => submit({}));

async function submit(config: object, chart = 'web'): Promise<void> {
  number += 1;
  const accepted = await registry.api('/spaces/lib/charts', {
    method: 'POST',
    body: JSON.stringify({
      save: { chart: 'app', version: `1.0.${number}` },
      configs: {
        package: { independent: true, space: 'lib', chart, version: '1.0.0' },
        _config: config,
      },
    }),
  });
  expect(accepted.status).toBe(202);
  ({ id } = await jobOf(accepted));
}

/** Makes the last attempt of the queue. */
function attempt(blobs: BlobStore, parts: Partial<JobDeps> = {}, preparer?: Preparer): Promise<void> {
  const jobs = { ...registry.context.jobs, ...parts, blobs };
  const sources = createSourceCache(
    { ...jobs, log: registry.context.log },
    preparer ?? createPreparer(jobs.limits),
    0,
  );
  const arrival = { id, attempt: 20, last: true, signal: new AbortController().signal };
  return createOrchestrateHandler(
    jobs,
    sources,
    registry.context.log.child({}, { level: 'silent' }),
  )(arrival);
}
const job = () => readJob(registry.context.jobs, id);

it('keeps a job while the store is away, and succeeds when the store is back', async () => {
  for (let outage = 0; outage < 50; outage += 1) {
    await expect(attempt(unreachable)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }
  expect(await job()).toMatchObject({ state: 'queued' });
  await attempt(registry.context.jobs.blobs);
  expect(await job()).toMatchObject({ state: 'succeeded', attempts: 1 });
});

it('keeps a job while the machine is too busy to compose it, and succeeds afterwards', async () => {
  const heavy = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key-${index}`, index]));
  await submit(heavy);
  const { limits, blobs } = registry.context.jobs;
  const busy = createChartWork(limits, 1);
  onTestFinished(() => busy.close());
  for (let time = 0; time < 3; time += 1) {
    await expect(attempt(blobs, { charts: busy })).rejects.toMatchObject({ code: 'service.busy' });
    expect(await job()).toMatchObject({ state: 'queued', attempts: time + 1 });
  }
  await attempt(blobs);
  expect(await job()).toMatchObject({ state: 'succeeded', attempts: 4 });
});

it('keeps a job while the machine is too busy to read its source', async () => {
  // Takes the thread longer than it may, wherever in its start it is.
  const entries = Array.from({ length: 45_000 }, (_, index) => [`key-${index}`, index]);
  const slow = await packChart({ name: 'slow', values: Object.fromEntries(entries) });
  expect((await registry.upload('lib', slow)).status).toBe(201);
  await submit({}, 'slow');
  const { blobs, limits } = registry.context.jobs;
  const preparer = createPreparer(limits, { inPlace: 0, timeoutMs: 50 });
  onTestFinished(() => preparer.close());
  await expect(attempt(blobs, {}, preparer)).rejects.toMatchObject({ code: 'service.busy' });
  expect(await job()).toMatchObject({ state: 'queued' });
  await attempt(blobs);
  expect(await job()).toMatchObject({ state: 'succeeded' });
});

it('fails a job when an outage has lasted a day', async () => {
  await registry.db.query("UPDATE jobs SET created_at = now() - interval '25 hours' WHERE id = $1", [id]);
  await attempt(unreachable);
  expect(await job()).toMatchObject({ state: 'failed', error: { code: 'internal' } });
});

it('renews the claim of a job while its plan waits for a thread', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { charts, blobs } = registry.context.jobs;
  let readPlan = () => {};
  const waiting = new Promise<void>((resolve) => {
    readPlan = resolve;
  });
  const slow: typeof charts.readPlan = async (...given) => {
    await waiting;
    return charts.readPlan(...given);
  };
  const attempted = attempt(blobs, { charts: { ...charts, readPlan: slow } });
  await expect.poll(async () => (await job()).state).toBe('running');
  const due = async () =>
    (await registry.db.query<{ due: Date }>('SELECT requeue_at AS due FROM jobs WHERE id = $1', [id]))[0]
      ?.due;
  const before = await due();
  vi.advanceTimersByTime(5_000);
  await expect.poll(due).not.toEqual(before);
  readPlan();
  await attempted;
  expect(await job()).toMatchObject({ state: 'succeeded', attempts: 1 });
});

it('a worker does not run a job that was cancelled', async () => {
  await cancelJob(registry.context.jobs, id);
  await attempt(registry.context.jobs.blobs);
  expect(await job()).toMatchObject({ state: 'cancelled', attempts: 0 });
});

it('a worker does not end a job that another worker has claimed', async () => {
  const { jobs } = registry.context;
  const first = await jobs.claim(id);
  await jobs.db.query("UPDATE jobs SET requeue_at = now() - interval '1 second' WHERE id = $1", [id]);
  const second = await jobs.claim(id);
  const reason = new RegistryError('internal', 'for the test').toBody();
  if (first) await expect(failJob(jobs, first.job, reason)).rejects.toThrow(JobLost);
  expect(await job()).toMatchObject({ state: 'running', attempts: 2 });
  if (second) await failJob(jobs, second.job, reason);
  expect(await job()).toMatchObject({ state: 'failed', error: { code: 'internal' } });
});

it('a worker does not wait at a shutdown for the work of a job that was cancelled', async () => {
  const { jobs, log } = registry.context;
  const claimed = await jobs.claim(id);
  await cancelJob(jobs, id);
  const endless = new Promise<void>(() => undefined);
  if (!claimed) throw new Error('the job could not be claimed');
  expect(await releaseAtShutdown(jobs, claimed.job, endless, log)).toBeUndefined();
});

it('fails a job without further attempts when waiting would not help', async () => {
  await attempt({ ...registry.context.jobs.blobs, open: async () => undefined });
  expect(await job()).toMatchObject({ state: 'failed', error: { code: 'internal' } });
});
