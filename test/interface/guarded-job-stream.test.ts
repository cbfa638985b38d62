import { afterAll, beforeAll, expect, it } from 'vitest';
import { errorOf, jobOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { jobOfEvent, readEvents, tells } from '../support/event-stream.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';

let registry: GuardedRegistry;
let anaId: string;
/** Publisher of both spaces, and reader of the source. */
let ana: TestClient;
let ritaId: string;
/** Reader of one space, and of nothing else. */
let rita: TestClient;

beforeAll(async () => {
  registry = await startGuarded({}, { worker: false });
  for (const space of ['secret', 'team', 'hidden']) await registry.addSpace(space, 'private');
  expect((await registry.admin.upload('secret', { name: 'web' })).status).toBe(201);
  anaId = await registry.addUser('ana');
  for (const space of ['team', 'hidden']) await registry.setRole(anaId, space, 'publisher');
  await registry.setRole(anaId, 'secret', 'reader');
  ana = (await registry.addToken(anaId)).client;
  ritaId = await registry.addUser('rita');
  await registry.setRole(ritaId, 'team', 'reader');
  rita = (await registry.addToken(ritaId)).client;
});
afterAll(() => registry.close());

async function submit(space: string, chart: string): Promise<string> {
  const body = {
    save: { chart, version: '1.0.0' },
    configs: { package: { independent: true, space: 'secret', chart: 'web', version: '^1.0.0' } },
  };
  return (await jobOf(await ana.orchestrate(space, body, { Prefer: 'wait=0' }))).id;
}
async function open(client: TestClient, query = '') {
  const reader = readEvents(await client.api(`/jobs/events${query}`));
  await reader.until(({ id }) => id !== '');
  return reader;
}

it('tells a reader of one space nothing of another, nor of sources that it may not read', async () => {
  const [all, own, author] = await Promise.all([open(rita), open(rita, '?space=hidden'), open(ana)]);
  await submit('hidden', 'unseen');
  await submit('team', 'seen');
  const told = await all.until(tells('seen'));
  expect(jobOfEvent(told ?? { data: '{}' }).sources?.[0]?.space).toBe('***');
  expect(JSON.stringify(all.events)).not.toMatch(/hidden|unseen|secret/);
  expect(jobOfEvent((await author.until(tells('unseen'))) ?? { data: '{}' }).sources?.[0]?.space).toBe(
    'secret',
  );
  expect(own.events.filter(({ event }) => event === 'job')).toEqual([]);
  // Resumed from before, it is told the same.
  const headers = { 'Last-Event-ID': all.events[0]?.id ?? '' };
  const resumed = readEvents(await rita.api('/jobs/events', { headers }));
  await resumed.until(({ event, id }) => event === '' && id !== '');
  expect(
    resumed.events.filter(({ event }) => event === 'job').map((event) => jobOfEvent(event).chart),
  ).toEqual(['seen']);
  await Promise.all([all, own, author, resumed].map((reader) => reader.close()));
});

it('counts and lists nothing of another space', async () => {
  await submit('hidden', 'uncounted');
  const seen = await (await rita.api('/jobs?state=queued&sort=updated')).text();
  expect(seen).not.toContain('hidden');
  expect(await (await rita.api('/jobs/counts?space=hidden')).json()).toMatchObject({
    queued: { count: 0, more: false },
  });
});

it('ends with a revoked token, and with the right to read the space', async () => {
  const token = await registry.addToken(ritaId);
  const [revoked, kept] = await Promise.all([open(token.client), open(rita, '?space=team')]);
  await registry.db.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [token.id]);
  await submit('team', 'after-revocation');
  await revoked.until(() => false);
  expect(JSON.stringify(revoked.events)).not.toContain('after-revocation');
  expect(await kept.until(tells('after-revocation'))).toBeDefined();
  await registry.setRole(ritaId, 'team', undefined);
  await submit('team', 'after-the-role');
  await kept.until(() => false);
  expect(JSON.stringify(kept.events)).not.toContain('after-the-role');
  await registry.setRole(ritaId, 'team', 'reader');
});

it('refuses wrong credentials before it begins', async () => {
  const response = await registry.anonymous.api('/jobs/events', {
    headers: { Authorization: 'Bearer hrt_x' },
  });
  expect(response.status).toBe(401);
});

it('shows the recipe of a job to its author, and to nobody who may not read its sources', async () => {
  const id = await submit('team', 'told');
  expect(await (await ana.api(`/jobs/${id}/recipe`)).json()).toMatchObject({ save: { chart: 'told' } });
  const denied = await rita.api(`/jobs/${id}/recipe`);
  expect(denied.status).toBe(403);
  const error = await errorOf(denied);
  expect([error.code, JSON.stringify(error).includes('secret')]).toEqual(['access.denied', false]);
  const absent = await submit('hidden', 'absent');
  expect((await rita.api(`/jobs/${absent}/recipe`)).status).toBe(404);
  expect((await registry.anonymous.api(`/jobs/${id}/recipe`)).status).toBe(401);
});
