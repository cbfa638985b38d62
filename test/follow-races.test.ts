import { afterAll, beforeAll, expect, it } from 'vitest';
import { takeEvents } from '../core/events/take-events.ts';
import { type ClaimedRun, claimRuns } from '../core/follow/claim-runs.ts';
import { noteVersionEvents } from '../core/follow/follow-events.ts';
import { runFollow } from '../core/follow/run-follow.ts';
import { takeFollows } from '../core/follow/take-follows.ts';
import { createPreparer } from '../core/sources/preparer.ts';
import { createSourceCache } from '../core/sources/source-cache.ts';
import { composeInPlaceFrom } from '../worker/compose-chart.ts';
import { namesOf } from './support/answers.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

let registry: EmbeddedRegistry;
let preparer: ReturnType<typeof createPreparer>;
/** Composes inline from now on, without a worker; returns how to leave jobs queued again. */
let composeInline: () => () => void;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
  const { jobs, log } = registry.context;
  preparer = createPreparer(jobs.limits);
  const sources = createSourceCache({ ...jobs, log }, preparer, 1024 * 1024);
  composeInline = () => jobs.compositionSlots.offer(composeInPlaceFrom(jobs, sources.load));
});
afterAll(async () => {
  await registry.close();
  await preparer.close();
});

const deps = () => registry.context;
const fail = (_: unknown, error: unknown) => expect.fail(String(error));
const note = () => takeEvents(registry.db, [noteVersionEvents], fail);
const takeAll = () => takeFollows(deps(), { maxOpen: 100, onError: fail });

/** Composes a chart of another one inline. */
async function compose(space: string, chart: string, version: string, source: string, follow?: object) {
  const withdraw = composeInline();
  const response = await registry.orchestrate(space, {
    save: { chart, version, ...(follow ? { follow } : {}) },
    configs: { package: { independent: true, space, chart: source, version: '*' } },
  });
  withdraw();
  expect(response.status).toBe(201);
}

/** Acts on all there is, with compositions inline. */
async function settle() {
  const withdraw = composeInline();
  await note();
  await takeAll();
  await note();
  await takeAll();
  withdraw();
}

const publish = (space: string, name: string, version: string) => registry.upload(space, { name, version });
const versions = async (space: string, chart: string) =>
  (await namesOf(await registry.api(`/spaces/${space}/charts/${chart}/versions`))).items;

/** Follow of a chart, as its row has it. */
async function follow(space: string, chart: string) {
  const [row] = await registry.db.query<{ id: string; code: string | null; isDue: boolean }>(
    `SELECT f.id, f.failure ->> 'code' AS code, f.due_at IS NOT NULL AS "isDue"
       FROM follows f JOIN charts c ON c.id = f.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE s.name = $1 AND c.name = $2`,
    [space, chart],
  );
  if (!row) throw new Error(`${space}/${chart} is not followed`);
  return row;
}

/** Opens the run that is due, the only one. */
async function openRun(): Promise<ClaimedRun> {
  const [run, ...more] = await claimRuns(registry.db, 100);
  expect(more).toEqual([]);
  if (!run) throw new Error('no run was opened');
  return run;
}

/** Ends the queued jobs of a chart as a worker would have done it. */
const endJobs = (space: string, chart: string, state: string) =>
  registry.db.query(
    `UPDATE jobs SET state = $3::job_state, stage = 'done', requeue_at = NULL, finished_at = now(),
            error = CASE WHEN $3::job_state = 'failed' THEN '{"code": "values.invalid", "reason": "ReasonClient", "message": "no"}'::jsonb END
      WHERE space = $1 AND chart = $2 AND state = 'queued'`,
    [space, chart, state],
  );

it('a cycle that is closed while a run is open stays a failure when the run ends', async () => {
  await publish('ring', 'web', '1.0.0');
  await compose('ring', 'a', '1.0.0', 'web', { wait: '0s' });
  await compose('ring', 'b', '1.0.0', 'a', { wait: '0s' });
  await settle();
  await publish('ring', 'web', '1.0.1');
  await note();
  await runFollow(deps(), await openRun());
  await compose('ring', 'a', '2.0.0', 'b');
  await note();
  expect(await follow('ring', 'a')).toMatchObject({ code: 'follow.cycle', isDue: false });
  await endJobs('ring', 'a', 'succeeded');
  await settle();
  expect(await follow('ring', 'a')).toMatchObject({ code: 'follow.cycle', isDue: false });
  await publish('ring', 'web', '1.0.2');
  await settle();
  expect(await versions('ring', 'a')).toEqual(['1.0.0', '2.0.0']);
  expect((await follow('ring', 'b')).isDue).toBe(false);
});

it('a run keeps the author with whom it was opened, so that its job is found whoever sets the follow meanwhile', async () => {
  await publish('author', 'web', '1.0.0');
  await compose('author', 'a', '1.0.0', 'web', { wait: '0s' });
  await settle();
  await publish('author', 'web', '1.0.1');
  await note();
  const run = await openRun();
  await runFollow(deps(), run);
  // Its worker died before recording the job; the follow is set by somebody else.
  const { id } = await follow('author', 'a');
  await registry.db.query(
    `UPDATE follow_runs SET job_id = NULL, version = NULL, principal_id = $2, lease_until = now() - interval '1 second'
      WHERE follow_id = $1`,
    [id, '11111111-1111-4111-8111-111111111111'],
  );
  await registry.db.query('UPDATE idempotency_keys SET author = $2 WHERE key = $1', [
    run.id,
    '11111111-1111-4111-8111-111111111111',
  ]);
  const again = await openRun();
  expect(again).toMatchObject({ id: run.id, principalId: '11111111-1111-4111-8111-111111111111' });
  await runFollow(deps(), again);
  const [kept] = await registry.db.query('SELECT version, attempts FROM follow_runs r JOIN follows f ON f.id = r.follow_id WHERE f.id = $1', [id]);
  expect(kept).toEqual({ version: '1.0.1', attempts: 1 });
  await endJobs('author', 'a', 'succeeded');
  await settle();
});
