import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

const reason = new RegistryError('internal', 'for the test').toBody();

describe('a job that its own process has just accepted', () => {
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
      waited: false,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
  }
  async function hold() {
    const held = await acquireJob(jobs, id, log);
    if (!held) throw new Error('there is nothing to hold');
    return held;
  }
  const state = async () => (await readJob(jobs.db, id)).state;

  it('is ended without having been taken', async () => {
    const held = await hold();
    const job = await held.current();
    held.release();
    expect([job?.fence, await state()]).toEqual([unclaimedFence, 'queued']);
    if (job) await failJob(jobs, job, reason);
    expect(await readJob(jobs.db, id)).toMatchObject({ state: 'failed', attempts: 1 });
  });

  it('is taken when it lasts', async () => {
    const held = await hold();
    await expect.poll(() => held.now()?.fence).toBeGreaterThan(unclaimedFence);
    expect(await state()).toBe('running');
    held.release();
  });

  it('is known to be lost when it lasts and another has taken it', async () => {
    await claimJob(jobs, id);
    const held = await hold();
    await expect.poll(() => held.now()).toBeUndefined();
    expect(await held.current()).toBeUndefined();
    held.release();
  });

  it('is not ended by who holds it once another has taken it', async () => {
    await claimJob(jobs, id);
    const held = await hold();
    await expect(failJob(jobs, held.initial, reason)).rejects.toThrow(JobLost);
    expect(await state()).toBe('running');
    held.release();
  });

  it('is held as before where it cannot be taken, and can be ended then', async () => {
    const held = await acquireJob({ ...jobs, db: { ...jobs.db, query: refuse } }, id, log);
    if (!held) throw new Error('there is nothing to hold');
    await expect.poll(() => refused).toBe(1);
    const job = await held.current();
    held.release();
    if (job) await failJob(jobs, job, reason);
    expect(await state()).toBe('failed');
  });
  let refused = 0;
  const refuse = async () => {
    refused += 1;
    throw new Error('the database is away');
  };

  it('is not begun when it was cancelled before', async () => {
    await cancelJob(jobs, id);
    expect(await acquireJob(jobs, id, log)).toBeUndefined();
  });

  it('has the plan that was written down, and not that of another request under the same key', async () => {
    const added: string[] = [];
    const acceptedPlans = { ...jobs.acceptedPlans, add: (job: string) => void added.push(job) };
    let asked = 0;
    let both = () => {};
    const bothAsked = new Promise<void>((resolve) => {
      both = resolve;
    });
    // Both have found that the key stands for nothing before either is accepted.
    const check = async () => {
      asked += 1;
      if (asked === 2) both();
      await bothAsked;
      return [];
    };
    const racing = { ...jobs, acceptedPlans, checker: { ...jobs.checker, recall: () => undefined, check } };
    const version = `2.0.${number}`;
    const [one, other] = await Promise.all([submit(version, racing, 'key'), submit(version, racing, 'key')]);
    expect(other.id).toBe(one.id);
    expect(added).toEqual([one.id]);
  });
});
