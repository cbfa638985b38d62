import { afterAll, beforeAll, expect, it } from 'vitest';
import { contentOf } from '../core/blobs/content.ts';
import { consumeEvents } from '../core/events/consume-events.ts';
import { claimRuns } from '../core/follow/claim-runs.ts';
import { consumeFollowEvents } from '../core/follow/follow-events.ts';
import { sweep } from '../core/jobs/sweep.ts';
import { countWaitingWork, holdRegistry, readHold, resumeRegistry } from '../core/maintenance/hold.ts';
import { claimDelivery } from '../core/webhooks/deliveries.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { cliOutput, verifyByCommand } from './support/process.ts';
import { startReceiver } from './support/receiver.ts';
import { createWebhooks } from './support/webhooks.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded({ gcInterval: 0 }, { worker: false });
  for (const version of ['1.0.0', '1.1.0']) await registry.upload('lib', { name: 'web', version });
});
afterAll(() => registry.close());

const recipe = (chart: string) => ({
  save: { chart, version: '1.0.0', description: 'composed' },
  configs: { web: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } } },
});
const environment = () => ({
  DATABASE_URL: registry.context.config.databaseUrl,
  DATA_DIR: registry.dataDir,
  REDIS_URL: 'redis://127.0.0.1:1',
});

/** Composes a chart that follows its source, whose follow is due at once. */
async function composeFollowing(chart: string): Promise<void> {
  const worker = await registry.startWorker();
  const composed = await registry.orchestrate('lib', {
    save: { chart, version: '1.0.0', follow: { wait: '0s' } },
    configs: { package: { independent: true, space: 'lib', chart: 'web', version: '*' } },
  });
  expect(composed.status).toBe(201);
  await worker.close();
  await registry.upload('lib', { name: 'web', version: '2.0.0' });
  await consumeEvents(registry.db, [consumeFollowEvents], (_, error) => expect.fail(String(error)));
}

it('a held registry claims no job, no delivery and no run of a follow, and does once it resumes', async () => {
  const { db, context } = registry;
  await composeFollowing('follower');
  const webhooks = createWebhooks(registry, 'lib');
  const webhook = await webhooks.add({ url: 'http://127.0.0.1:9/', events: ['version.published'] });
  const { id: delivery } = await webhooks.test(webhook.id);
  const accepted = await registry.orchestrate('lib', recipe('held'), {});
  expect(accepted.status).toBe(202);
  const [job] = await db.query<{ id: string }>("SELECT id FROM jobs WHERE chart = 'held'");

  await holdRegistry(db, 'a test');
  expect(await context.jobs.claim(job?.id ?? '')).toBeUndefined();
  expect(await claimDelivery(db, delivery)).toBeUndefined();
  expect(await claimRuns(db, 20)).toEqual([]);
  expect(await countWaitingWork(db)).toEqual({
    ...{ jobs: 1, deliveries: 1, follows: 1 },
    ...{ mirrors: 0, retentions: 0 },
  });

  expect(await resumeRegistry(db)).toBe(true);
  expect(await resumeRegistry(db)).toBe(false);
  expect(await claimDelivery(db, delivery)).toMatchObject({ id: delivery });
  expect(await context.jobs.claim(job?.id ?? '')).toMatchObject({ job: { id: job?.id } });
  expect(await claimRuns(db, 20)).toHaveLength(1);
});

it('a hold is one, no matter who sets it when, and keeps its first time', async () => {
  const { db } = registry;
  await Promise.all(['first', 'second', 'third'].map((reason) => holdRegistry(db, reason)));
  const before = await readHold(db);
  await holdRegistry(db, 'last');
  expect(await readHold(db)).toEqual({ ...before, reason: 'last' });
  expect(await db.query('SELECT FROM holds')).toHaveLength(1);
  await resumeRegistry(db);
});

it('a held registry is read and written, collects no garbage, and verifies with newer archives', async () => {
  const held = await cliOutput(['hold', '--reason', 'a rehearsal'], environment());
  expect(held).toMatchObject({ code: 0, stdout: expect.stringMatching(/^held: \d+ jobs, \d+ deliveries/) });
  expect((await registry.upload('lib', { name: 'new', version: '1.0.0' })).status).toBe(201);
  expect((await registry.api('/spaces/lib/charts')).status).toBe(200);

  const collected = await cliOutput(['gc', '--grace', '0'], environment());
  expect(collected.code).toBe(1);
  expect(collected.stderr).toMatch(/the registry is held.*helm-registry resume/);
  expect((await cliOutput(['gc', '--dry-run'], environment())).code).toBe(0);

  // An archive that was stored after the database was dumped.
  await registry.context.store.put(contentOf(Buffer.from('newer than the dump')));
  const verified = await verifyByCommand(registry);
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is wrong') });
  expect(verified.stdout).toMatch(/^\d+ blobs? without a reference waits?/m);

  const dry = await cliOutput(['resume', '--dry-run'], environment());
  expect(dry.stdout).toMatch(/^held since .*\(a rehearsal\); would begin/);
  expect(await readHold(registry.db)).toBeDefined();
  expect((await cliOutput(['resume'], environment())).stdout).toMatch(/^resumed: workers begin/);
  expect((await cliOutput(['resume'], environment())).stdout).toBe('the registry is not held\n');
});

it('a worker of a held registry leaves everything due, and does it once the registry resumes', async () => {
  const { db, context } = registry;
  const receiver = await startReceiver();
  await holdRegistry(db, 'a test');
  const callback = { callback: { url: receiver.url } };
  const accepted = await registry.orchestrate('lib', { ...recipe('waiting'), ...callback }, {});
  expect(accepted.status).toBe(202);
  const job = () => registry.api(accepted.headers.get('location')?.replace('/api/v1', '') ?? '');
  const worker = await registry.startWorker();
  // A sweep finds the job as due; the claim is what refuses it.
  await expect
    .poll(async () => {
      // The sweep of the worker may find it first.
      await db.query("UPDATE jobs SET requeue_at = now() WHERE chart = 'waiting'");
      return (await sweep(context.jobs)).jobs;
    })
    .toBeGreaterThanOrEqual(1);
  expect(await (await job()).json()).toMatchObject({ state: 'queued' });
  expect(receiver.calls).toEqual([]);

  await resumeRegistry(db);
  await db.query("UPDATE jobs SET requeue_at = now() WHERE chart = 'waiting'");
  await receiver.called(1);
  expect(await (await job()).json()).toMatchObject({ state: 'succeeded' });
  await worker.close();
});
