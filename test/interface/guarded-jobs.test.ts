import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveriesOf, dependentsOf, errorOf, jobOf, jobsOf, lineageOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { readEvents } from '../support/event-stream.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
let anaId: string;
/** Author: publisher of the target, reader of its source. */
let ana: TestClient;
/** Reader of the target, and of nothing else. */
let rita: TestClient;
/** Stranger. */
let sven: TestClient;
/** Maintainer of the target. */
let mia: TestClient;
let id: string;

async function addMember(name: string, roles: Record<string, 'reader' | 'publisher' | 'maintainer'>) {
  const principal = await registry.addUser(name);
  for (const [space, role] of Object.entries(roles)) await registry.setRole(principal, space, role);
  return { principal, client: (await registry.addToken(principal)).client };
}

beforeAll(async () => {
  // Without a worker a job stays queued.
  registry = await startGuarded({}, { worker: false });
  for (const space of ['secret', 'team']) await registry.addSpace(space, 'private');
  await registry.addSpace('open', 'public');
  for (const space of ['secret', 'open'])
    expect((await registry.admin.upload(space, { name: 'web' })).status).toBe(201);
  ({ principal: anaId, client: ana } = await addMember('ana', {
    team: 'publisher',
    secret: 'reader',
    open: 'publisher',
  }));
  ({ client: rita } = await addMember('rita', { team: 'reader' }));
  ({ client: sven } = await addMember('sven', {}));
  ({ client: mia } = await addMember('mia', { team: 'maintainer' }));
  id = await submit(ana, 'team', 'secret', 'app');
});
afterAll(() => registry.close());

const recipe = (source: string, chart: string) => ({
  save: { chart, version: '1.0.0' },
  configs: {
    package: { independent: true, space: source, chart: 'web', version: '^1.0.0' },
    _config: { unknown: 1 },
  },
});
async function submit(client: TestClient, space: string, source: string, chart: string): Promise<string> {
  const response = await client.orchestrate(space, recipe(source, chart), { Prefer: 'wait=0' });
  expect(response.status).toBe(202);
  return (await jobOf(response)).id;
}
const absent = '00000000-0000-4000-8000-000000000000';
const paths = (job: string) => [`/jobs/${job}`, `/jobs/${job}/events`, `/jobs/${job}/deliveries`];
/** Status, headers and body of a response, without what is of each request. */
async function wholeOf(response: Response) {
  const headers = Object.fromEntries(
    [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name)),
  );
  return { status: response.status, headers, body: await response.text() };
}

describe('a job', () => {
  it('a job is seen by its author and the readers of its target', async () => {
    for (const client of [ana, rita, mia, registry.admin]) {
      expect((await jobOf(await client.api(`/jobs/${id}`))).id).toBe(id);
      expect((await deliveriesOf(await client.api(`/jobs/${id}/deliveries`))).items).toEqual([]);
    }
  });

  it.each(['GET', 'HEAD'])('a job does not exist for others, byte for byte (%s)', async (method) => {
    for (const [index, path] of paths(id).entries()) {
      const hidden = await wholeOf(await sven.api(path, { method }));
      const missing = await wholeOf(await sven.api(paths(absent)[index] ?? '', { method }));
      expect(hidden.status).toBe(404);
      expect(JSON.parse(JSON.stringify(hidden).replaceAll(id, absent))).toEqual(missing);
      expect((await registry.anonymous.api(path, { method })).status).toBe(401);
      expect((await registry.anonymous.api(paths(absent)[index] ?? '', { method })).status).toBe(401);
    }
    const hidden = await wholeOf(await sven.api(`/jobs/${id}`, { method: 'DELETE' }));
    expect(hidden.body.replaceAll(id, absent)).toBe(
      (await wholeOf(await sven.api(`/jobs/${absent}`, { method: 'DELETE' }))).body,
    );
    expect(hidden.status).toBe(404);
  });

  it('a job in a public space is seen by everybody', async () => {
    const open = await submit(ana, 'open', 'open', 'visible');
    expect((await registry.anonymous.api(`/jobs/${open}`)).status).toBe(200);
    const listed = await jobsOf(await registry.anonymous.api('/jobs'));
    expect(listed).toMatchObject({ metadata: { total: 1 }, items: [{ id: open }] });
  });

  it('a job is cancelled by its author as a publisher, and by maintainers', async () => {
    const first = await submit(ana, 'team', 'secret', 'first');
    const denied = await rita.api(`/jobs/${first}`, { method: 'DELETE' });
    expect(denied.status).toBe(403);
    expect(await errorOf(denied)).toMatchObject({ code: 'access.denied', details: { right: 'job.cancel' } });
    expect((await ana.api(`/jobs/${first}`, { method: 'DELETE' })).status).toBe(202);
    const second = await submit(ana, 'team', 'secret', 'second');
    await registry.setRole(anaId, 'team', 'reader');
    expect((await ana.api(`/jobs/${second}`, { method: 'DELETE' })).status).toBe(403);
    await registry.setRole(anaId, 'team', 'publisher');
    const cancelled = await mia.api(`/jobs/${second}`, { method: 'DELETE' });
    expect(cancelled.status).toBe(202);
    expect(JSON.stringify(await cancelled.json())).not.toContain('secret');
  });
});

describe('the address of a callback', () => {
  it.each(['team', 'open'])(
    'the address of a callback in %s is shown to those who may have it called',
    async (space) => {
      const url = 'https://hooks.invalid/services/T0/hunter2?token=hunter2';
      const body = { ...recipe('open', 'called'), callback: { url } };
      const job = await jobOf(await ana.orchestrate(space, body, { Prefer: 'wait=0' }));
      // The end of a job makes the delivery.
      expect((await ana.api(`/jobs/${job.id}`, { method: 'DELETE' })).status).toBe(202);
      const shownTo = async (client: TestClient) => {
        const { items } = await deliveriesOf(await client.api(`/jobs/${job.id}/deliveries`));
        return items.map((delivery) => delivery.url);
      };
      const managers = space === 'team' ? [ana, mia, registry.admin] : [ana, registry.admin];
      for (const client of managers)
        expect(await shownTo(client)).toEqual(['https://hooks.invalid/services/T0/hunter2?token=***']);
      const readers = space === 'team' ? [rita] : [rita, sven, registry.anonymous];
      for (const client of readers) expect(await shownTo(client)).toEqual(['https://hooks.invalid/***']);
    },
  );
});

describe('names of a source', () => {
  it('names of a source are masked for readers who may not read it, with warnings, in jobs and their lists', async () => {
    const own = await jobOf(await ana.api(`/jobs/${id}`));
    expect(own.sources?.[0]).toMatchObject({
      space: 'secret',
      chart: 'web',
      requested: '^1.0.0',
      version: '1.0.0',
    });
    const text = await (await rita.api(`/jobs/${id}`)).text();
    expect(text).not.toContain('secret');
    expect(text).not.toContain(own.sources?.[0]?.digest);
    const [seen] = (await jobsOf(await rita.api('/jobs?chart=app'))).items;
    expect(seen?.sources).toEqual([
      {
        pointer: '/configs/package',
        space: '***',
        chart: '***',
        requested: '***',
        version: '***',
        digest: 'sha256:***',
      },
    ]);
    for (const warning of seen?.warnings ?? [])
      expect(Object.keys(warning)).toEqual(['code', 'pointer', 'message']);
  });

  it('names of a source are masked in the error of a job', async () => {
    const failed = await submit(ana, 'team', 'secret', 'failed');
    await registry.db.query(
      `UPDATE jobs SET state = 'failed', requeue_at = NULL, finished_at = now(), error = $2 WHERE id = $1`,
      [
        failed,
        {
          code: 'blob.missing',
          reason: 'ReasonInternal',
          message: 'The source secret/web/1.0.0 …',
          details: { source: 'secret' },
        },
      ],
    );
    expect((await jobOf(await ana.api(`/jobs/${failed}`))).error?.message).toContain('secret/web');
    const { error } = await jobOf(await rita.api(`/jobs/${failed}`));
    expect(error?.code).toBe('blob.missing');
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});

describe('a list of jobs', () => {
  it('a list of jobs has the jobs of readable spaces and own ones, with their total, in pages', async () => {
    const all = await jobsOf(await registry.admin.api('/jobs?limit=100'));
    const team = all.items.filter(({ space }) => space === 'team');
    const seen = await jobsOf(await rita.api('/jobs?limit=100&space=team'));
    expect(seen.items.map((job) => job.id)).toEqual(team.map((job) => job.id));
    expect(seen.metadata.total).toBe(team.length);
    const page = await jobsOf(await rita.api('/jobs?start=1&limit=2&space=team'));
    expect(page.items.map((job) => job.id)).toEqual(team.slice(1, 3).map((job) => job.id));
    expect(await jobsOf(await sven.api('/jobs?space=team'))).toMatchObject({
      metadata: { total: 0 },
      items: [],
    });
    const narrowed = await registry.addToken(anaId, { spaces: ['open'] });
    const { items } = await jobsOf(await narrowed.client.api('/jobs?limit=100'));
    expect(new Set(items.map(({ space }) => space))).toEqual(new Set(['open']));
  });

  it('keeps an author’s own jobs after the role is gone, each once', async () => {
    const before = (await jobsOf(await ana.api('/jobs?limit=100'))).metadata.total;
    await registry.setRole(anaId, 'team', undefined);
    const after = await jobsOf(await ana.api('/jobs?limit=100'));
    expect(after.metadata.total).toBe(before);
    expect(new Set(after.items.map((job) => job.id)).size).toBe(before);
    const cancelled = await jobsOf(await ana.api('/jobs?state=cancelled&chart=first'));
    expect(cancelled.items.map(({ chart }) => chart)).toEqual(['first']);
    await registry.setRole(anaId, 'team', 'publisher');
  });

  it('leaves out the jobs of a space that was deleted and made again', async () => {
    await registry.addSpace('again', 'private');
    await registry.setRole(anaId, 'again', 'publisher');
    const old = await submit(ana, 'again', 'open', 'old');
    await registry.db.query("DELETE FROM spaces WHERE name = 'again'");
    await registry.addSpace('again', 'public');
    expect((await jobsOf(await rita.api('/jobs?space=again'))).items).toEqual([]);
    expect((await rita.api(`/jobs/${old}`)).status).toBe(404);
    expect((await ana.api(`/jobs/${old}`)).status).toBe(200);
    expect((await jobsOf(await ana.api('/jobs?space=again'))).items.map((job) => job.id)).toEqual([old]);
  });
});

it('events end when the right to see the job goes', async () => {
  const { principal, client } = await addMember('eva', { team: 'reader' });
  const followed = await submit(ana, 'team', 'secret', 'followed');
  const reader = readEvents(await client.api(`/jobs/${followed}/events`));
  const first = await reader.until(({ event }) => event === 'job');
  expect(first?.data).toContain(followed);
  expect(JSON.stringify(reader.events)).not.toContain('secret');
  await registry.setRole(principal, 'team', undefined);
  expect((await ana.api(`/jobs/${followed}`, { method: 'DELETE' })).status).toBe(202);
  expect(await reader.until(({ event }) => event === 'job')).toBeUndefined();
});

describe('lineage and dependents', () => {
  beforeAll(async () => {
    await registry.startWorker();
    const done = await ana.orchestrate('team', recipe('secret', 'composed'));
    expect(done.status).toBe(201);
    const shown = await ana.orchestrate('team', recipe('open', 'plain'));
    expect(shown.status).toBe(201);
  });

  it('lineage shows no source that its reader may not read', async () => {
    const path = '/spaces/team/charts/composed/versions/1.0.0/lineage';
    const own = await lineageOf(await ana.api(path));
    expect(own).toMatchObject({
      sources: [{ space: 'secret' }],
      plan: { root: { source: { space: 'secret' } } },
    });
    const response = await rita.api(path);
    const text = await response.text();
    expect(text).not.toContain('secret');
    expect(JSON.parse(text)).toMatchObject({
      digest: own.digest,
      job: own.job,
      recipe: {},
      sources: [{ space: '***' }],
    });
    const plain = await lineageOf(await rita.api('/spaces/team/charts/plain/versions/1.0.0/lineage'));
    expect(plain).toMatchObject({ sources: [{ space: 'open' }] });
  });

  it('dependents are those that the reader may read, with their total', async () => {
    const path = '/spaces/open/charts/web/versions/1.0.0/dependents';
    // The job of another test has composed a public one.
    const shown = async (client: TestClient) => {
      const { metadata, items } = await dependentsOf(await client.api(path));
      expect(metadata.total).toBe(items.length);
      return items.map(({ space, chart }) => `${space}/${chart}`).sort();
    };
    await expect.poll(() => shown(rita), { timeout: 30_000 }).toEqual(['open/visible', 'team/plain']);
    for (const client of [sven, registry.anonymous]) expect(await shown(client)).toEqual(['open/visible']);
    const page = await dependentsOf(await sven.api(`${path}?start=1`));
    expect(page).toMatchObject({ metadata: { total: 1 }, items: [] });
  });
});
