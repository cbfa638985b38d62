import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ClaimedMirrorRun, claimMirrorRun } from '../../core/mirror/claim-run.ts';
import { recordGoneVersions } from '../../core/mirror/drop-sightings.ts';
import type { MirrorDeps } from '../../core/mirror/mirror-deps.ts';
import { runMirror } from '../../core/mirror/run-mirror.ts';
import { createMirrorDeps } from '../../worker/mirrors.ts';
import { type ChartHost, startChartHost } from '../support/chart-host.ts';
import { packChart } from '../support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from '../support/embedded.ts';
import { describeResults, outcomesOf, putMirror, readMirrorOf, resultsOf } from '../support/mirrors.ts';
import { createWebhooks, sendJson } from '../support/webhooks.ts';

// Runs are begun by the tests: there is no worker.
let registry: EmbeddedRegistry;
let space = '';
let tests = 0;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
});
afterAll(() => registry.close());
beforeEach(() => newSpace());

async function newSpace(): Promise<void> {
  tests += 1;
  space = `mirror-${tests}`;
  // Runs of tests before are tried again after a minute; here only those begin that a test makes due.
  await registry.db.query('UPDATE mirrors SET due_at = NULL');
  expect((await registry.api(`/spaces?space=${space}`, { method: 'POST' })).status).toBe(201);
}

const never = new AbortController().signal;
const claim = async (): Promise<ClaimedMirrorRun> => {
  const run = await claimMirrorRun(registry.db, randomUUID());
  if (!run) throw new Error('no run is due');
  return run;
};
/** Claims the run that is due, and makes it. */
const runDue = async () => {
  await runMirror(createMirrorDeps(registry.context), await claim(), never);
  return readMirrorOf(registry, space);
};
const set = async (settings: object) => expect((await putMirror(registry, space, settings)).status).toBe(200);
const mirrorId = '(SELECT m.id FROM mirrors m JOIN spaces s ON s.id = m.space_id WHERE s.name = $1)';
/** Runs the mirror as by its schedule. */
const runByTime = async () => {
  await registry.db.query(`UPDATE mirrors SET due_at = now() WHERE id = ${mirrorId}`, [space]);
  return runDue();
};

async function startHost(versions: number): Promise<ChartHost> {
  const host = await startChartHost();
  for (let patch = 0; patch < versions; patch += 1) await host.add({ name: 'web', version: `1.0.${patch}` });
  return host;
}

/** Adds a webhook for events of mirrors. @returns a function that reads what it is owed, the oldest first */
async function listen(): Promise<() => Promise<string[]>> {
  const webhooks = createWebhooks(registry, space);
  const { id } = await webhooks.add({ url: 'http://127.0.0.1:9/', events: ['mirror.*'], charts: ['none-*'] });
  return async () => {
    const { items } = await webhooks.deliveries(id, '?limit=100');
    return items.map(({ type }) => type).reverse();
  };
}

describe('the end of a run', () => {
  it('is told to webhooks with its counts, and again only where something is new', async () => {
    const host = await startHost(2);
    const told = await listen();
    await set({ url: host.url });
    await runDue();
    const first = ['mirror.completed'];
    expect(await told()).toEqual(first);
    const [call] = await registry.db.query<{ data: object }>(
      `SELECT payload::jsonb -> 'data' AS data FROM deliveries WHERE type = 'mirror.completed'`,
    );
    const { run } = await readMirrorOf(registry, space);
    const counts = { listed: 2, chosen: 2, stored: 2, gone: 0 };
    expect(call?.data).toEqual({ space, run: run?.number, state: 'complete', counts });
    await runByTime();
    expect(await told()).toEqual(first);
    host.setFault((_path, response) => Boolean(response.writeHead(401).end()));
    await runByTime();
    await runByTime();
    expect(await told()).toEqual([...first, 'mirror.failed']);
    // Somebody who asks is told.
    await registry.api(`/spaces/${space}/mirror/runs`, { method: 'POST' });
    await runDue();
    const failed = [...first, 'mirror.failed', 'mirror.failed'];
    expect(await told()).toEqual(failed);
    host.setFault(undefined);
    await runByTime();
    expect(await told()).toEqual([...failed, 'mirror.completed']);
    host.versions.splice(0, 1);
    await runByTime();
    expect(await told()).toEqual([...failed, 'mirror.completed', 'mirror.completed']);
  });

  it('keeps 2,000 results of an outcome, and reads an index of 100,000 versions', {
    timeout: 120_000,
  }, async () => {
    const host = await startHost(1);
    const lines = (name: string, count: number) =>
      Array.from(
        { length: count },
        (_, patch) => `  - {name: ${name}, version: 1.0.${patch}, urls: []}\n`,
      ).join('');
    const index = `entries:\n  web:\n  - {version: 1.0.0, urls: [web-1.0.0.tgz]}\n  lost:\n${lines('lost', 2_050)}  many:\n${lines('many', 97_949)}`;
    host.setFault(
      (path, response) => path.endsWith('index.yaml') && Boolean(response.writeHead(200).end(index)),
    );
    await set({ url: host.url, charts: ['web', 'lost'] });
    const { run } = await runDue();
    expect(run).toMatchObject({ counts: { listed: 100_000, stored: 1, failed: 2_050 } });
    const number = run?.number ?? 0;
    const { metadata } = await resultsOf(registry, space, number, 'outcome=failed&limit=1');
    // Two that are recorded together both count those before.
    expect([2_000, 2_001]).toContain(metadata.total);
    expect(describeResults(await resultsOf(registry, space, number, 'outcome=stored'))).toHaveLength(1);
  });

  it('drops old runs, and keeps results of the newest 20 that had any', async () => {
    const host = await startHost(1);
    await set({ url: host.url });
    await runDue();
    // Older than all runs that are to come: 30 with results, and 120 that found nothing to do.
    await registry.db.query(
      `WITH run AS (
         INSERT INTO mirror_runs (mirror_id, state, finished_at) SELECT ${mirrorId}, 'complete', now() FROM generate_series(1, 150)
         RETURNING number)
       INSERT INTO mirror_results (run, chart, version, outcome)
       SELECT number, 'web', '1.0.0', 'stored' FROM run ORDER BY number LIMIT 30`,
      [space],
    );
    await host.add({ name: 'web', version: '2.0.0' });
    const { run } = await runByTime();
    expect(describeResults(await resultsOf(registry, space, run?.number ?? 0))).toEqual(['web 2.0.0 stored']);
    const [kept] = await registry.db.query(
      `SELECT count(*) AS runs, count(*) FILTER (WHERE EXISTS (SELECT FROM mirror_results x WHERE x.run = r.number)) AS results
         FROM mirror_runs r WHERE mirror_id = ${mirrorId}`,
      [space],
    );
    expect(kept).toEqual({ runs: 119, results: 20 });
  });
});

describe('sightings', () => {
  const sightings = () =>
    registry.db.query<{ version: string; isGone: boolean }>(
      `SELECT version, gone_since IS NOT NULL AS "isGone" FROM mirror_sightings WHERE mirror_id = ${mirrorId} ORDER BY chart, version`,
      [space],
    );

  it('of versions that upstream lists no more go after a time, and are bounded before', async () => {
    const host = await startHost(3);
    await set({ url: host.url, minAgeDays: 2 });
    await runDue();
    const [lost] = host.versions.splice(0, 1);
    await runByTime();
    expect((await sightings()).map(({ isGone }) => isGone)).toEqual([true, false, false]);
    // A version that comes back has not lost its age.
    if (lost) host.versions.push(lost);
    await runByTime();
    expect((await sightings()).map(({ isGone }) => isGone)).toEqual([false, false, false]);
    host.versions.splice(2);
    await registry.db.query(
      `INSERT INTO mirror_sightings (mirror_id, chart, version, seen_at, gone_since)
       SELECT ${mirrorId}, 'zoo', '1.0.' || n, now(), now() - n * interval '1 second' FROM generate_series(1, 10050) n`,
      [space],
    );
    await runByTime();
    const kept = await sightings();
    expect(kept.filter(({ isGone }) => isGone)).toHaveLength(10_000);
    await registry.db.query(
      `UPDATE mirror_sightings SET gone_since = now() - interval '31 days' WHERE gone_since IS NOT NULL`,
    );
    await host.add({ name: 'web', version: '9.0.0' });
    await runByTime();
    expect((await sightings()).map(({ version }) => version)).toEqual(['1.0.1', '1.0.2', '9.0.0']);
    // Charts whose lists fail have not gone, but no upstream fills the table by failing: of these, 200,000 stay.
    await registry.db.query(
      `INSERT INTO mirror_sightings (mirror_id, chart, version, seen_at)
       SELECT ${mirrorId}, 'zoo', '1.0.' || n, now() FROM generate_series(1, 200100) n`,
      [space],
    );
    const [mirrorRow] = await registry.db.query<{ id: string }>(`SELECT ${mirrorId} AS id`, [space]);
    await registry.db.transaction((tx) => recordGoneVersions(tx, mirrorRow?.id ?? '', new Set(), () => true));
    expect((await sightings()).filter(({ isGone }) => isGone)).toHaveLength(103);
    await set({ url: host.url });
    await runDue();
    expect(await sightings()).toEqual([]);
  });
});

describe('a run that goes wrong', () => {
  /** Wraps dependencies: a function is called after each statement, transaction and locked write. */
  function stepped(step: (at: number) => void | Promise<void>): MirrorDeps {
    const deps = createMirrorDeps(registry.context);
    const { db, locks } = deps.registry;
    let steps = 0;
    const thenStep = async <Result>(work: Promise<Result>): Promise<Result> => {
      const result = await work;
      steps += 1;
      await step(steps);
      return result;
    };
    const withLock: typeof locks.withLock = (...args) => thenStep(locks.withLock(...args));
    return {
      ...deps,
      registry: {
        ...deps.registry,
        locks: { ...locks, withLock },
        db: {
          ...db,
          query: (...args) => thenStep(db.query(...args)),
          transaction: (work) => thenStep(db.transaction(work)),
        },
      },
    };
  }

  it('ends as one run does, wherever its process dies', { timeout: 120_000 }, async () => {
    let wasWhole = false;
    for (let last = 1; !wasWhole; last += 1) {
      await newSpace();
      const host = await startHost(3);
      const told = await listen();
      await set({ url: host.url });
      wasWhole = true;
      const dying = stepped((at) => {
        if (at < last) return;
        wasWhole = false;
        throw new Error('died');
      });
      await runMirror(dying, await claim(), never).catch((error: unknown) =>
        expect(String(error)).toContain('died'),
      );
      await registry.db.query("UPDATE mirror_runs SET lease_until = now() WHERE state = 'running'");
      const rest = await claimMirrorRun(registry.db, randomUUID());
      if (rest) await runMirror(createMirrorDeps(registry.context), rest, never);
      const { run } = await readMirrorOf(registry, space);
      const stored = ['web 1.0.0 stored', 'web 1.0.1 stored', 'web 1.0.2 stored'];
      expect([last, run?.state, await outcomesOf(registry, space)]).toEqual([last, 'complete', stored]);
      expect(describeResults(await resultsOf(registry, space, run?.number ?? 0))).toEqual(stored);
      expect(await told()).toEqual(['mirror.completed']);
    }
  });

  it('is the only one that asks its host, and mirrors of the same host follow it', async () => {
    const host = await startHost(1);
    await set({ url: host.url });
    const first = space;
    await newSpace();
    await registry.db.query("UPDATE mirrors SET due_at = now() - interval '1 minute' WHERE url LIKE $1", [
      `${host.url}%`,
    ]);
    await set({ url: host.url });
    const claimAny = () => claimMirrorRun(registry.db, randomUUID());
    const together = await Promise.all([claimAny(), claimAny(), claimAny()]);
    const claimed = together.filter((run) => run !== undefined);
    expect(claimed).toHaveLength(1);
    // A mirror of another host does not wait.
    const spaces = [first, space];
    await newSpace();
    await registry.db.query('UPDATE mirrors SET due_at = now() WHERE url LIKE $1', [`${host.url}%`]);
    await set({ url: (await startHost(1)).url });
    const apart = await claim();
    expect(apart.space).toBe(space);
    // The worker of the first dies: another one takes it over, and ends it.
    expect(await claimAny()).toBeUndefined();
    await registry.db.query(
      "UPDATE mirror_runs SET lease_until = now() WHERE id = $1 AND state = 'running'",
      [claimed[0]?.id],
    );
    const rest = await claim();
    expect(rest.id).toBe(claimed[0]?.id);
    await runMirror(createMirrorDeps(registry.context), rest, never);
    const next = await claim();
    expect([rest.space, next.space].sort()).toEqual(spaces.sort());
    for (const run of [apart, next]) await runMirror(createMirrorDeps(registry.context), run, never);
  });

  it('stores each version once where two workers have it', async () => {
    const host = await startHost(6);
    const told = await listen();
    await set({ url: host.url });
    const first = await claim();
    await registry.db.query("UPDATE mirror_runs SET lease_until = now() WHERE state = 'running'");
    const second = await claim();
    expect(second.id).toBe(first.id);
    const deps = createMirrorDeps(registry.context);
    await Promise.all([first, second].map((run) => runMirror(deps, run, never)));
    const { run } = await readMirrorOf(registry, space);
    expect(run).toMatchObject({ state: 'complete', counts: { stored: 6 } });
    expect(await outcomesOf(registry, space)).toHaveLength(6);
    expect(await told()).toEqual(['mirror.completed']);
  });

  it('leaves nothing of a space that is deleted meanwhile, at any step', { timeout: 120_000 }, async () => {
    let wasWhole = false;
    for (let last = 1; !wasWhole; last += 1) {
      await newSpace();
      const host = await startHost(2);
      await set({ url: host.url });
      wasWhole = true;
      const deleting = stepped(async (at) => {
        if (at !== last) return;
        wasWhole = false;
        expect((await registry.api(`/spaces/${space}`, { method: 'DELETE' })).ok).toBe(true);
      });
      const run = await claim();
      await runMirror(deleting, run, never);
      if (wasWhole) break;
      expect((await registry.api(`/spaces/${space}`)).status).toBe(404);
      const left = await registry.db.query('SELECT FROM mirror_results WHERE run = $1', [run.number]);
      expect([last, left]).toEqual([last, []]);
    }
  });

  it('waits a day at the most for an upstream, and says when it comes back', async () => {
    const host = await startHost(2);
    host.setFault((path, response) => {
      if (!path.endsWith('.tgz')) return false;
      response.writeHead(429, { 'retry-after': '864000' }).end();
      return true;
    });
    await set({ url: host.url, every: null });
    const { run, dueAt } = await runDue();
    expect(run).toMatchObject({ state: 'incomplete', error: { code: 'upstream.busy' }, retryAt: dueAt });
    expect(Date.parse(dueAt ?? '')).toBeLessThanOrEqual(Date.now() + 24 * 3_600_000);
    const results = describeResults(await resultsOf(registry, space, run?.number ?? 0));
    expect(new Set(results.map((line) => line.slice(10)))).toEqual(new Set(['failed upstream.busy retried']));
  });

  it('refuses what does not fit, in the results too, and keeps what is stored in an immutable space', async () => {
    const host = await startHost(3);
    await set({ url: host.url });
    expect((await sendJson(registry, 'PATCH', `/spaces/${space}`, { quota: { versions: 2 } })).status).toBe(
      200,
    );
    const { run } = await runDue();
    const full = describeResults(await resultsOf(registry, space, run?.number ?? 0, 'outcome=failed'));
    expect(full).toHaveLength(1);
    expect(full[0]).toContain('failed quota.exceeded retried');
    const settings = { quota: { versions: 10 }, overwriting: 'immutable' };
    expect((await sendJson(registry, 'PATCH', `/spaces/${space}`, settings)).status).toBe(200);
    const stored = await outcomesOf(registry, space);
    const changed = host.versions.find(({ version }) => stored.includes(`web ${version} stored`));
    if (changed)
      changed.archive = await packChart({ name: 'web', version: changed.version, values: { a: 1 } });
    const next = (await runByTime()).run;
    expect(next).toMatchObject({ state: 'complete', counts: { stored: 1, changed: 1, unchanged: 1 } });
  });
});
