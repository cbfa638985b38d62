import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient as createTypedClient } from '../client/src/index.ts';
import type { BlobStore, Digest } from '../core/blobs/port.ts';
import type { Locks } from '../core/locks/locks.ts';
import { collectGarbage } from '../core/maintenance/collect.ts';
import { holdRegistry, RegistryHeldError, resumeRegistry } from '../core/maintenance/hold.ts';
import { runRetention } from '../core/retention/run-retention.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { cliOutput, outputOf, runCli } from './support/process.ts';
import { startReceiver } from './support/receiver.ts';
import { fillRetention, listStored } from './support/retention-rows.ts';
import { createWebhooks } from './support/webhooks.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded(
    { gcInterval: 0, retentionInterval: 0, webhookTimeout: 60 },
    { worker: false },
  );
});
afterAll(() => registry.close());

const environment = () => ({
  DATABASE_URL: registry.context.config.databaseUrl,
  DATA_DIR: registry.dataDir,
  REDIS_URL: 'redis://127.0.0.1:1',
});

/** Makes a gate: work that arrives there waits until it is opened. */
function createGate() {
  let open: () => void = () => undefined;
  let arrive: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return {
    arrived,
    open: () => open(),
    async pass() {
      arrive();
      await opened;
    },
  };
}

/** Uploads versions and deletes them, so that their archives are garbage. */
async function makeGarbage(space: string, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const version = `${number}.0.0`;
    expect((await registry.upload(space, { name: 'web', version, values: { space } })).status).toBe(201);
    const path = `/spaces/${space}/charts/web/versions/${version}`;
    expect((await registry.api(path, { method: 'DELETE' })).ok).toBe(true);
  }
}

/** Waits until a session waits for an exclusive lock. */
const lockIsAwaited = () =>
  expect
    .poll(() =>
      registry.db.query(
        `SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
          WHERE a.datname = current_database() AND l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' AND NOT l.granted`,
      ),
    )
    .not.toEqual([]);

it('a hold waits for the deletion that has begun, and the collection makes no further one', async () => {
  await makeGarbage('waits', 8);
  const { registry: parts, log } = registry.context;
  const gate = createGate();
  const deleted: string[] = [];
  const blobs: BlobStore = {
    ...parts.blobs,
    async delete(digest) {
      await gate.pass();
      deleted.push(digest);
      return parts.blobs.delete(digest);
    },
  };
  const collecting = collectGarbage({ ...parts, blobs, log }, { graceSeconds: 0 });
  collecting.catch(() => undefined);
  await gate.arrived;
  let isHeld = false;
  const holding = holdRegistry(registry.db, 'a race').then(() => {
    isHeld = true;
  });
  await lockIsAwaited();
  expect(isHeld).toBe(false);
  gate.open();
  await holding;
  // Four at a time had passed the check; none after them does.
  const atHold = deleted.length;
  await expect(collecting).rejects.toBeInstanceOf(RegistryHeldError);
  expect(deleted).toHaveLength(atHold);
  expect(atHold).toBeLessThan(8);
  await resumeRegistry(registry.db);
  expect(await collectGarbage({ ...parts, log }, { graceSeconds: 0 })).toMatchObject({ removed: 8 - atHold });
});

it('a collection that waits for a blob deletes it not, once the registry is held', async () => {
  await makeGarbage('late', 1);
  const { registry: parts, log } = registry.context;
  const [garbage] = await registry.db.query<{ digest: Digest }>('SELECT digest FROM garbage');
  if (!garbage) throw new Error('there is no garbage');
  let collecting: Promise<unknown> = Promise.resolve();
  await registry.db.transaction(async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('blob ' || $1, 0))`, [garbage.digest]);
    collecting = collectGarbage({ ...parts, log }, { graceSeconds: 0 });
    collecting.catch(() => undefined);
    await lockIsAwaited();
    // Returns at once: nothing is past the check.
    await holdRegistry(registry.db, 'a race');
  });
  await expect(collecting).rejects.toBeInstanceOf(RegistryHeldError);
  expect(await parts.blobs.stat(garbage.digest)).toBeDefined();
  await resumeRegistry(registry.db);
});

it('the command waits for a call of a webhook that has begun, and no call begins afterwards', async () => {
  const receiver = await startReceiver();
  const gate = createGate();
  receiver.delay(() => gate.pass());
  const webhooks = createWebhooks(registry, 'calls');
  expect((await registry.upload('calls', { name: 'web' })).status).toBe(201);
  const webhook = await webhooks.add({ url: receiver.url, events: ['version.published'] });
  const worker = await registry.startWorker();
  await webhooks.test(webhook.id);
  await gate.arrived;

  const child = runCli(['hold', '--wait', '60'], environment());
  const output = outputOf(child);
  let errors = '';
  child.stderr?.on('data', (chunk) => (errors += chunk));
  await expect.poll(() => errors, { timeout: 30_000 }).toContain('waiting for 1 worker to end');
  expect(child.exitCode).toBeNull();
  // A second one, which does not wait, says what goes on.
  const second = await cliOutput(['hold', '--wait', '0'], environment());
  expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('1 worker has not ended')]);
  gate.open();
  expect(await output).toMatchObject({ code: 0, stdout: expect.stringMatching(/^held: /) });

  const called = receiver.calls.length;
  await webhooks.test(webhook.id);
  // At rest, so that the next hold need not wait.
  expect(await cliOutput(['hold', '--wait', '60'], environment())).toMatchObject({
    code: 0,
    stderr: expect.not.stringContaining('waiting'),
  });
  expect(receiver.calls).toHaveLength(called);
  expect((await cliOutput(['resume'], environment())).code).toBe(0);
  await receiver.called(called + 1);
  await worker.close();
});

it('a hold waits for the batch of a run of retention, and the run leaves the next one until it resumes', async () => {
  const versions = ['api', 'web'].flatMap((chart) =>
    ['1.0.0', '1.1.0', '2.0.0'].map((version) => ({
      ...{ chart, version, storedAgo: 10, pulledAgo: null, isNeeded: false },
    })),
  );
  await fillRetention(registry.db, 'kept', versions);
  const rules = { rules: [{ charts: ['*'], keep: { last: 1 } }], scheduled: false };
  const { retention } = createTypedClient({ url: registry.url }).space('kept');
  await retention.set(rules);
  const { id } = await retention.run();
  const { db, locks } = registry.context.registry;
  const gate = createGate();
  const gated: Locks = {
    ...locks,
    withFreeLocks: (names, read, work) =>
      locks.withFreeLocks(names, read, async (tx, isFree, found) => {
        const result = await work(tx, isFree, found);
        await gate.pass();
        return result;
      }),
  };
  const never = new AbortController().signal;
  const running = runRetention({ db, locks: gated, guarded: false }, never);
  running.catch(() => undefined);
  await gate.arrived;
  const holding = holdRegistry(registry.db, 'a race');
  await lockIsAwaited();
  gate.open();
  await holding;
  expect(await running).toBe('left');
  expect([...(await listStored(registry.db, 'kept'))].sort()).toEqual([
    ...['api/2.0.0', 'web/1.0.0', 'web/1.1.0', 'web/2.0.0'],
  ]);
  await resumeRegistry(registry.db);
  expect(await runRetention({ db, locks, guarded: false }, never)).toMatchObject({ id, deleted: 4 });
});
