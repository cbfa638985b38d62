import { afterAll, beforeAll, expect, it } from 'vitest';
import { consumeEvents } from '../core/events/consume-events.ts';
import { claimRuns } from '../core/follow/claim-runs.ts';
import type { ClaimedFollowRun } from '../core/follow/claimed-run.ts';
import { deleteOldVersions } from '../core/follow/delete-old-versions.ts';
import { maxCycleSearch } from '../core/follow/find-cycle.ts';
import { consumeFollowEvents } from '../core/follow/follow-events.ts';
import { freeFollowsOfBrokenCycles } from '../core/follow/free-follows-of-broken-cycles.ts';
import { processFollows } from '../core/follow/process-follows.ts';
import { maxKeptFollowRuns, purgeRuns } from '../core/follow/purge-runs.ts';
import { failOrFreeCycles, refreshSources } from '../core/follow/refresh-sources.ts';
import { runFollow } from '../core/follow/run-follow.ts';
import { createPreparer } from '../core/sources/preparer.ts';
import { createSourceCache } from '../core/sources/source-cache.ts';
import { createInlineComposition } from '../worker/compose-chart.ts';
import { errorOf, followOf, namesOf } from './support/answers.ts';
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
  composeInline = () => jobs.compositionSlots.offer(createInlineComposition(jobs, sources.load));
});
afterAll(async () => {
  await registry.close();
  await preparer.close();
});

const deps = () => registry.context;
const fail = (_: unknown, error: unknown) => expect.fail(String(error));
const note = () => consumeEvents(registry.db, [consumeFollowEvents], fail);
const takeAll = () => processFollows(deps(), { maxOpen: 100, onError: fail });

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
async function actOnAll() {
  const withdraw = composeInline();
  // Each round goes up by one chart; one that waited for those below it is examined again without delay.
  for (let round = 0; round < 4; round += 1) {
    await note();
    await registry.db.query('UPDATE follows SET look_at = now() WHERE look_at IS NOT NULL');
    await takeAll();
  }
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
async function openRun(): Promise<ClaimedFollowRun> {
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
  await actOnAll();
  await publish('ring', 'web', '1.0.1');
  await note();
  await runFollow(deps(), await openRun());
  await compose('ring', 'a', '2.0.0', 'b');
  await note();
  expect(await follow('ring', 'a')).toMatchObject({ code: 'follow.cycle', isDue: false });
  await endJobs('ring', 'a', 'succeeded');
  await actOnAll();
  expect(await follow('ring', 'a')).toMatchObject({ code: 'follow.cycle', isDue: false });
  await publish('ring', 'web', '1.0.2');
  await actOnAll();
  expect(await versions('ring', 'a')).toEqual(['1.0.0', '2.0.0']);
  expect((await follow('ring', 'b')).isDue).toBe(false);
});

it('a run keeps the author with whom it was opened, so that its job is found although another sets the follow meanwhile', async () => {
  await publish('author', 'web', '1.0.0');
  await compose('author', 'a', '1.0.0', 'web', { wait: '0s' });
  await actOnAll();
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
  const [kept] = await registry.db.query(
    'SELECT version, attempts FROM follow_runs r JOIN follows f ON f.id = r.follow_id WHERE f.id = $1',
    [id],
  );
  expect(kept).toEqual({ version: '1.0.1', attempts: 1 });
  await endJobs('author', 'a', 'succeeded');
  await actOnAll();
});

it('a cycle that somebody else breaks frees the follow that failed by it', async () => {
  expect(await follow('ring', 'a')).toMatchObject({ code: 'follow.cycle', isDue: false });
  expect((await registry.api('/spaces/ring/charts/b/follow', { method: 'DELETE' })).status).toBe(204);
  await freeFollowsOfBrokenCycles(registry.db);
  expect(await follow('ring', 'a')).toMatchObject({ code: null, isDue: true });
  expect(await registry.db.query('SELECT FROM follow_edge_losses')).toEqual([]);
  await actOnAll();
});

it('a version that was committed after a run began makes its follow due, though it is older by the clock', async () => {
  for (const chart of ['web', 'db']) await publish('clock', chart, '1.0.0');
  await compose('clock', 'a', '1.0.0', 'web', { wait: '0s' });
  await actOnAll();
  await publish('clock', 'web', '1.0.1');
  await note();
  const run = await openRun();
  await compose('clock', 'a', '2.0.0', 'db');
  await registry.db.query("UPDATE version_events SET at = at - interval '1 minute'");
  await runFollow(deps(), run);
  await note();
  expect((await follow('clock', 'a')).isDue).toBe(true);
  await actOnAll();
  expect((await follow('clock', 'a')).isDue).toBe(false);
});

it('a failed set is that which the run has found, and is not tried again', async () => {
  await publish('set', 'web', '1.0.0');
  await compose('set', 'a', '1.0.0', 'web', { wait: '0s' });
  await actOnAll();
  await publish('set', 'web', '1.0.1');
  await note();
  await runFollow(deps(), await openRun());
  await endJobs('set', 'a', 'failed');
  // The job was made of other sources than the lineage names.
  await registry.db.query(
    "UPDATE jobs SET sources = '[]' WHERE space = 'set' AND chart = 'a' AND state = 'failed'",
  );
  await actOnAll();
  const { id, code } = await follow('set', 'a');
  expect(code).toBe('values.invalid');
  await registry.db.query(
    'UPDATE follows SET due_since = now(), due_at = now(), look_at = now(), wave_at = now() WHERE id = $1',
    [id],
  );
  await actOnAll();
  expect(await registry.db.query('SELECT state FROM follow_runs WHERE follow_id = $1', [id])).toEqual([
    { state: 'failed' },
  ]);
  expect(await versions('set', 'a')).toEqual(['1.0.0']);
});

it('a source that the newest version has anew makes its follow due, for what came before anybody listened', async () => {
  await publish('late', 'web', '1.0.0');
  await compose('late', 'a', '1.0.0', 'web', { wait: '0s' });
  await actOnAll();
  const { id, isDue } = await follow('late', 'a');
  expect(isDue).toBe(false);
  const refresh = () => registry.db.transaction((tx) => refreshSources(tx, [id]));
  expect(await refresh()).toEqual([]);
  expect((await follow('late', 'a')).isDue).toBe(false);
  await registry.db.query('DELETE FROM follow_sources WHERE follow_id = $1', [id]);
  expect(await refresh()).toEqual([id]);
  expect((await follow('late', 'a')).isDue).toBe(true);
  await actOnAll();
});

it('a version that was uploaded fails its follow once, and its deletion ends the failure', async () => {
  await publish('upload', 'web', '1.0.0');
  await compose('upload', 'a', '1.0.0', 'web', { wait: '0s' });
  await actOnAll();
  await publish('upload', 'web', '1.0.1');
  await note();
  await publish('upload', 'a', '1.0.5');
  // The run sees the upload before its event is acted on.
  await runFollow(deps(), await openRun());
  await actOnAll();
  const { id, code, isDue } = await follow('upload', 'a');
  expect({ code, isDue }).toEqual({ code: 'lineage.notFound', isDue: false });
  expect(await registry.db.query('SELECT FROM follow_runs WHERE follow_id = $1', [id])).toHaveLength(1);
  await registry.api('/spaces/upload/charts/a/versions/1.0.5', { method: 'DELETE' });
  await actOnAll();
  expect(await follow('upload', 'a')).toMatchObject({ code: null, isDue: false });
  expect(await versions('upload', 'a')).toEqual(['1.0.0', '1.0.1']);
});

it('the newest runs of a follow are kept, and with `keep` those that made a version which is there', async () => {
  const { id } = await follow('upload', 'a');
  await registry.db.query(
    `INSERT INTO follow_runs (follow_id, set_at, wave_at, state, finished_at)
     SELECT $1, now(), now(), 'failed', now() FROM generate_series(1, ${maxKeptFollowRuns})`,
    [id],
  );
  const count = async () =>
    (await registry.db.query('SELECT FROM follow_runs WHERE follow_id = $1', [id])).length;
  await registry.db.query(`UPDATE follows SET settings = settings || '{"keep": 5}' WHERE id = $1`, [id]);
  await purgeRuns(registry.db, id);
  expect(await count()).toBe(maxKeptFollowRuns + 1);
  await registry.db.query("UPDATE follows SET settings = settings - 'keep' WHERE id = $1", [id]);
  await purgeRuns(registry.db, id);
  expect(await count()).toBe(maxKeptFollowRuns);
});

it('of two recipes that close a cycle in one transaction, one is without effect and the other goes on', async () => {
  await publish('both', 'web', '1.0.0');
  await compose('both', 'a', '1.0.0', 'web', { wait: '0s' });
  await compose('both', 'b', '1.0.0', 'a', { wait: '0s' });
  const ids = [(await follow('both', 'a')).id, (await follow('both', 'b')).id];
  await registry.db.transaction(async (tx) => {
    await tx.query(
      "INSERT INTO follow_sources (follow_id, space, chart, requested, version) VALUES ($1, 'both', 'b', '*', '1.0.0')",
      [ids[0]],
    );
    await failOrFreeCycles(tx, ids);
  });
  expect(await follow('both', 'a')).toMatchObject({ code: 'follow.cycle', isDue: false });
  expect((await follow('both', 'b')).code).toBe(null);
});

it('a chart that waits for one below it is looked at again within a minute, since that one may be done before', async () => {
  await publish('early', 'web', '1.0.0');
  await compose('early', 'a', '1.0.0', 'web', { wait: '24h' });
  await actOnAll();
  const source = (chart: string) => ({ package: { independent: true, space: 'early', chart, version: '*' } });
  const withdraw = composeInline();
  const response = await registry.orchestrate('early', {
    save: { chart: 'b', version: '1.0.0', follow: { wait: '0s' } },
    configs: { ...source('web'), a: source('a') },
  });
  withdraw();
  expect(response.status).toBe(201);
  await actOnAll();
  await publish('early', 'web', '1.0.1');
  await note();
  await takeAll();
  const { id } = await follow('early', 'b');
  const seen = await registry.db.query(
    `SELECT look_at > now() AS waits, look_at <= now() + interval '1 minute' AS soon FROM follows WHERE id = $1`,
    [id],
  );
  expect(seen).toEqual([{ waits: true, soon: true }]);
  // Somebody ends what it waits for.
  expect((await registry.api('/spaces/early/charts/a/follow', { method: 'DELETE' })).status).toBe(204);
  await actOnAll();
  expect(await versions('early', 'b')).toEqual(['1.0.0', '1.0.1']);
  expect(await versions('early', 'a')).toEqual(['1.0.0']);
});

it('versions that others use, and one that was made twice, hide no other one from `keep`', async () => {
  await publish('kept', 'web', '1.0.0');
  await compose('kept', 'shop', '1.0.0', 'web', { wait: '0s' });
  await actOnAll();
  for (const version of ['1.0.1', '1.0.2']) {
    await publish('kept', 'web', version);
    await actOnAll();
  }
  const { id } = await follow('kept', 'shop');
  const runs = await registry.db.query<ClaimedFollowRun>(
    `INSERT INTO follow_runs (follow_id, set_at, wave_at, state, finished_at, version, digest)
     SELECT follow_id, set_at, wave_at, state, now(), version, digest FROM follow_runs
      WHERE follow_id = $1 AND version = '1.0.2'
     RETURNING id, follow_id AS "followId", NULL AS "principalId", NULL AS principal, NULL AS "tokenId"`,
    [id],
  );
  const [run] = runs;
  if (!run) throw new Error('no run was recorded');
  const keep = (count: number) => deleteOldVersions(deps(), { ...run, space: 'kept', chart: 'shop' }, count);
  await keep(2);
  expect(await versions('kept', 'shop')).toEqual(['1.0.0', '1.0.1', '1.0.2']);
  // More versions than are deleted at once, each with a dependent.
  await registry.db.transaction(async (tx) => {
    await tx.query('SET LOCAL session_replication_role = replica');
    await tx.query(
      `WITH made AS (
         INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
         SELECT v.chart_id, '1.0.' || n, '011.010.04' || n || '~', v.digest, v.size, v.metadata, v.entry
           FROM versions v JOIN follows f ON f.chart_id = v.chart_id, generate_series(1000, 1100) n
          WHERE f.id = $1 AND v.version = '1.0.2'
         RETURNING chart_id, version, digest
       ), used AS (
         INSERT INTO lineage_sources (space, chart, version, version_id, digest)
         SELECT 'kept', 'shop', m.version, l.version_id, m.digest
           FROM made m, LATERAL (SELECT v.id AS version_id FROM versions v
                                  WHERE v.chart_id = m.chart_id AND v.version = '1.0.0') l
       )
       INSERT INTO follow_runs (follow_id, set_at, wave_at, state, finished_at, version, digest)
       SELECT $1, now(), now(), 'composed', now(), version, digest FROM made`,
      [id],
    );
    await tx.query(
      'UPDATE charts SET version_count = version_count + 101 WHERE id = (SELECT chart_id FROM follows WHERE id = $1)',
      [id],
    );
  });
  await keep(1);
  const left = await registry.db.query(
    `SELECT v.version FROM versions v JOIN follows f ON f.chart_id = v.chart_id
      WHERE f.id = $1 AND v.version !~ '^1[.]0[.]1...$'`,
    [id],
  );
  expect(left).toEqual([{ version: '1.0.0' }]);
});

it('a follow with more charts below it than a search for a cycle visits is refused, and fails where it is set', async () => {
  await publish('wide', 'web', '1.0.0');
  await compose('wide', 'a', '1.0.0', 'web', { wait: '0s' });
  await actOnAll();
  const { id } = await follow('wide', 'a');
  await registry.db.query(
    `INSERT INTO follow_sources (follow_id, space, chart, requested, version)
     SELECT $1, 'wide', 'c' || n, '*', '1.0.0' FROM generate_series(1, ${maxCycleSearch}) n`,
    [id],
  );
  const refused = await registry.orchestrate('wide', {
    save: { chart: 'b', version: '1.0.0', follow: { wait: '0s' } },
    configs: { package: { independent: true, space: 'wide', chart: 'a', version: '*' } },
  });
  expect(refused.status).toBe(409);
  expect(await errorOf(refused)).toMatchObject({
    code: 'follow.cycle',
    message: expect.stringContaining('More than 10,000 charts'),
    details: { pointer: '/save/follow' },
  });
  await registry.db.transaction((tx) => failOrFreeCycles(tx, [id]));
  expect(await follow('wide', 'a')).toMatchObject({ code: 'follow.cycle', isDue: false });
  await actOnAll();
  const seen = await followOf(await registry.api('/spaces/wide/charts/a/follow'));
  expect(seen.failure?.message).toContain('More than 10,000 charts');
  expect(seen.items.map(({ state }) => state)).toEqual(['failed']);
  await registry.db.query("DELETE FROM follow_sources WHERE follow_id = $1 AND chart LIKE 'c%'", [id]);
  await actOnAll();
  expect(await follow('wide', 'a')).toMatchObject({ code: null, isDue: false });
});

it('a search for a cycle that has no room for a next level is given up, and rules out none', async () => {
  for (const chart of ['web', 'base']) await publish('full', chart, '1.0.0');
  await compose('full', 'below', '1.0.0', 'base', { wait: '0s' });
  await compose('full', 'a', '1.0.0', 'web', { wait: '0s' });
  await actOnAll();
  const { id } = await follow('full', 'a');
  // With `web`, as many as a search visits; `base` is below one of them.
  await registry.db.query(
    `INSERT INTO follow_sources (follow_id, space, chart, requested, version)
     SELECT $1::uuid, 'full', 'c' || n, '*', '1.0.0' FROM generate_series(1, ${maxCycleSearch - 2}) n
      UNION ALL SELECT $1::uuid, 'full', 'below', '*', '1.0.0'`,
    [id],
  );
  const check = () => registry.db.transaction((tx) => failOrFreeCycles(tx, [id]));
  await check();
  expect(await follow('full', 'a')).toMatchObject({ code: 'follow.cycle' });
  await registry.db.query("DELETE FROM follow_sources WHERE follow_id = $1 AND chart = 'c1'", [id]);
  await check();
  expect(await follow('full', 'a')).toMatchObject({ code: null });
  await registry.db.query("DELETE FROM follow_sources WHERE follow_id = $1 AND chart <> 'web'", [id]);
  await actOnAll();
});

it('a cycle that is broken before anybody was told of it is told to nobody', async () => {
  await publish('brief', 'web', '1.0.0');
  await compose('brief', 'a', '1.0.0', 'web', { wait: '0s' });
  await actOnAll();
  const { id } = await follow('brief', 'a');
  const close = () =>
    registry.db.query(
      "INSERT INTO follow_sources (follow_id, space, chart, requested, version) VALUES ($1, 'brief', 'a', '*', '1.0.0')",
      [id],
    );
  const fails = () => registry.db.transaction((tx) => failOrFreeCycles(tx, [id]));
  await close();
  await fails();
  const run = await openRun();
  await registry.db.query("DELETE FROM follow_sources WHERE follow_id = $1 AND chart = 'a'", [id]);
  await fails();
  await runFollow(deps(), run);
  expect(await registry.db.query('SELECT FROM follow_runs WHERE follow_id = $1', [id])).toEqual([]);
  // A worker that dies while it tells leaves a run that another goes on with; two that tell tell once.
  await close();
  await fails();
  const told = await openRun();
  await registry.db.query("UPDATE follow_runs SET lease_until = now() - interval '1 second' WHERE id = $1", [
    told.id,
  ]);
  const again = await openRun();
  expect(again.id).toBe(told.id);
  await Promise.all([runFollow(deps(), told), runFollow(deps(), again)]);
  expect(await claimRuns(registry.db, 100)).toEqual([]);
  expect(await registry.db.query('SELECT state FROM follow_runs WHERE follow_id = $1', [id])).toEqual([
    { state: 'failed' },
  ]);
  const failed = "SELECT FROM jobs WHERE space = 'brief' AND chart = 'a' AND state = 'failed'";
  expect(await registry.db.query(failed)).toHaveLength(1);
});
