import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createClient as createTypedClient } from '../client/src/index.ts';
import { type RunDeps, runRetention } from '../core/retention/run-retention.ts';
import { openDueRuns } from '../core/retention/runs.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { serve } from './support/process.ts';
import { createRandom } from './support/random.ts';
import { computeStaying, drawRules, drawVersions } from './support/retention-oracle.ts';
import { fillRetention, listStored, listWrongCounts } from './support/retention-rows.ts';

let registry: EmbeddedRegistry;
let deps: RunDeps;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
  // Downloads count as recorded for long.
  await registry.db.query("UPDATE pull_recording SET since = '2020-01-01'");
  deps = { db: registry.context.registry.db, locks: registry.context.registry.locks, guarded: false };
});
afterAll(() => registry.close());

const retentionOf = (space: string, url = registry.url) => createTypedClient({ url }).space(space).retention;
const never = new AbortController().signal;
const run = (signal = never) => runRetention(deps, signal);
const publish = async (space: string, name: string, versions: readonly string[], more: object = {}) => {
  for (const version of versions)
    expect((await registry.upload(space, { name, version, ...more })).status).toBe(201);
};
/** Days since downloads are recorded: more than any rule asks for. */
const recordedAgo = 2_000;

it.each([1, 2, 3, 4])(
  'random rules (seed %i) leave exactly the versions that an independent computation keeps',
  async (seed) => {
    const random = createRandom(seed);
    const space = `random-${seed}`;
    const versions = drawVersions(random, 24, 400);
    await fillRetention(registry.db, space, versions);
    const rules = drawRules(random);
    const retention = retentionOf(space);
    await retention.set({ rules, mostDeleted: 400 });
    const expected = computeStaying(rules, versions, recordedAgo);

    const previewed = new Set<string>();
    for await (const { chart, version, action } of retention.preview())
      if (action === 'keep') previewed.add(`${chart}/${version}`);
    expect(previewed).toEqual(expected);

    const { id } = await retention.run();
    expect(await run()).toMatchObject({
      id,
      state: 'succeeded',
      deleted: 400 - expected.size,
      examined: 400,
    });
    expect(await listStored(registry.db, space)).toEqual(expected);
    expect(await listWrongCounts(registry.db)).toEqual([]);
    const [gone] = await registry.db.query<{ events: number }>(
      `SELECT count(*) AS events FROM version_events WHERE space = $1 AND kind = 'deleted'`,
      [space],
    );
    expect(gone?.events).toBe(400 - expected.size);
    expect(await retention.readRun(id)).toMatchObject({
      state: 'succeeded',
      bytes: (400 - expected.size) * 100,
    });
    // A second run finds nothing.
    await retention.run();
    expect(await run()).toMatchObject({ state: 'succeeded', due: 0, deleted: 0 });
  },
);

it('uploads, downloads and compositions during a run keep what must stay', async () => {
  await publish(
    'busy',
    'web',
    Array.from({ length: 30 }, (_, minor) => `1.${minor}.0`),
  );
  await publish(
    'busy',
    'base',
    Array.from({ length: 12 }, (_, minor) => `1.${minor}.0`),
  );
  const retention = retentionOf('busy');
  await retention.set({ rules: [{ charts: ['*'], keep: { last: 3 } }] });
  await retention.run();
  const composing = Array.from({ length: 8 }, (_, minor) =>
    registry.orchestrate(
      'busy',
      {
        save: { chart: `made-${minor}`, version: '1.0.0' },
        configs: { package: { independent: true, space: 'busy', chart: 'base', version: `1.${minor}.0` } },
      },
      {},
    ),
  );
  const uploading = Array.from({ length: 6 }, (_, minor) =>
    registry.upload('busy', { name: 'web', version: `2.${minor}.0` }),
  );
  const reading = Array.from({ length: 20 }, (_, minor) =>
    registry.request(`/busy/charts/web-1.${minor}.0.tgz`).then((response) => response.arrayBuffer()),
  );
  const ended = run();
  const accepted = (await Promise.all(composing)).map(({ status }) => status);
  await Promise.all([...uploading, ...reading]);
  expect(await ended).toMatchObject({ state: 'succeeded' });
  const stored = await listStored(registry.db, 'busy');
  for (const version of ['2.5.0', '2.4.0', '2.3.0']) expect(stored).toContain(`web/${version}`);
  // A recipe found its source gone, or has kept it.
  for (const [minor, status] of accepted.entries()) {
    if (status >= 300) expect(stored).not.toContain(`base/1.${minor}.0`);
    else expect(stored).toContain(`base/1.${minor}.0`);
  }
  expect(await listWrongCounts(registry.db)).toEqual([]);
  const [revision] = await registry.db.query<{ lost: number }>(
    `SELECT s.revision - (SELECT count(*) FROM changes c WHERE c.space_id = s.id) AS lost FROM spaces s WHERE name = 'busy'`,
  );
  expect(revision?.lost).toBe(0);
});

it('keeps sources of queued jobs, and leaves a version that somebody is writing to the next run', async () => {
  await publish('needed', 'web', ['1.0.0', '1.1.0', '1.2.0', '2.0.0']);
  // No worker runs, so the job stays queued.
  const queued = await registry.orchestrate(
    'needed',
    {
      save: { chart: 'made', version: '1.0.0' },
      configs: { package: { independent: true, space: 'needed', chart: 'web', version: '1.0.0' } },
    },
    {},
  );
  expect(queued.status).toBe(202);
  const retention = retentionOf('needed');
  await retention.set({ rules: [{ charts: ['*'], keep: { last: 1 } }] });
  const reasons = (await retention.preview({ chart: 'web' }).page()).items.map(({ reason }) => reason);
  expect(reasons).toEqual(['highest', 'unkept', 'unkept', 'job']);
  await retention.run();
  const writing = await deps.locks.lease(['needed', 'web', '1.1.0']);
  expect(await run()).toMatchObject({ state: 'succeeded', due: 2, deleted: 1 });
  await writing.release();
  expect(await listStored(registry.db, 'needed')).toEqual(new Set(['web/1.0.0', 'web/1.1.0', 'web/2.0.0']));
  await retention.run();
  expect(await run()).toMatchObject({ state: 'succeeded', due: 1, deleted: 1 });
});

it('the schedule opens one run of each space that is due, however many workers look', async () => {
  for (const space of ['daily', 'by-hand', 'unruled']) await publish(space, 'web', ['1.0.0', '2.0.0']);
  const rules = [{ charts: ['*'], keep: { last: 1 } }];
  await retentionOf('daily').set({ rules });
  await retentionOf('by-hand').set({ rules, scheduled: false });
  await retentionOf('unruled').set({ rules: [] });
  const opened = async () => {
    await Promise.all([1, 2, 3].map(() => openDueRuns(deps.db, 3_600)));
    const rows = await registry.db.query<{ name: string }>(
      `SELECT s.name FROM retention_runs r JOIN spaces s ON s.id = r.space_id WHERE r.state = 'running' AND opened_by = 'schedule'`,
    );
    return rows.map(({ name }) => name);
  };
  expect(await opened()).toEqual([]);
  await registry.db.query(
    "UPDATE retention SET next_run_at = now() - interval '1 day' WHERE next_run_at IS NOT NULL",
  );
  expect(await opened()).toContain('daily');
  expect(await opened()).not.toContain('unruled');
  expect(await opened()).not.toContain('by-hand');
  while (await run());
  expect(await opened()).toEqual([]);
  expect((await retentionOf('daily').runs().page()).items).toMatchObject([
    { openedBy: 'schedule', deleted: 1 },
  ]);
});

it('deletes nothing where the rules would delete more than a run may', async () => {
  await publish('bounded', 'web', ['1.0.0', '1.1.0', '1.2.0', '2.0.0']);
  const retention = retentionOf('bounded');
  await retention.set({ rules: [{ charts: ['*'], keep: { last: 1 } }], mostDeleted: 2 });
  await retention.run();
  await expect(retention.run()).rejects.toMatchObject({ code: 'retention.running' });
  expect(await run()).toMatchObject({ state: 'halted', due: 3, deleted: 0 });
  expect((await listStored(registry.db, 'bounded')).size).toBe(4);
  const [halted] = (await retention.runs().page()).items;
  expect(halted?.error).toMatchObject({ code: 'retention.halted', details: { due: 3, mostDeleted: 2 } });
  await retention.end();
  await expect(retention.run()).rejects.toMatchObject({ code: 'retention.noRules' });
});

it('ends a run whose rules somebody changes, or whose space becomes immutable, and deletes nothing then', async () => {
  await publish('changed', 'web', ['1.0.0', '2.0.0']);
  const retention = retentionOf('changed');
  await retention.set({ rules: [{ charts: ['*'], keep: { last: 1 } }] });
  await retention.run();
  await retention.set({ rules: [{ charts: ['*'], keep: { last: 2 } }] });
  expect(await run()).toMatchObject({ state: 'halted', deleted: 0, error: { code: 'retention.halted' } });
  await retention.set({ rules: [{ charts: ['*'], keep: { last: 1 } }] });
  await createTypedClient({ url: registry.url }).space('changed').change({ overwriting: 'immutable' });
  await retention.run();
  expect(await run()).toMatchObject({ state: 'succeeded', due: 0 });
  const [first] = (await retention.preview().page()).items;
  expect(first).toMatchObject({ action: 'keep', reason: 'immutable' });
  expect((await listStored(registry.db, 'changed')).size).toBe(2);
});

it('of workers that look at once, one takes a run, and another goes on where it was stopped', async () => {
  const versions = drawVersions(createRandom(7), 8, 600);
  await fillRetention(registry.db, 'shared', versions);
  const rules = [{ charts: ['*'], keep: { last: 2 } }];
  const retention = retentionOf('shared');
  await retention.set({ rules });
  await retention.run();
  const stopping = new AbortController();
  let ended = 0;
  let open = () => {};
  const othersEnded = new Promise<void>((resolve) => {
    open = resolve;
  });
  const locks: typeof deps.locks = {
    ...deps.locks,
    async withFreeLocks(...args) {
      const done = await deps.locks.withFreeLocks(...args);
      // The worker that has the run is in the middle of it until the others have looked in vain.
      await othersEnded;
      stopping.abort();
      return done;
    },
  };
  const look = async () => {
    const outcome = await runRetention({ ...deps, locks }, stopping.signal);
    ended += 1;
    if (ended === 2) open();
    return outcome;
  };
  const outcomes = await Promise.all([look(), look(), look()]);
  expect(outcomes.filter((outcome) => outcome === 'left')).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(2);
  const between = await listStored(registry.db, 'shared');
  expect(between.size).toBeLessThan(600);
  const expected = computeStaying(rules, versions, recordedAgo);
  expect(between.size).toBeGreaterThan(expected.size);
  expect(await run()).toMatchObject({ state: 'succeeded', deleted: 600 - expected.size });
  expect(await listStored(registry.db, 'shared')).toEqual(expected);
});

it('a run goes on after its worker was killed in the middle', async () => {
  const versions = drawVersions(createRandom(11), 40, 3_000);
  await fillRetention(registry.db, 'killed', versions);
  const rules = [{ charts: ['*'], keep: { last: 3, newerDays: 5 } }];
  const retention = retentionOf('killed');
  await retention.set({ rules, mostDeleted: 3_000 });
  const { id } = await retention.run();
  const worker = await serve(
    { DATABASE_URL: registry.context.config.databaseUrl, DATA_DIR: registry.dataDir },
    'worker',
  );
  onTestFinished(async () => {
    await worker.end('SIGKILL').catch(() => undefined);
  });
  await expect
    .poll(async () => (await retention.readRun(id)).deleted, { timeout: 30_000, interval: 20 })
    .toBeGreaterThan(0);
  await worker.end('SIGKILL');
  const expected = computeStaying(rules, versions, recordedAgo);
  const between = await listStored(registry.db, 'killed');
  for (const name of expected) expect(between).toContain(name);
  // The run of the dead worker is free once its lease has ended.
  await registry.db.query("UPDATE retention_runs SET lease_until = '-infinity' WHERE id = $1", [id]);
  await run();
  expect(await retention.readRun(id)).toMatchObject({ state: 'succeeded', deleted: 3_000 - expected.size });
  expect(await listStored(registry.db, 'killed')).toEqual(expected);
  expect(await listWrongCounts(registry.db)).toEqual([]);
});
