import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../core/blobs/content.ts';
import { JobLost, succeedJob } from '../core/jobs/complete.ts';
import type { JobDeps } from '../core/jobs/jobs.ts';
import { errorOf, jobOf, planOf, valuesOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { chartForm, type TestClient } from './support/client.ts';
import { damage } from './support/damage.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { createPrincipals, type TestToken } from './support/guarded.ts';
import { createHandWorker, type HandWorker } from './support/hand-worker.ts';

// Versions that a queued job replaces: what others do meanwhile, and workers that die.

let registry: EmbeddedRegistry;
let principals: ReturnType<typeof createPrincipals>;
let admin: TestClient;
let worker: HandWorker;

beforeAll(async () => {
  registry = await startEmbedded({ access: 'guarded', lockTimeout: 100 }, { worker: false });
  principals = createPrincipals(registry.db, registry.urls);
  admin = (await principals.addToken(await principals.addUser('root', 'admin'))).client;
  worker = createHandWorker(registry.context);
});
afterAll(async () => {
  await worker.close();
  await registry.close();
});

let space: string;
let author: string;
let token: TestToken;
let number = 0;
beforeEach(async () => {
  number += 1;
  space = `shop-${number}`;
  author = await principals.addUser(`ana-${number}`);
  token = await principals.addToken(author);
  await principals.addSpace(space, 'private');
  await principals.setRole(author, space, 'maintainer');
  await admin.upload(space, await packChart({ name: 'web', values: { from: 'source' } }));
  await admin.upload(space, await packChart({ name: 'shop', values: { from: 'before' } }));
  await registry.db.query('DELETE FROM version_events');
});

const path = () => `/spaces/${space}/charts/shop/versions/1.0.0`;
const valuesNow = async () => valuesOf(await admin.api(`${path()}/manifests/values`));
const digestNow = async () => (await admin.api(path())).headers.get('etag')?.replaceAll('"', '');
const read = async (id: string) => jobOf(await admin.api(`/jobs/${id}`));

/** Sends a recipe that replaces the version, which is queued because there is no worker. @returns the job's id */
async function accept(config = { from: 'recipe' }, version = '1.0.0'): Promise<string> {
  const response = await token.client.orchestrate(
    space,
    {
      save: { chart: 'shop', version: '1.0.0', replace: true },
      configs: {
        package: { independent: true, space, chart: 'web', version },
        _config: config,
      },
    },
    { Prefer: 'wait=0' },
  );
  expect(response.status, await response.clone().text()).toBe(202);
  return (await jobOf(response)).id;
}

/** Runs a job as a worker does. */
const run = (id: string, jobs?: JobDeps) => worker.run(id, jobs);

const eventsOf = () =>
  registry.db.query<{ kind: string }>('SELECT kind FROM version_events WHERE space = $1 ORDER BY id', [
    space,
  ]);
const upload = async (values: Record<string, string>) =>
  admin.api(path(), { method: 'PUT', body: chartForm(await packChart({ name: 'shop', values })) });
const release = (id: string) => registry.db.query('DELETE FROM locks WHERE holder = $1', [id]);

describe('a queued job that replaces a version', () => {
  it('keeps the version for itself until it ends', async () => {
    const before = await digestNow();
    const id = await accept();
    expect(await read(id)).toMatchObject({ state: 'queued', replaces: before });
    expect((await upload({ from: 'upload' })).status).toBe(423);
    expect((await admin.api(path(), { method: 'DELETE' })).status).toBe(423);
    const other = await token.client.orchestrate(space, {
      save: { chart: 'shop', version: '1.0.0', replace: true },
      configs: { package: { independent: true, space, chart: 'web', version: '1.0.0' } },
    });
    expect(await errorOf(other)).toMatchObject({ code: 'version.composing', details: { job: id } });
    expect(await valuesNow()).toEqual({ from: 'before' });
    await run(id);
    expect(await valuesNow()).toEqual({ from: 'recipe' });
    expect(await eventsOf()).toEqual([{ kind: 'replaced' }]);
    expect((await upload({ from: 'upload' })).status).toBe(200);
  });

  it('leaves an event with both digests, and its author on the version', async () => {
    const before = await digestNow();
    const id = await accept();
    await run(id);
    const events = await registry.db.query(
      `SELECT action, door, digest_before AS before, digest_after AS after, principal FROM audit_events
        WHERE job_id = $1 ORDER BY action`,
      [id],
    );
    const after = await digestNow();
    expect(events).toMatchObject([
      { action: 'job.submit', door: 'api' },
      { action: 'version.replace', door: 'worker', before, after, principal: `ana-${number}` },
    ]);
    const [version] = await registry.db.query(
      'SELECT author, author_id AS id FROM versions WHERE digest = $1',
      [after],
    );
    expect(version).toEqual({ author: `ana-${number}`, id: author });
  });

  it('leaves no event where bytes, recipe and sources are the same', async () => {
    await run(await accept());
    const [digest, events] = [await digestNow(), await eventsOf()];
    const id = await accept();
    await run(id);
    expect(await read(id)).toMatchObject({ state: 'succeeded' });
    expect([await digestNow(), await eventsOf()]).toEqual([digest, events]);
    const audited = await registry.db.query('SELECT action FROM audit_events WHERE job_id = $1', [id]);
    expect(audited).toEqual([{ action: 'job.submit' }]);
    // Another recipe of the same bytes is told to who keeps what recipes ask for.
    await run(await accept(undefined, '^1'));
    expect(await digestNow()).toBe(digest);
    expect(await eventsOf()).toEqual([...events, { kind: 'replaced' }]);
    // So are other sources of the same recipe and bytes.
    const twin = await packChart({ name: 'web', version: '1.0.1', values: { from: 'source' } });
    expect((await admin.upload(space, twin)).status).toBe(201);
    await run(await accept(undefined, '^1'));
    expect(await digestNow()).toBe(digest);
    const kinds = (await eventsOf()).map(({ kind }) => kind);
    expect(kinds).toEqual([...events.map(({ kind }) => kind), 'replaced', 'published', 'replaced']);
  });

  it.each([
    ['replaced', async () => upload({ from: 'upload' }), { from: 'upload' }],
    ['deleted', async () => admin.api(path(), { method: 'DELETE' }), undefined],
  ])('fails where its version was %s although it was reserved', async (_, write, values) => {
    const id = await accept();
    await release(id);
    expect((await write()).ok).toBe(true);
    await run(id);
    expect(await read(id)).toMatchObject({
      state: 'failed',
      attempts: 1,
      error: { code: 'version.changed' },
    });
    if (values) expect(await valuesNow()).toEqual(values);
    else expect((await admin.api(path())).status).toBe(404);
  });

  it('fails where the space has become immutable', async () => {
    const id = await accept();
    await admin.api(`/spaces/${space}`, { method: 'PATCH', body: '{"overwriting":"immutable"}' });
    await run(id);
    expect(await read(id)).toMatchObject({ state: 'failed', error: { code: 'version.immutable' } });
    expect(await valuesNow()).toEqual({ from: 'before' });
  });

  it('fails where its author may not replace any more', async () => {
    const id = await accept();
    await principals.setRole(author, space, 'publisher');
    await run(id);
    expect(await read(id)).toMatchObject({
      state: 'failed',
      error: { code: 'access.denied', details: { right: 'chart.replace' } },
    });
    expect(await valuesNow()).toEqual({ from: 'before' });
  });
});

describe('a dry run of a version that cannot be read', () => {
  it('says all but what would change, unless that is asked for', async () => {
    const before = digestOf(await packChart({ name: 'shop', values: { from: `damaged-${number}` } }));
    expect((await upload({ from: `damaged-${number}` })).status).toBe(200);
    await damage(registry, before, 'gone');
    const body = {
      save: { chart: 'shop', version: '1.0.0', replace: true },
      configs: { package: { independent: true, space, chart: 'web', version: '1.0.0' } },
    };
    const dryRun = (query = '') =>
      token.client.api(`/spaces/${space}/charts?dryRun=true${query}`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
    const answer = await dryRun();
    expect(answer.status, await answer.clone().text()).toBe(200);
    const dry = await planOf(answer);
    expect(dry.replaces).toEqual({ digest: before });
    expect(dry).not.toHaveProperty('comparison');
    expect((await errorOf(await dryRun('&against=1.0.0'))).code).toBe('blob.missing');
  });
});

describe('a worker that dies', () => {
  const expire = (id: string) =>
    registry.db.query("UPDATE jobs SET requeue_at = now() WHERE id = $1 AND state = 'running'", [id]);

  it('before its commit: another one replaces the version, and the first cannot any more', async () => {
    const id = await accept();
    const { jobs } = registry.context;
    let late: Parameters<JobDeps['finish']>[0] | undefined;
    const hung = run(id, {
      ...jobs,
      finish: async (finished) => {
        late = finished;
        await expire(id);
        await run(id);
        return jobs.finish(finished);
      },
    });
    await expect(hung).rejects.toThrow(/no longer this worker's/);
    expect(await read(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(await valuesNow()).toEqual({ from: 'recipe' });
    expect(await eventsOf()).toEqual([{ kind: 'replaced' }]);
    // A version that was replaced since then is not touched by the dead one either.
    expect((await upload({ from: 'later' })).status).toBe(200);
    if (!late) throw new Error('the first worker composed nothing');
    await expect(succeedJob(jobs, late.job, late.plan, late.composed)).rejects.toThrow(JobLost);
    expect(await valuesNow()).toEqual({ from: 'later' });
  });

  it('after its commit: the job is over, and is not run again', async () => {
    const id = await accept();
    const { jobs } = registry.context;
    const dying = run(id, {
      ...jobs,
      finish: async (finished) => {
        await jobs.finish(finished);
        throw new Error('died');
      },
    });
    await dying.catch(() => undefined);
    await expire(id);
    await run(id);
    expect(await read(id)).toMatchObject({ state: 'succeeded', attempts: 1 });
    expect(await valuesNow()).toEqual({ from: 'recipe' });
    expect(await eventsOf()).toEqual([{ kind: 'replaced' }]);
  });
});

describe('jobs that end together', () => {
  it('jobs that end together each replace their version, among others that add one', async () => {
    const ids: string[] = [];
    for (const [chart, replace] of [
      ['shop', true],
      ['new-a', false],
      ['web', true],
      ['new-b', true],
    ] as const) {
      const response = await token.client.orchestrate(
        space,
        {
          save: { chart, version: '1.0.0', replace },
          configs: {
            package: { independent: true, space, chart: 'web', version: '1.0.0' },
            _config: { of: chart },
          },
        },
        { Prefer: 'wait=0' },
      );
      expect(response.status, await response.clone().text()).toBe(202);
      ids.push((await jobOf(response)).id);
    }
    await Promise.all(ids.map((id) => run(id)));
    for (const chart of ['shop', 'new-a', 'web', 'new-b']) {
      const values = await admin.api(`/spaces/${space}/charts/${chart}/versions/1.0.0/manifests/values`);
      expect(await valuesOf(values)).toEqual({ from: 'source', of: chart });
    }
    expect((await Promise.all(ids.map(read))).map(({ state }) => state)).toEqual(ids.map(() => 'succeeded'));
  });
});
