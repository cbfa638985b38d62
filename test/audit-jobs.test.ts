import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobOf } from './support/answers.ts';
import { type AuditedEvent, createFollower } from './support/audit.ts';
import { type GuardedRegistry, startGuarded, type TestToken } from './support/guarded.ts';

let registry: GuardedRegistry;
let paul: string;
let publisher: TestToken;
let follow: () => Promise<AuditedEvent[]>;

beforeAll(async () => {
  // Without a worker nothing is composed, so each recipe is queued.
  registry = await startGuarded({}, { worker: false });
  await registry.addSpace('shop', 'private');
  expect((await registry.admin.upload('shop', { name: 'base' })).status).toBe(201);
  paul = await registry.addUser('paul');
  await registry.setRole(paul, 'shop', 'publisher');
  publisher = await registry.addToken(paul);
  follow = createFollower(registry.admin);
});
afterAll(() => registry?.close());

/** Sends a recipe that is queued. @returns its job */
async function submit(chart: string) {
  const source = { independent: true, space: 'shop', chart: 'base', version: '1.0.0' };
  const recipe = { save: { chart, version: '1.0.0' }, configs: { package: source } };
  const response = await publisher.client.orchestrate('shop', recipe, {});
  expect(response.status).toBe(202);
  return jobOf(response);
}

/** Waits for the end of a job by its events, which end with it. */
async function follower(id: string): Promise<string> {
  const response = await registry.admin.api(`/jobs/${id}/events`);
  await response.text();
  return (await jobOf(await registry.admin.api(`/jobs/${id}`))).state;
}

describe('a recipe that is queued', () => {
  it('leaves an event at its arrival, and one at its cancellation', async () => {
    await follow();
    const job = await submit('ended');
    expect(job.author).toBe('paul');
    expect((await publisher.client.api(`/jobs/${job.id}`, { method: 'DELETE' })).status).toBe(202);
    const target = { space: 'shop', chart: 'ended', version: '1.0.0', job: job.id, outcome: 'done' };
    const principal = { kind: 'user', name: 'paul', token: { id: publisher.id } };
    expect(await follow()).toMatchObject([
      { action: 'job.submit', door: 'api', principal, ...target },
      { action: 'job.cancel', door: 'api', principal, ...target },
    ]);
  });

  it('leaves an event of its author where a worker stores the version, or may not any more', async () => {
    const denied = await submit('denied');
    await registry.setRole(paul, 'shop', undefined);
    await follow();
    const worker = await registry.startWorker();
    expect(await follower(denied.id)).toBe('failed');
    const principal = { kind: 'user', id: paul, name: 'paul', token: { id: publisher.id } };
    const event = { action: 'version.publish', door: 'worker', space: 'shop', version: '1.0.0', principal };
    expect(await follow()).toMatchObject([
      { ...event, chart: 'denied', job: denied.id, outcome: 'denied', details: { code: 'access.denied' } },
    ]);
    await worker.close();

    await registry.setRole(paul, 'shop', 'publisher');
    const made = await submit('made');
    await follow();
    await registry.startWorker();
    expect(await follower(made.id)).toBe('succeeded');
    const [done, ...others] = await follow();
    expect(others).toEqual([]);
    expect(done).toMatchObject({ ...event, chart: 'made', job: made.id, outcome: 'done' });
    const [version] = await registry.db.query<{ digest: string; author: string; id: string }>(
      `SELECT v.digest, v.author, v.author_id AS id FROM versions v JOIN charts c ON c.id = v.chart_id
        WHERE c.name = 'made'`,
    );
    expect(version).toEqual({ digest: done?.digests?.after, author: 'paul', id: paul });
  });
});
