import { afterAll, beforeAll, expect, it } from 'vitest';
import { consumeEvents } from '../core/events/consume-events.ts';
import { claimRuns } from '../core/follow/claim-runs.ts';
import { consumeFollowEvents } from '../core/follow/follow-events.ts';
import { processFollows } from '../core/follow/process-follows.ts';
import { runFollow } from '../core/follow/run-follow.ts';
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
  await expect.poll(() => versions('one')).toEqual(['1.0.0', '1.0.1']);
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
    await expect.poll(() => versions(chart).then((all) => all.length)).toBeGreaterThan(1);
  await worker.close();
  for (const chart of charts) expect(await versions(chart)).toEqual(['1.0.0', '1.0.1']);
});
