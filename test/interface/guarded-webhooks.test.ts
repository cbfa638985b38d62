import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveriesOf, errorOf, jobOf, jobsOf } from '../support/answers.ts';
import type { TestClient } from '../support/client.ts';
import { type GuardedRegistry, startGuarded } from '../support/guarded.ts';
import { startReceiver } from '../support/receiver.ts';
import { createWebhooks, sendJson } from '../support/webhooks.ts';

let registry: GuardedRegistry;
/** Author: publisher of the target, reader of the secret source. */
let ana: TestClient;
let anaId: string;
/** Maintainer of the target, who may not read the secret source. */
let mia: TestClient;
let miaId: string;
let webhooks: ReturnType<typeof createWebhooks>;

beforeAll(async () => {
  registry = await startGuarded({}, { looksOften: true });
  for (const space of ['secret', 'team']) await registry.addSpace(space, 'private');
  await registry.addSpace('open', 'public');
  for (const space of ['secret', 'team', 'open'])
    expect((await registry.admin.upload(space, { name: `web-of-${space}` })).status).toBe(201);
  [anaId, miaId] = [await registry.addUser('ana'), await registry.addUser('mia')];
  await registry.setRole(anaId, 'team', 'publisher');
  await registry.setRole(anaId, 'secret', 'maintainer');
  await registry.setRole(miaId, 'team', 'maintainer');
  [ana, mia] = [(await registry.addToken(anaId)).client, (await registry.addToken(miaId)).client];
  webhooks = createWebhooks(mia, 'team');
});
afterAll(() => registry.close());

const recipe = (source: string, chart: string) => ({
  save: { chart, version: '1.0.0' },
  configs: { package: { independent: true, space: source, chart: `web-of-${source}`, version: '^1.0.0' } },
});
const timeout = { timeout: 30_000 };

describe('a webhook where access is guarded', () => {
  it('a webhook tells the sources that all readers of the space may know, and no others', async () => {
    const receiver = await startReceiver();
    const { id } = await webhooks.add({ url: receiver.url, events: ['job.*', 'version.published'] });
    for (const source of ['secret', 'team', 'open']) {
      const response = await ana.orchestrate('team', recipe(source, `from-${source}`));
      expect(response.status).toBe(201);
      const [{ event, body } = { event: undefined, body: '' }] = await receiver.called(
        1,
        (call) => call.type === 'job.succeeded' && call.event.data.chart === `from-${source}`,
      );
      expect(event?.data).toMatchObject({ space: 'team', author: 'ana', state: 'succeeded' });
      const named = `web-of-${source}`;
      if (source === 'secret') {
        expect(event?.data.sources).toMatchObject([{ space: '***', chart: '***', version: '***' }]);
        expect(body).not.toContain(named);
      } else expect(event?.data.sources).toMatchObject([{ space: source, chart: named, version: '1.0.0' }]);
    }
    const [published] = await receiver.called(
      1,
      ({ type, event }) => type === 'version.published' && event.data.chart === 'from-secret',
    );
    expect(published?.event.data.author).toBe('ana');
    expect(published?.body).not.toContain('web-of-secret');
    expect((await webhooks.remove(id)).status).toBe(204);
  });

  it('a webhook is told of a job that fails, with the code alone where the text may name a source', async () => {
    const receiver = await startReceiver();
    const { id } = await webhooks.add({ url: receiver.url, events: ['job.failed'] });
    // A job whose author is gone by the time that it ends.
    const [job] = await registry.db.query<{ id: string }>(
      `INSERT INTO jobs (id, state, space, space_id, chart, version, recipe, plan, sources, author_id, author, requeue_at)
       SELECT gen_random_uuid(), 'queued', j.space, j.space_id, 'refused', j.version, j.recipe, jsonb_set(j.plan, '{chart}', '"refused"'),
              j.sources, gen_random_uuid(), 'gone', now()
         FROM jobs j WHERE j.chart = 'from-secret' RETURNING id`,
    );
    const [failed] = await receiver.called(1);
    expect(failed?.event).toMatchObject({
      type: 'job.failed',
      data: { id: job?.id, state: 'failed', error: { code: 'access.denied' }, sources: [{ space: '***' }] },
    });
    expect(failed?.body).not.toContain('web-of-secret');
    // The maintainer sees the same job.
    const seen = await jobOf(await mia.api(`/jobs/${job?.id}`));
    expect(seen).toEqual(failed?.event.data);
    await webhooks.remove(id);
  });

  it('every change of a webhook, every call that somebody asks for and its pause are in the audit', async () => {
    const receiver = await startReceiver();
    receiver.answer(500);
    const { id } = await webhooks.add({ url: receiver.url, events: ['version.published'] });
    await webhooks.change(id, { description: 'for the team', rotateSecret: true });
    await webhooks.test(id);
    await ana.upload('team', { name: 'audited' });
    await receiver.called(1, ({ type }) => type === 'version.published');
    await expect.poll(async () => (await webhooks.get(id)).failing?.attempts, timeout).toBe(1);
    await registry.db.query("UPDATE webhooks SET failing_since = now() - interval '4 days' WHERE id = $1", [
      id,
    ]);
    const { items } = await webhooks.deliveries(id);
    const delivery = items.find(({ type }) => type === 'version.published')?.id ?? '';
    await webhooks.replay(id, delivery);
    await expect.poll(async () => (await webhooks.get(id)).state, timeout).toBe('paused');
    await webhooks.remove(id);
    const events = await registry.db.query<{ action: string; principal: string | null; text: string }>(
      `SELECT action, principal, details::text AS text FROM audit_events
        WHERE action LIKE 'webhook.%' AND details ->> 'webhook' = $1 ORDER BY at, number`,
      [id],
    );
    expect(events.map(({ action, principal }) => [action, principal])).toEqual([
      ['webhook.create', 'mia'],
      ['webhook.change', 'mia'],
      ['webhook.test', 'mia'],
      ['webhook.replay', 'mia'],
      ['webhook.pause', null],
      ['webhook.delete', 'mia'],
    ]);
    expect(JSON.stringify(events)).not.toMatch(/whsec_|hidden/);
  });

  it('a webhook is managed by maintainers alone, and by no token for some charts', async () => {
    const settings = { url: 'https://example.org/', events: ['*'] };
    const narrow = (await registry.addToken(miaId, { charts: ['web*'] })).client;
    const sven = (await registry.addToken(await registry.addUser('sven'))).client;
    for (const client of [ana, narrow, sven]) {
      expect((await sendJson(client, 'POST', webhooks.root, settings)).status).toBe(403);
      expect((await client.api(webhooks.root)).status).toBe(403);
    }
    expect((await registry.anonymous.api(webhooks.root)).status).toBe(401);
    const { id } = await webhooks.add(settings);
    // The id of a webhook opens it in no other space.
    const own = createWebhooks((await registry.addToken(anaId)).client, 'secret');
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect(
        (await sendJson(ana, method, `${own.root}/${id}`, method === 'PATCH' ? {} : undefined)).status,
      ).toBe(404);
    await registry.setRole(miaId, 'team', 'reader');
    expect((await sendJson(mia, 'PATCH', `${webhooks.root}/${id}`, { state: 'paused' })).status).toBe(403);
    await registry.setRole(miaId, 'team', 'maintainer');
  });
});

describe('the callback of a job where access is guarded', () => {
  it.each([
    ['ana', 'chart.publish', () => ({ client: ana, id: anaId, role: 'publisher' as const })],
    ['mia', 'webhook.manage', () => ({ client: mia, id: miaId, role: 'maintainer' as const })],
  ] as const)(
    'the callback of a job where access is guarded is not replayed by %s, whose right %s goes while the replay waits',
    async (name, right, who) => {
      const { client, id, role } = who();
      const receiver = await startReceiver();
      const chart = `called-for-${name}`;
      const body = { ...recipe('team', chart), callback: { url: receiver.url } };
      expect((await ana.orchestrate('team', body)).status).toBe(201);
      const [job] = (await jobsOf(await ana.api(`/jobs?space=team&chart=${chart}`))).items;
      const path = `/jobs/${job?.id}/deliveries`;
      const read = async () => (await deliveriesOf(await ana.api(path))).items[0];
      await expect.poll(async () => (await read())?.state, timeout).toBe('succeeded');
      const delivery = (await read())?.id;
      const replay = () => client.api(`${path}/${delivery}/replay`, { method: 'POST' });
      let asked: Promise<Response> | undefined;
      await registry.db.transaction(async (tx) => {
        await tx.query('SELECT FROM deliveries WHERE id = $1 FOR UPDATE', [delivery]);
        asked = replay();
        // The right was there when it was asked for, and the replay waits for the row.
        await expect
          .poll(
            () =>
              tx.query('SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))'),
            timeout,
          )
          .toHaveLength(1);
        await registry.setRole(id, 'team', 'reader');
      });
      const refused = await asked;
      expect(refused?.status).toBe(403);
      if (refused)
        expect(await errorOf(refused)).toMatchObject({ code: 'access.denied', details: { right } });
      expect((await read())?.state).toBe('succeeded');
      await registry.setRole(id, 'team', role);
      expect((await replay()).status).toBe(202);
      await receiver.called(2);
    },
  );
});
