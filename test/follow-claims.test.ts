import { afterAll, beforeAll, expect, it } from 'vitest';
import { consumeEvents } from '../core/events/consume-events.ts';
import { claimRuns } from '../core/follow/claim-runs.ts';
import { consumeFollowEvents } from '../core/follow/follow-events.ts';
import { processFollows } from '../core/follow/process-follows.ts';
import { runFollow } from '../core/follow/run-follow.ts';
import { createMetrics } from '../core/metrics/metrics.ts';
import { addRegistryMetrics } from '../core/metrics/read-registry.ts';
import { jobsOf, namesOf } from './support/answers.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  // The test claims and runs follows itself, so that it can die in between.
  registry = await startEmbedded({}, { worker: false });
  for (const chart of ['web', 'db']) await registry.upload('lib', { name: chart });
});
afterAll(() => registry.close());

const deps = () => registry.context;
const fail = (_: unknown, error: unknown) => expect.fail(String(error));
const takeAll = () => processFollows(deps(), { maxOpen: 100, onError: fail });
const note = () =>
  consumeEvents(registry.db, [consumeFollowEvents], (_, error) => expect.fail(String(error)));
const versions = async (chart: string) =>
  (await namesOf(await registry.api(`/spaces/lib/charts/${chart}/versions`))).items;

/** Composes charts that follow `web`; without a worker their jobs are composed by the worker that is started for them. */
async function compose(...charts: string[]) {
  const worker = await registry.startWorker();
  for (const chart of charts) {
    const response = await registry.orchestrate('lib', {
      save: { chart, version: '1.0.0', follow: { wait: '0s' } },
      configs: { package: { independent: true, space: 'lib', chart: 'web', version: '*' } },
    });
    expect(response.status).toBe(201);
  }
  await worker.close();
  await note();
  await takeAll();
}
let patch = 0;
async function publish() {
  patch += 1;
  await registry.upload('lib', { name: 'web', version: `1.0.${patch}` });
  await note();
}

it('a run whose worker died before or after its job was accepted leads to one job, whichever worker goes on with it', async () => {
  await compose('one');
  await publish();
  const [run] = await claimRuns(registry.db, 10);
  if (!run) throw new Error('no run was opened');
  // Nobody else has it while its lease lasts.
  expect(await claimRuns(registry.db, 10)).toEqual([]);
  await registry.db.query("UPDATE follow_runs SET lease_until = now() - interval '1 second'");
  const [again] = await claimRuns(registry.db, 10);
  expect(again?.id).toBe(run.id);
  // The first worker was only slow: both send the recipe.
  await Promise.all([runFollow(deps(), run), runFollow(deps(), run)]);
  // A death before the job is recorded: it is found under its key, also when it has ended.
  await registry.db.query('UPDATE follow_runs SET job_id = NULL, version = NULL');
  const worker = await registry.startWorker();
  await expect.poll(() => versions('one'), { timeout: 30_000 }).toEqual(['1.0.0', '1.0.1']);
  await worker.close();
  await note();
  await registry.db.query("UPDATE follow_runs SET lease_until = now() WHERE state = 'running'");
  await takeAll();
  await takeAll();
  const jobs = await jobsOf(await registry.api('/jobs?space=lib&chart=one'));
  expect(jobs.items.map(({ version }) => version)).toEqual(['1.0.1', '1.0.0']);
  const runs = await registry.db.query('SELECT state, version FROM follow_runs');
  expect(runs).toEqual([{ state: 'composed', version: '1.0.1' }]);
});

it('opens no more runs than it may, and the rest as they end', async () => {
  const charts = ['a', 'b', 'c', 'd', 'e'];
  await compose(...charts);
  await publish();
  await publish();
  const many = await Promise.all([claimRuns(registry.db, 2), claimRuns(registry.db, 2)]);
  const first = many.flat();
  expect(first).toHaveLength(2);
  expect(await claimRuns(registry.db, 2)).toEqual([]);
  for (const run of first) await runFollow(deps(), run);
  const worker = await registry.startWorker();
  for (const chart of [...charts, 'one'])
    await expect
      .poll(() => versions(chart).then((all) => all.length), { timeout: 30_000 })
      .toBeGreaterThan(1);
  await worker.close();
  for (const chart of charts) expect(await versions(chart)).toEqual(['1.0.0', '1.0.1']);
});

it('publications take turns: the follow of a small one is not behind all those of a large one', async () => {
  await registry.db.query(
    'UPDATE follows SET failure = NULL, due_at = NULL, due_since = NULL, wave_at = NULL, look_at = NULL',
  );
  await registry.db.query("DELETE FROM follow_runs WHERE state = 'running'");
  await registry.db.query(
    `UPDATE follows SET due_since = now(), due_at = now(), look_at = now() - interval '1 hour', wave_at = now() - interval '1 hour'
      WHERE chart IN ('a', 'b', 'c', 'd')`,
  );
  await registry.db.query(
    "UPDATE follows SET due_since = now(), due_at = now(), look_at = now(), wave_at = now() WHERE chart = 'e'",
  );
  const chartsOf = async (runs: readonly { followId: string }[]) =>
    (
      await registry.db.query<{ chart: string }>(
        'SELECT chart FROM follows WHERE id = ANY($1::uuid[]) ORDER BY chart',
        [runs.map(({ followId }) => followId)],
      )
    ).map(({ chart }) => chart);
  const first = await chartsOf(await claimRuns(registry.db, 2));
  expect(first).toHaveLength(2);
  expect(first).toContain('e');
  expect(await chartsOf(await claimRuns(registry.db, 4))).not.toContain('e');
});

it('follows are overdue only where a worker should have opened a run', async () => {
  const metrics = createMetrics();
  const checkParts = async () => ({ parts: {}, degradations: [] });
  addRegistryMetrics(metrics, { db: registry.db, checkParts, spaces: false, followJobs: 2 });
  const overdue = async () =>
    (await metrics.read()).find(({ name }) => name === 'helm_registry_follows_overdue_seconds')?.values[0]
      ?.value;
  const set = (chart: string, due: string, look: string) =>
    registry.db.query(
      `UPDATE follows SET due_since = ${due}, due_at = ${due}, wave_at = ${due}, look_at = ${look} WHERE chart = $1`,
      [chart],
    );
  await registry.db.query("DELETE FROM follow_runs WHERE state = 'running'");
  await registry.db.query(
    'UPDATE follows SET due_at = NULL, due_since = NULL, wave_at = NULL, look_at = NULL',
  );
  expect(await overdue()).toBe(0);
  // It waits for charts below it since an hour.
  await set('a', "now() - interval '1 hour'", "now() + interval '30 seconds'");
  expect(await overdue()).toBe(0);
  await set('b', "now() - interval '2 hours'", "now() - interval '2 hours'");
  expect(await overdue()).toBeGreaterThanOrEqual(7_200);
  // Its chart is being composed.
  await registry.db.query(
    `INSERT INTO follow_runs (follow_id, set_at, wave_at, lease_until)
     SELECT id, now(), now(), now() + interval '1 hour' FROM follows WHERE chart = 'b'`,
  );
  expect(await overdue()).toBe(0);
  await set('c', "now() - interval '1 hour'", "now() - interval '1 hour'");
  expect(await overdue()).toBeGreaterThanOrEqual(3_600);
  // As many jobs as there may be.
  await registry.db.query(
    `INSERT INTO follow_runs (follow_id, set_at, wave_at, lease_until)
     SELECT id, now(), now(), now() + interval '1 hour' FROM follows WHERE chart = 'd'`,
  );
  expect(await overdue()).toBe(0);
});
