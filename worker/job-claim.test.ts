import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { RegistryError } from '../core/errors.ts';
import { cancelJob } from '../core/jobs/cancel.ts';
import { claimJob, unclaimedFence } from '../core/jobs/claim.ts';
import { failJob, JobLost } from '../core/jobs/complete.ts';
import type { JobDeps } from '../core/jobs/jobs.ts';
import { readJob } from '../core/jobs/read.ts';
import { submitJob } from '../core/jobs/submit.ts';
import { readRecipe } from '../core/recipe/read-recipe.ts';
import type { Log } from '../core/runtime/log.ts';
import { packChart } from '../test/support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from '../test/support/embedded.ts';
import { acquireJob } from './job-claim.ts';
import { returnToQueue } from './job-failure.ts';

const reason = new RegistryError('internal', 'for the test').toBody();

// Jobs that their own process has just accepted.

let registry: EmbeddedRegistry;
let jobs: JobDeps;
let log: Log;
let id: string;
let number = 0;

beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
  ({ jobs } = registry.context);
  log = registry.context.log.child({}, { level: 'silent' });
  expect((await registry.upload('lib', await packChart({ name: 'web' }))).status).toBe(201);
});
afterAll(() => registry.close());
beforeEach(async () => {
  number += 1;
  ({ id } = await submit(`1.0.${number}`));
});

function submit(version: string, to: JobDeps = jobs, idempotencyKey?: string) {
  const body = {
    save: { chart: 'app', version },
    configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
  };
  return submitJob(to, {
    space: 'lib',
    ...readRecipe(JSON.stringify(body), { space: 'lib', values: 'merge' }),
    bodyText: JSON.stringify(body),
    isWaitedFor: false,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
}
async function acquire() {
  const claim = await acquireJob(jobs, id, log);
  if (!claim) throw new Error('the job could not be acquired');
  return claim;
}
const state = async () => (await readJob(jobs.db, id)).state;

it('ends a short job without claiming it', async () => {
  const claim = await acquire();
  const job = await claim.current();
  claim.release();
  expect([job?.fence, await state()]).toEqual([unclaimedFence, 'queued']);
  if (job) await failJob(jobs, job, reason);
  expect(await readJob(jobs.db, id)).toMatchObject({ state: 'failed', attempts: 1 });
});

it('claims a job that lasts', async () => {
  const claim = await acquire();
  await expect.poll(() => claim.now()?.fence).toBeGreaterThan(unclaimedFence);
  expect(await state()).toBe('running');
  claim.release();
});

it('finds out that a job that lasts was claimed by another worker', async () => {
  await claimJob(jobs.db, id);
  const claim = await acquire();
  await expect.poll(() => claim.now()).toBeUndefined();
  expect(await claim.current()).toBeUndefined();
  claim.release();
});

it('does not end an unclaimed job that another worker has claimed', async () => {
  await claimJob(jobs.db, id);
  const claim = await acquire();
  await expect(failJob(jobs, claim.initial, reason)).rejects.toThrow(JobLost);
  expect(await state()).toBe('running');
  claim.release();
});

it('goes on with a job that cannot be claimed, and ends it', async () => {
  const claim = await acquireJob({ ...jobs, db: { ...jobs.db, query: refuse } }, id, log);
  if (!claim) throw new Error('the job could not be acquired');
  await expect.poll(() => refused).toBe(1);
  const job = await claim.current();
  claim.release();
  if (job) await failJob(jobs, job, reason);
  expect(await state()).toBe('failed');
});
let refused = 0;
const refuse = async () => {
  refused += 1;
  throw new Error('the database is away');
};

it('does not wait at a shutdown for the work of a job that was cancelled', async () => {
  const claim = await acquire();
  onTestFinished(() => claim.release());
  await expect.poll(() => claim.now()?.fence).toBeGreaterThan(unclaimedFence);
  await cancelJob(jobs, id);
  const endless = new Promise<void>(() => undefined);
  expect(await returnToQueue(jobs, claim, endless, log)).toBeUndefined();
});

it('claims a job before its plan is read, which may wait for a thread longer than a lease', async () => {
  // Forget the plan, as if another process had accepted the job.
  jobs.acceptedPlans.takePlan(id);
  const readPlan = () => new Promise<never>(() => undefined);
  const claim = await acquireJob({ ...jobs, charts: { ...jobs.charts, readPlan } }, id, log);
  onTestFinished(() => claim?.release());
  expect(claim?.now()?.fence).toBeGreaterThan(unclaimedFence);
});

it('does not acquire a job that was cancelled', async () => {
  await cancelJob(jobs, id);
  expect(await acquireJob(jobs, id, log)).toBeUndefined();
});

it('keeps the stored plan, not that of a concurrent request with the same idempotency key', async () => {
  const added: string[] = [];
  const acceptedPlans = { ...jobs.acceptedPlans, add: (job: string) => void added.push(job) };
  let checks = 0;
  let resolveBoth = () => {};
  const bothChecked = new Promise<void>((resolve) => {
    resolveBoth = resolve;
  });
  // Both requests find the key unused before either is accepted.
  const check = async () => {
    checks += 1;
    if (checks === 2) resolveBoth();
    await bothChecked;
    return [];
  };
  const racing = { ...jobs, acceptedPlans, validator: { ...jobs.validator, recall: () => undefined, check } };
  const version = `2.0.${number}`;
  const [one, other] = await Promise.all([submit(version, racing, 'key'), submit(version, racing, 'key')]);
  expect(other.id).toBe(one.id);
  expect(added).toEqual([one.id]);
});
